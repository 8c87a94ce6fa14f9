"""The six lines on what a calibration has learnt."""

from simclinic.report.text.learnt import learnt_lines, today_line


def estimated(parameter, estimate, low=None, high=None, n=40):
    return {"parameter": parameter, "estimate": estimate, "low": low, "high": high, "n": n}


def test_each_line_says_the_estimate_with_its_interval():
    found = [
        estimated("demand.referrals_per_week", 3.36, 3.01, 3.74, 336),
        estimated("infusions of a series", 6.0),
        estimated("response.drop_out.1", 0.1515, 0.117, 0.194),
        estimated("attendance.no_show", 0.067, 0.058, 0.078, 2504),
        estimated("attendance.late_cancel", 0.063, 0.054, 0.073, 2504),
        estimated("minutes of a visit", 114.8, 113.7, 115.9, 2130),
        estimated("return_share after a series", 0.392, 0.329, 0.458),
        estimated("median days to return after a series", 38.4, 32.7, 45.4),
        estimated("return_share after a booster", 0.907, 0.876, 0.931),
        estimated("median days to return after a booster", None),
    ]
    assert learnt_lines({"estimates": found}) == [
        "New patients who begin a series each week: 3.36 (3.01 to 3.74), from 336 patients.",
        "A series has 6 infusions; 15 % (12 to 19 %) of the patients do not come again after the first infusion.",
        (
            "6.7 % (5.8 to 7.8 %) of the appointments are no-shows, and 6.3 % (5.4 to 7.3 %) are cancelled late, "
            "from 2,504 appointments."
        ),
        "Minutes of a visit, on average: 115 (114 to 116), from 2,130 visits.",
        "39 % (33 to 46 %) of the patients who finish a series come back; half of those come within 38 days.",
        "91 % (88 to 93 %) of the patients after a booster come back.",
    ]


def test_what_was_not_estimated_is_not_said():
    assert learnt_lines({"estimates": []}) == []
    assert learnt_lines({"estimates": [estimated("minutes of a visit", None, n=0)]}) == []


def test_todays_patients_are_counted():
    document = {"panel": {"series": 8, "maintained": 1167}, "export": {"as_of": "2026-01-03"}}
    assert today_line(document) == (
        "Today's patients, on 2026-01-03: 1,175, of whom 8 are in a series and 1,167 may come back for a booster."
    )
