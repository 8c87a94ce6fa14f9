"""Collects what one tree of the project computes; a script, so that the tree it runs is that of `PYTHONPATH`.

Only what is public is used, and :class:`simclinic.records.Records`, which the three tables are.
"""

import contextlib
import csv
import hashlib
import io
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

SHORT = ("run.weeks=3", "run.warm_up_weeks=4", 'run.begin="empty"')
"""A clinic of a few weeks shows every rule, and all scenarios together take a minute."""

SMALL = {
    "pauses": (
        "baseline",
        (),
        (
            'clinic.hours.mon=["08:00-12:00", "13:00-17:00"]',
            'clinic.hours.wed=["08:00-11:00", "12:15-17:00"]',
        ),
    ),
    "some weeks": (
        "baseline",
        (),
        (
            'clinic.hours.sat={ hours = "09:00-13:00", weeks = [1, 3] }',
            'clinic.hours.fri={ hours = "08:00-17:00", every = 2, from = 2026-01-09 }',
            'shifts.saturday={ days = ["sat"], hours = "09:00-13:00", nurses = 1, weeks = [1, 3] }',
            'clinic.closed_on=["2026-01-20/2026-01-21"]',
        ),
    ),
    "roles": (
        "baseline",
        (),
        (
            "roles.prescriber={ hour = 120 }",
            'shifts.doctor={ days = ["mon", "thu"], hours = "08:00-13:00", role = "prescriber", number = 1 }',
            'visit.steps.preparation.claims.prescriber={ need = "on-site", to_infusion = 1 }',
        ),
    ),
    "places": (
        "baseline",
        (),
        (
            "places.room={ number = 1 }",
            'visit.steps.talk={ minutes = 20, place = "room", probability = 0.5, before = "preparation" }',
        ),
    ),
    "standby": (
        "baseline",
        ("demand.referrals_per_week=20", "attendance.late_cancel=0.15"),
        ("booking.standby=0.4",),
    ),
    "standby and types": (
        "iv-and-esketamine",
        ("demand.referrals_per_week=20", "attendance.late_cancel=0.15"),
        ("booking.standby=0.5",),
    ),
    "typed": ("iv-and-esketamine", (), ('booking.types="typed"', "booking.convert_days=2")),
    "first": (
        "baseline",
        ('booking.mode="walk-in"', "clinic.chairs=2"),
        ('booking.first=["booster", "series"]',),
    ),
}
"""Small clinics with rules that no scenario has: by name: the scenario, what makes the rule show, and the rule."""

NOT_HELD = {
    *("code_version", "python", "packages", "started", "ended", "parts", "files", "made", "sha256"),
    *("path", "folder", "report", "file", "seconds", "traceback", "version", "written"),
}
"""Keys of documents that tell when, where and by which program something was made."""


def array_digest(values):
    """Digest an array: its type, its shape and its bytes, lowest first."""
    values = np.asarray(values)
    if values.dtype.kind in "OUSTMm":
        written = json.dumps([str(each) for each in values.tolist()])
        return f"text {values.shape} {hashlib.sha256(written.encode()).hexdigest()}"
    plain = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
    return f"{values.dtype.name} {values.shape} {hashlib.sha256(plain.tobytes()).hexdigest()}"


def leaves(value, at):
    """Walk through a document: every value with its address; a sentence by its address alone."""
    if isinstance(value, dict):
        yield at + "{}", " ".join(str(key) for key in value if key not in NOT_HELD)
        for key, each in value.items():
            if key not in NOT_HELD:
                yield from leaves(each, f"{at}.{key}")
    elif isinstance(value, list):
        if value and all(isinstance(each, str) and " " in each for each in value):
            yield at, "sentences"
            return
        yield at + "[]", str(len(value))
        for place, each in enumerate(value):
            yield from leaves(each, f"{at}[{place}]")
    elif isinstance(value, float):
        yield at, value.hex()
    elif isinstance(value, str) and " " in value:
        yield at, "a sentence"
    else:
        yield at, repr(value)


