"""What happens at one moment, on a day made by hand."""

from tests.model.small import clinic, run

TWO_CHAIRS = """
[clinic]
chairs = 2
[shifts.day]
days = ["mon"]
hours = "08:00-17:00"
nurses = 1
[shifts.early]
days = ["mon"]
hours = "08:00-08:30"
nurses = 1
[booking]
mode = "walk-in"
[visit.steps.preparation]
minutes = 10
nurse = "hands-on"
[visit.steps.infusion]
minutes = 40
"""
"""Two chairs, and one nurse from half past eight on."""


def test_who_comes_to_a_free_chair_asks_for_hands_before_who_is_given_one_at_that_moment():
    """Two leave at 08:50. One has waited for a chair since 08:20; the nurse begins with one who comes at 08:50."""
    visits = run(clinic(TWO_CHAIRS, referrals=[(0, 480), (0, 480), (0, 500), (0, 530)])).visits
    assert visits["arrived"].tolist() == [480, 480, 500, 530]
    assert visits["chair_from"].tolist() == [480, 480, 530, 530]
    assert visits["chair_free"].tolist() == [530, 530, 590, 580]
