"""What the tests of scenarios share: a scenario from a few lines, and the problems of a broken one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from simclinic.errors import Problem, ScenarioError
from simclinic.scenario import Scenario, from_toml

Problems = Callable[..., tuple[Problem, ...]]


@pytest.fixture
def problems() -> Problems:
    """Give the problems of a scenario text; an error of any other kind fails the test."""

    def problems_of(text: str, overrides: Sequence[str] = ()) -> tuple[Problem, ...]:
        with pytest.raises(ScenarioError) as caught:
            from_toml(f'name = "x"\n{text}', overrides, name="x.toml")
        assert caught.value.problems
        return caught.value.problems

    return problems_of


@pytest.fixture
def scenario() -> Callable[..., Scenario]:
    """Make a scenario from a few lines."""

    def made(text: str = "", overrides: Sequence[str] = ()) -> Scenario:
        return from_toml(f'name = "x"\n{text}', overrides)

    return made
