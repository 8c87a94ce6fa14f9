"""Intervals hold the mean as often as they say, of clinics whose mean is known from thousands of replications."""

import pytest

from simclinic.measures import KPIS
from tests.measures.coverage import CASES, LEAST, covered, read

CHANCE = 0.035
"""Four standard errors of a share of 0.95 in 500 studies, and what other machines' last bits may move."""


def test_the_page_has_every_figure_and_says_where_an_interval_covers_too_little():
    page = read()
    assert list(page) == list(KPIS)
    for name, kpi in KPIS.items():
        least = min(page[name])
        assert kpi.coverage == (None if least >= LEAST else pytest.approx(least, abs=0.01)), name


@pytest.mark.long
@pytest.mark.parametrize("place", range(len(CASES)), ids=[case.title for case in CASES])
def test_every_interval_covers_what_the_page_says(place):
    """Five minutes for each clinic, on a quiet machine."""
    case = CASES[place]
    page, result = read(), covered(case, case.simulate())
    for name, kpi in KPIS.items():
        share, _ = result[name]
        assert share >= (LEAST if kpi.coverage is None else kpi.coverage - CHANCE), name
        assert share == pytest.approx(page[name][place], abs=CHANCE), name
