"""The page on the two protocols shows what comes out."""

import pytest

from simclinic.experiment.precision import needed
from tests.docs.pages import tables
from tests.docs.protocols import PAGE, rewritten


@pytest.mark.long
def test_its_tables_are_what_comes_out():
    text = PAGE.read_text(encoding="utf-8")
    assert rewritten(text) == text


def test_ratios_and_replications_agree():
    """As many times fewer replications as the variance ratio says, but for Student and whole numbers."""
    (table,) = (one for one in tables("docs/background/protocols.md") if "variance ratio" in one[0])
    for _, ratio, interval, _, same, apart in table[1:]:
        same, apart, ratio = int(same), int(apart), float(ratio.replace(",", ""))
        low, high = (float(bound.replace(",", "")) for bound in interval.split(" to "))
        assert low <= ratio <= high
        assert same < apart
        if same > 20:
            assert apart / same == pytest.approx(ratio, rel=0.2)
    assert needed(1.0, 0.1) == 387
