"""The sentence about a calibrated clinic that begins steady, without its own patients."""

import pytest

from simclinic.scenario import from_toml
from simclinic.studies.today import empty_start_warnings

CALIBRATED = "[calibrated]\nas_of = 2026-01-03\npatients = 175\nboosters_per_week = 8.54\n"


@pytest.mark.parametrize(("weeks", "when"), [(13, ", 13 weeks before the first measured one"), (0, "")])
def test_a_calibrated_clinic_that_begins_steady_says_so(weeks, when):
    scenario = from_toml(f'name = "x"\n[run]\nbegin = "steady"\nwarm_up_weeks = {weeks}\n{CALIBRATED}')
    (sentence,) = empty_start_warnings(scenario)
    assert sentence.startswith(
        f"the simulation began with the clinic to which these estimates lead after many years{when}; at its "
        "calibration the clinic had 175 patients on 2026-01-03"
    )
