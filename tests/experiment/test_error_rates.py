"""The error rates of confidence sequences are those of the page, and within what is stated."""

import math

import numpy as np
import pytest

from tests.experiment.error_rates import ALPHA, CORRELATIONS, LAWS, ONE, PAGE, single, study


def page(name):
    """The numbers of a table of the page, a list for each row."""
    text = PAGE.read_text(encoding="utf-8").split(f"<!-- from the program: {name} -->\n")[1]
    rows = text[: text.index("<!-- end")].strip().splitlines()[2:]
    cells = [row.strip("| ").split(" | ")[2:] for row in rows]
    return [[[float(each) for each in cell.strip(" %").split(" · ")] for cell in row] for row in cells]


def test_the_page_shows_the_rates_that_are_promised_to_be_kept():
    table = page("studies")
    assert len(table) == len(page("single")) == len(LAWS)
    for law, (certified, excluded, either) in zip(LAWS, table, strict=True):
        if law.holds:
            assert max(certified) <= 50 * ALPHA
            assert max(excluded) <= 50 * ALPHA
            assert max(either) <= 100 * ALPHA


@pytest.mark.long
@pytest.mark.parametrize("at", range(len(LAWS)), ids=[f"{law.title}, {law.kind}" for law in LAWS])
def test_studies_of_twelve_plans_and_two_targets_are_as_wrong_as_the_page_says(at):
    """2,000 studies at correlations of 0, 0.5 and 0.9: false certificates and exclusions within alpha."""
    rng = np.random.default_rng(100 + at)
    for place, correlation in enumerate(CORRELATIONS):
        result = study(LAWS[at], correlation, 2000, rng)
        for share, cell in zip(result, page("studies")[at], strict=True):
            chance = 5 * math.sqrt(max(share * (1 - share), 0.0005) / 1000)
            assert 100 * share == pytest.approx(cell[place], abs=100 * chance + 0.05)
        if LAWS[at].holds:
            assert result[0] <= ALPHA / 2
            assert result[1] <= ALPHA / 2


@pytest.mark.long
@pytest.mark.parametrize("at", range(len(LAWS)), ids=[f"{law.title}, {law.kind}" for law in LAWS])
def test_single_figures_are_as_wrong_as_the_page_says(at):
    result = single(LAWS[at], 20_000, np.random.default_rng(200 + at))
    for share, (cell,) in zip(result, page("single")[at], strict=True):
        assert 100 * share == pytest.approx(cell, abs=0.05 + 50 * math.sqrt(max(share, 1e-4) / 20_000) * 10)
    if LAWS[at].holds:
        assert max(result) <= ONE * 1.2
