import pytest

from simclinic.scenario.positions import line_of, positions

TEXT = """\
# a comment
name = "x"
[clinic]
chairs = 3
closed_on = [
  "12-25",  # Christmas
  2026-01-01,
]
[clinic.hours]
mon = "24h"
[visit.steps."my step"]
minutes = { dist = "gamma", mean = 15,
  cv = 0.3 }
"quoted.key" = 1
'literal' = 2
[changes."2026-06-01"]
"clinic.chairs" = 4
a.b . "c" = 5
"\\u0061\\"" = 6
[[list]]
x = 1
[[list]]
x = 2
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("name",), 2),
        (("clinic",), 3),
        (("clinic", "chairs"), 4),
        (("clinic", "closed_on"), 5),
        (("clinic", "closed_on", 0), 6),
        (("clinic", "closed_on", 1), 7),
        (("clinic", "hours", "mon"), 10),
        (("visit",), 11),
        (("visit", "steps", "my step"), 11),
        (("visit", "steps", "my step", "minutes", "mean"), 12),
        (("visit", "steps", "my step", "quoted.key"), 14),
        (("visit", "steps", "my step", "literal"), 15),
        (("changes", "2026-06-01", "clinic.chairs"), 17),
        (("changes", "2026-06-01", "a"), 18),
        (("changes", "2026-06-01", "a", "b", "c"), 18),
        (("changes", "2026-06-01", 'a"'), 19),
        (("list", 0, "x"), 21),
        (("list", 1, "x"), 23),
        (("clinic", "hours", "sun"), 9),
        (("clinic", "closed_on", 7), 5),
        (("nowhere",), None),
        ((), None),
    ],
)
def test_lines(path, line):
    assert line_of(path, positions(TEXT)) == line


def test_a_deep_file_does_not_exhaust_the_stack():
    assert positions("x = " + "[" * 20_000 + "]" * 20_000)[("x",)] == 1
