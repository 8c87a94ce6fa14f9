"""Bugs that somebody could make, each as one change of the package's text, and the tests that must notice.

A mutant whose text is gone is an error, not a success: whoever changes the line changes the mutant, too.
"""

from tests.mutation.mutants import (
    calibration,
    experiment,
    fast,
    measures,
    model,
    others,
    past,
    planning,
    report,
    sampling,
    scenario,
    store,
    studies,
    web,
)

AREAS = (
    calibration,
    experiment,
    fast,
    measures,
    model,
    others,
    past,
    planning,
    report,
    sampling,
    scenario,
    store,
    studies,
    web,
)
MUTANTS = tuple(mutant for area in AREAS for mutant in area.MUTANTS)
