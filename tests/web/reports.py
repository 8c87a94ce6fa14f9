"""Small studies for tests of reports; every name and text in them contains markup."""

from pathlib import Path

from simclinic.scenario import from_toml
from simclinic.scenario.panel import read_panel
from simclinic.studies.bottleneck import bottleneck
from simclinic.studies.calibrate import calibrate
from simclinic.studies.compare import compare, sides
from simclinic.studies.folders.report import report
from simclinic.studies.forecast import forecast, from_today
from simclinic.studies.intake import intake
from simclinic.studies.run import run
from simclinic.studies.run_options import RunOptions
from simclinic.studies.study_file import load_study
from simclinic.studies.sweep import sweep
from tests.calibration.clinic import export, rows

STUDIES = ("run", "compare", "sweep", "forecast", "calibrate", "bottleneck", "intake")

EVIL = """</script><script>window.hurt=1</script><img src=x onerror='window.hurt=1'><b>bold</b>"""
"""What somebody might call a clinic."""

SMALL = f'''
name = """{EVIL}"""
description = """{EVIL} Is this text?"""
[run]
begin = "empty"
warm_up_weeks = 8
weeks = 9
replications = 4
[finance]
currency = "USD"
'''

PANEL = """patient,stage,referred_on,protocol,infusions_done,last_infusion_on,boosters_done,next_appointment
<script>window.hurt=1</script>,series,2026-01-29,twice-weekly,3,2026-03-02,0,2026-03-05
B,maintained,2025-06-11,twice-weekly,6,2026-02-11,4,
C,waiting,2026-02-20,,,,,
"""


def make(study: str, place: Path) -> Path:
    """Make a study's results folder and its report."""
    place.mkdir(parents=True)
    clinic, out = from_toml(SMALL), place / "out"
    if study == "run":
        run(clinic, out=out)
    elif study == "compare":
        compare(sides([clinic], ["twice-weekly", "thrice-weekly"]), out=out)
    elif study == "sweep":
        (place / "clinic.toml").write_text(SMALL)
        (place / "study.toml").write_text(
            f'name = """{EVIL}"""\nscenario = "clinic.toml"\nreplications = 2\ndesign = "grid"\n'
            '[factors]\n"clinic.chairs" = [2, 3]\n"shifts.day.nurses" = [1, 2]\n'
        )
        sweep(load_study(place / "study.toml"), out=out)
    elif study == "forecast":
        (place / "panel.csv").write_text(PANEL)
        panel = read_panel(place / "panel.csv", clinic)
        forecast(from_today(clinic, panel, weeks=6, replications=5), panel, out=out)
    elif study == "bottleneck":
        bottleneck(clinic, options=RunOptions(out=out))
    elif study == "intake":
        intake(clinic, at_most=20, options=RunOptions(out=out))
    else:
        (place / "visits.csv").write_text(export(rows(60, 3.0, 1)))
        (place / "base.toml").write_text(SMALL)
        calibrate(place / "visits.csv", base=place / "base.toml", out=out)
    return report(out)