def table_digests(text, at):
    """Digest a CSV document by columns, each key figure by itself; a column with sentences by its name alone."""
    heads, *rows = csv.reader(io.StringIO(text))
    by = heads.index("kpi") if "kpi" in heads else None
    groups = {}
    for row in rows:
        groups.setdefault("" if by is None else f"/{row[by]}", []).append(row)
    for group, chosen in groups.items():
        yield f"{at}{group}", f"{len(chosen)} rows: {' '.join(heads)}"
        for place, head in enumerate(heads):
            cells = [row[place] for row in chosen]
            sentences = any(" " in cell for cell in cells)
            yield f"{at}{group}/{head}", "sentences" if sentences else array_digest(np.array(cells))


def folder_digests(folder, at):
    """Digest what is in a results folder, reports left out."""
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = f"{at}/{file.relative_to(folder).as_posix()}"
        if file.suffix == ".parquet":
            table = pq.read_table(file)
            yield name, f"{table.num_rows} rows: {' '.join(table.column_names)}"
            for column in table.column_names:
                yield f"{name}/{column}", array_digest(table[column].to_numpy())
        elif file.suffix == ".json":
            yield from leaves(json.loads(file.read_text()), name)
        elif file.suffix == ".jsonl":
            for number, line in enumerate(file.read_text().splitlines()):
                yield from leaves(json.loads(line), f"{name}:{number}")
        elif file.suffix == ".csv":
            yield from table_digests(file.read_text(), name)
        elif file.suffix == ".toml":
            yield from leaves(tomllib.loads(file.read_text()), name)  # comments are sentences


class Watched:
    """Digests every set of three tables that is made while it is used."""

    def __init__(self, at, digests):
        self.at, self.digests, self.count = at, digests, 0

    def __enter__(self):
        from simclinic.records import Records

        self.records, self.begin = Records, Records.__init__

        def begun(records, *arguments, **named):
            self.begin(records, *arguments, **named)
            self.keep(records)

        Records.__init__ = begun
        return self

    def __exit__(self, *_):
        self.records.__init__ = self.begin
        assert self.count, f"{self.at}: no tables were seen"

    def keep(self, records):
        at, self.count = f"{self.at}/tables {self.count}", self.count + 1
        for name in ("patients", "visits", "days"):
            table = getattr(records, name)
            self.digests[f"{at}/{name}"] = " ".join(table)
            for column, values in table.items():
                self.digests[f"{at}/{name}/{column}"] = array_digest(values)
        for name in ("start", "first_day", "days_measured", "protocols", "steps", "shifts"):
            self.digests[f"{at}/{name}"] = repr(getattr(records, name))


