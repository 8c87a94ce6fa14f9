"""Plans small enough to be laid out by hand."""

ONE_CHAIR = """
name = "One chair"
[run]
begin = "empty"
warm_up_weeks = 0
weeks = 2
[clinic]
chairs = 1
[clinic.hours]
mon = "08:00-12:00"
wed = "08:30-12:00"
[shifts.day]
days = ["mon", "wed"]
hours = "08:00-12:00"
nurses = 1
[visit.steps.start]
minutes = 15
nurse = "hands-on"
[visit.steps.drip]
minutes = 45
nurse = "watch"
patients_per_nurse = 2
"""
