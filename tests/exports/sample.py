"""The sample export that the documentation works with, and the clinic behind it."""

from pathlib import Path

from simclinic.model import simulate
from simclinic.sampling.draws import draw
from simclinic.scenario import Scenario, from_toml
from tests.exports.dirt import MILD, Soiled, soil
from tests.exports.export import clean
from tests.exports.panel import panel
from tests.exports.people import IN_PROGRAMME, IN_SERIES, LEFT, NOT_STARTED, WELL
from tests.exports.truth import Returns

FOLDER = Path(__file__).parents[2] / "scenarios" / "data"

CLINIC = """\
name = "The clinic behind visits.csv"
description = "A young clinic with two chairs, invented: what should a calibration from its export find?"

[run]
start = 2024-01-08                               # the day it opened, and the export's first day
begin = "empty"
warm_up_weeks = 0                                # nobody was treated before
weeks = 104                                      # the export was made on Monday, 2026-01-05
replications = 1
seed = 20260105

[clinic]
chairs = 2
closed_on = ["01-01", "07-04", "12-25"]

[demand]
referrals_per_week = 6.5

[attendance]
no_show = 0.07
late_cancel = 0.06

[visit.steps.preparation]
minutes = { dist = "gamma", mean = 15, cv = 0.3 }
first_visit_extra_minutes = 25
nurse = "hands-on"
[visit.steps.infusion]
minutes = 40
nurse = "watch"
patients_per_nurse = 2
[visit.steps.recovery]                           # longer than typical
minutes = { dist = "lognormal", median = 40, sigma = 0.3, at_least = 30 }
nurse = "watch"
patients_per_nurse = 4
[visit.steps.discharge]
minutes = { dist = "gamma", mean = 10, cv = 0.3 }
nurse = "hands-on"
[visit.steps.turnover]
minutes = 10
patient = false
[visit.complications.prolonged-recovery]
step = "recovery"
probability = 0.05
extra_minutes = { dist = "exponential", mean = 45 }

[response]
probability = 0.60
drop_out = [0.13, 0.06, 0.04, 0.03, 0.03]

[relapse]
# slower than in the trials, faster than in the community
days = { dist = "lognormal", median = 34, sigma = 0.8, never = 0.22 }

[boosters]
uptake = 0.75
attrition = 0.08
days = { dist = "lognormal", median = 33, sigma = 0.45 }
self_report = 0.8
"""

README = """\
# Sample data

`visits.csv` is what a booking system's export of two years looks like: one row for each appointment of a clinic
from its first day, 8 January 2024, to 4 January 2026. **It is invented**; no patient is real. It was simulated,
given record numbers, and then given some errors, as real exports have:

{dirt}

| column | meaning |
| --- | --- |
| `patient` | record number |
| `date` | date and time of the appointment |
| `kind` | `induction` (of the series) or `booster` |
| `status` | `completed`, `no-show` or `cancelled` |
| `checked_in`, `left` | when the patient came and went; empty if they did not come |

`truth.toml` is the clinic behind it, a scenario that can be run. Comments below it list the values that a
calibration should find, within its intervals: its only data are two years of one small clinic.

`panel.csv` holds today's patients of another clinic, as `simclinic forecast --panel` reads them: {patients}
patients of a busy clinic in its third year, as of the morning of 5 January 2026. **They are invented**, too.

| column | meaning |
| --- | --- |
| `patient` | record number |
| `stage` | `waiting` for a first infusion, in the `series`, or `maintained`: has completed a series and responded |
| `referred_on` | date of referral |
| `protocol` | the scenario's name of it |
| `infusions_done`, `boosters_done` | infusions of the series, and boosters, so far |
| `last_infusion_on` | date of the last of them |
| `next_appointment` | date, or date and time, of an appointment already made |

All of it is written by `python -m tests.exports`.
"""


def scenario() -> Scenario:
    return from_toml(CLINIC)


def made() -> Soiled:
    """Simulate the clinic and soil its export."""
    clinic = scenario()
    records = simulate(clinic, draw(clinic, clinic.run.seed, 0))
    return soil(clean(records, clinic, seed=clinic.run.seed, kind=True), clinic.run.seed, MILD)


def files() -> dict[str, bytes]:
    """Contents of the sample's files by name."""
    soiled, today = made(), panel()
    dirt = "\n".join(f"- {kind}: {count}" for kind, count in soiled.counts.items())
    return {
        "visits.csv": soiled.data,
        "truth.toml": (CLINIC + "\n" + "\n".join(_truth(soiled)) + "\n").encode(),
        "panel.csv": today.encode(),
        "README.md": README.format(dirt=dirt, patients=today.count("\n") - 1).encode(),
    }


def _truth(soiled: Soiled) -> list[str]:
    """Write the true values as comments."""
    truth, values = soiled.truth, soiled.truth.values
    drop_out = ", ".join(f"{share:.2f}" for share in values.drop_out)
    minutes = ", ".join(f"{mean:.1f}" for mean in values.visit_minutes)
    stages = ", ".join(
        f"{sum(person.stage == stage for person in truth.people)} {stage}"
        for stage in (NOT_STARTED, IN_SERIES, WELL, IN_PROGRAMME, LEFT)
    )
    lines = [
        "What an endless export of this clinic would tell (worked out, not simulated):",
        "",
        f"new series per week            {values.starts_per_week:.3f}, if nobody is turned away",
        f"drop-out after infusion k      {drop_out}",
        f"series completed               {values.completes:.3f} of those begun",
        f"no-shows, late cancellations   {values.no_show:.2f}, {values.late_cancel:.2f} of appointments",
        f"return after a series          {_returns(values.after_series)}",
        "                               = response x (1 - never) x uptake, of all who completed a series,",
        f"                               less those who relapse after {values.after_series.within:g} days",
        f"return after a booster         {_returns(values.after_booster)}",
        "                               = 1 - attrition",
        f"visit, minutes by infusion     {minutes}; booster {values.booster_minutes:.1f}",
        "                               from the first step to leaving; an export adds waiting, and being early",
        "",
        "The days are from the end of the last infusion to the relapse. In the export the booster comes later, by",
        f"{', '.join(values.delays)}.",
        "",
        f"In the file: {len(soiled.readable)} appointments of {len(truth.people)} patients, "
        + ", ".join(f"{count} {status}" for status, count in truth.statuses.items())
        + ";",
        f"of the cancelled, {truth.cancelled_by_clinic} by the clinic. On 5 January 2026 the patients are really:",
        f"{stages}.",
    ]
    return [f"# {line}".rstrip() for line in lines]


def _returns(returns: Returns) -> str:
    distribution = returns.distribution
    return (
        f"{returns.share:.3f}; days lognormal, median {distribution.written().get('median', 0):g}, sigma "
        f"{distribution.sigma:g}, "
        f"within {returns.within:g}"
    )