def program(*arguments, cwd):
    """Run a command of the tree's program."""
    return subprocess.run(
        [sys.executable, "-m", "simclinic", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SIMCLINIC_NO_REPORT": "1", "COLUMNS": "200"},
    )


def collect(scenarios, work, only=""):
    """Run the fixed set, and give every digest by its address.

    Parameters
    ----------
    scenarios
        The folder of scenarios: the same one for both trees.
    work
        An empty folder.
    only
        Only the steps whose name has this in it, and those they need.
    """
    import simclinic
    from simclinic.errors import ScenarioError

    digests = {}

    def command(name, *arguments, out=True):
        """Run a command, and digest what it prints and what it leaves in a folder or file of that name."""
        if only not in name:
            return
        kept = work / name
        done = program(*arguments, *(("--out", kept) if out else ()), cwd=work)
        digests[f"{name}: status"] = str(done.returncode)
        assert done.returncode in (0, 1), f"{name}: {done.stderr}"
        if "--json" in arguments:
            digests.update(leaves(json.loads(done.stdout), f"{name}: printed"))
        if kept.is_dir():
            digests.update(folder_digests(kept, name))
        elif kept.is_file():
            digests[name] = array_digest(np.array(kept.read_text().splitlines()))

    def simulated(name, clinic, **arguments):
        """Run a clinic in this process, and digest its tables and the folder."""
        if only not in name:
            return
        with Watched(name, digests):
            clinic.run(2, workers=1, out=work / name, **arguments)
        digests.update(folder_digests(work / name, name))

    data, studies = scenarios / "data", scenarios / "studies"
    plain = sorted(scenarios.glob("*.toml"))
    baseline, history = scenarios / "baseline.toml", (data / "visits.csv", "--whole-history")
    weeks, *beginning = (("--set", override) for override in SHORT)
    warm_up = tuple(word for each in beginning for word in each)
    short, twice = (*weeks, *warm_up), ("--replications", 2, "--json")
    here = ("--panel", data / "panel.csv")
    for file in [*plain, *sorted((scenarios / "verification").glob("*.toml"))]:
        simulated(f"run {file.stem}", simclinic.load(file, SHORT))
    for name, (base, around, rule) in SMALL.items():
        # A rule that the commit before does not know is new; one that the commit after refuses is missing from it.
        with contextlib.suppress(ScenarioError):
            clinic = simclinic.load(scenarios / f"{base}.toml", (*SHORT, *around, *rule))
            simulated(f"run {name}", clinic)
    simulated("run in pairs", simclinic.load(baseline, SHORT), antithetic=True)
    simulated("run from today", simclinic.load(baseline, SHORT[:1]), panel=here[1])
    command("check", "check", *plain, "--json", out=False)
    command("command", "run", baseline, *short, *twice, "--workers", 2)
    command("until", "run", baseline, *short, "--replications", "auto", "--precision", "30%", "--json")
    if (work / "command").is_dir():
        command("results of command", "results", work / "command", "--json", out=False)
    command("compare", "compare", *plain[:2], *short, *twice)
    command(
        "compare protocols", "compare", baseline, "--protocols", "twice-weekly,thrice-weekly", *short, *twice
    )
    command("compare from today", "compare", *plain[:2], *here, *weeks, *twice)
    for file in sorted(studies.glob("*.toml")):
        command(f"sweep {file.stem}", "sweep", file, *short, "--replications", 1, "--json")
    few = (*weeks, "--at-most", 20, "--json")
    command("bottleneck", "bottleneck", baseline, *short, *twice)
    command("intake", "intake", baseline, *few, *warm_up, "--step", "50%")
    command("plan", "plan", baseline, *few, *warm_up, "--over", "shifts.day.nurses=1:2")
    command("template", "template", baseline, *few, *warm_up, "--slack", "0,20", "--grid", 30)
    command("calibrate", "calibrate", *history, "--json")
    fitted = work / "calibrate"
    uncertain = [name for name in ("run uncertain", "forecast uncertain") if only in name]
    if uncertain and not fitted.exists():
        program("calibrate", *history, "--out", fitted, cwd=work)
    panel, clinic = fitted / "panel.csv", fitted / "scenario.toml"
    if uncertain:
        simulated("run uncertain", simclinic.load(clinic, SHORT[:1]), panel=panel, uncertain=True)
    futures = ("--weeks", 6, "--replications", 4, "--json")
    command("forecast", "forecast", baseline, *here, *futures)
    command("forecast uncertain", "forecast", clinic, "--panel", panel, *futures)
    command("backtest", "forecast", "--backtest", *history, "--cut", "2025-10-06", *futures)
    for form in ("csv", "vidigi", "xes"):
        command(f"events {form}", "events", baseline, *short, "--format", form)
    return digests


if __name__ == "__main__":
    folder, into, wanted = sys.argv[1:]
    os.environ["SIMCLINIC_NO_REPORT"] = "1"
    digests = collect(Path(folder), Path(into), wanted)
    (Path(into) / "digests.json").write_text(json.dumps(digests))
