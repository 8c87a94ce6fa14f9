"""Scenarios drawn at the edges of what can be written: each is refused, ends, or is broken off by a count."""

import pytest

from tests.faults.extremes import what_becomes_of


def became(seeds):
    results = [what_becomes_of(seed) for seed in seeds]
    # Neither would show anything if the other did not come about.
    assert "ended" in results
    assert "refused" in results


def test_scenarios_at_the_extremes_come_to_an_end():
    became(range(60))


@pytest.mark.long
def test_thousands_of_scenarios_at_the_extremes_come_to_an_end():
    became(range(1000, 4000))
