"""A planted bug."""

from typing import NamedTuple


class Mutant(NamedTuple):
    """A planted bug.

    Attributes
    ----------
    name
        What is wrong.
    file
        Where, below `simclinic/`.
    right, wrong
        The text, which stands there once, and what takes its place.
    tests
        Tests of the short tier that ought to notice, as pytest names them, below `tests/`.
    """

    name: str
    file: str
    right: str
    wrong: str
    tests: tuple[str, ...]
