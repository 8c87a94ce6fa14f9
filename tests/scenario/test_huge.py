"""A number with thousands of digits, where a word belongs, is refused like any other."""

import pytest

from simclinic.errors import ScenarioError
from simclinic.scenario import from_toml


def test_a_number_too_long_to_print_is_no_word():
    with pytest.raises(ScenarioError, match="series: must be"):
        from_toml(f'name = "a"\n[booking]\nseries = 0x{"f" * 5000}\n')
