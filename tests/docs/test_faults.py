"""The table of what can go wrong names the tests that make it happen, and leaves none out."""

import re

from tests.docs.pages import ROOT, tables


def defined_in(file: str) -> set[str]:
    return set(re.findall(r"^def (test_\w+)", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE))


def named() -> set[tuple[str, str]]:
    """Files and tests that the table names; a test without a file is in that of the one before."""
    (table,) = (one for one in tables("docs/background/runs.md") if one[0][0] == "what happens")
    results = set()
    for _, _, cell in table[1:]:
        file = ""
        for name in re.findall(r"`([^`]+)`", cell):
            place, _, test = name.rpartition("::")
            if place:
                file = place if "/" in place else f"tests/faults/{place}"
            results.add((file, test))
    return results


def test_every_test_that_is_named_exists():
    for file, test in named():
        assert test in defined_in(file), f"{file}::{test}"


def test_no_fault_is_left_out():
    there = {
        (file.relative_to(ROOT).as_posix(), test)
        for file in (ROOT / "tests" / "faults").glob("test_*.py")
        for test in defined_in(file.relative_to(ROOT).as_posix())
    }
    # what a sweep costs is no fault
    there = {(file, test) for file, test in there if "bookkeeping" not in test}
    assert there - named() == set()
