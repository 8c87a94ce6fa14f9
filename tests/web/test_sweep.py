"""Every screen of the page in each of its states: accessible, no wider than the window, in the page's own words."""

import pytest

pytest.importorskip("fastapi", reason="the extra web is not installed")
pytest.importorskip("uvicorn", reason="the extra web is not installed")

from tests.web.sweep import PARTS, SCHEMES, WIDTHS, Tour, clinics, looked_at
from tests.web.test_serve import violations
from tests.web.walk import serving

SEEN = {
    "few": 4,
    "start": 9,
    "cope": 4,
    "one_more": 5,
    "how_many": 5,
    "cheapest": 5,
    "template": 7,
    "others": 5,
    "patients_to_come": 11,
    "patients": 6,
    "given": 35,
}
"""Views of each part: fewer mean that one was not reached."""


@pytest.mark.parametrize(
    ("part", "widths", "schemes"),
    [
        ("few", WIDTHS[1:], SCHEMES[1:]),
        *(pytest.param(part, WIDTHS, SCHEMES, marks=pytest.mark.long) for part in PARTS),
    ],
)
def test_every_screen_is_accessible(browser, tmp_path, part, widths, schemes):
    clinics(tmp_path)
    wrong, seen = [], 0
    with serving(tmp_path) as address:
        page = browser.new_context().new_page()
        for view in Tour(page, address, tmp_path).views([part]):
            seen += 1
            for variant, found in looked_at(page, violations, widths, schemes):
                wrong += [(*view, variant, each) for each in found]
        page.context.close()
    assert wrong == []
    assert seen == SEEN[part]
