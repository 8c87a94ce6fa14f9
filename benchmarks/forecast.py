"""How long a forecast takes: 500 futures of half a year from the sample panel, under one relapse law."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from simclinic.experiment import executor_for
from simclinic.scenario import load
from simclinic.scenario.panel import read_panel
from simclinic.studies.forecast import forecast, from_today

SCENARIOS = Path(__file__).parents[1] / "scenarios"
FUTURES = 500
WORKERS = 2


def seconds(futures: int = FUTURES, workers: int = WORKERS) -> float:
    """Measure a forecast, from the panel's file to the stored results."""
    begun = time.perf_counter()
    clinic = load(SCENARIOS / "baseline.toml")
    panel = read_panel(SCENARIOS / "data" / "panel.csv", clinic)
    beginning = from_today(clinic, panel, weeks=26, replications=futures)
    with tempfile.TemporaryDirectory() as folder, executor_for(workers, None) as executor:
        forecast(beginning, panel, own_law=True, out=Path(folder) / "out", executor=executor)
    return time.perf_counter() - begun


def told() -> None:
    """Print it."""
    taken = seconds()
    print(f"A forecast: {FUTURES} futures of 26 weeks from the sample panel, {WORKERS} processes")
    print(f"  {taken:.1f} s, {taken / FUTURES * 1e3:.0f} ms a future")
