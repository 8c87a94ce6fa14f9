"""The tests themselves on trial: bugs planted into a copy of the package are noticed."""

import pytest

from tests.mutation.mutants import MUTANTS
from tests.mutation.plant import HOUSE, check, copy, imported_from, plant


def test_every_mutant_still_has_its_place():
    for mutant in MUTANTS:
        text = (HOUSE / "simclinic" / mutant.file).read_text(encoding="utf-8")
        assert text.count(mutant.right) == 1, mutant.name
        if mutant.file.endswith(".py"):
            compile(text.replace(mutant.right, mutant.wrong), mutant.file, "exec")
        for test in mutant.tests:
            file, _, function = test.partition("::")
            assert f"def {function}" in (HOUSE / "tests" / file).read_text(encoding="utf-8"), test
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)


@pytest.fixture(scope="module")
def place():
    with copy() as folder:
        yield folder


@pytest.mark.long
def test_the_copy_is_what_is_tested_and_is_sound(place):
    assert imported_from(place) == place.resolve()
    everything = tuple(dict.fromkeys(name for mutant in MUTANTS for name in mutant.tests))
    assert not check(place, everything).caught


@pytest.mark.long
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_planted_bugs_are_caught(place, mutant):
    assert plant(place, mutant).caught
