"""Prices in an export: how amounts are written, and which visits have one."""

import datetime as dt
import math
from pathlib import Path

import numpy as np
import pytest

from simclinic.calibration import CalibrationResult, Options, calibrate
from simclinic.calibration.prices import prices_of_visits, read_amount
from simclinic.calibration.quality import Quality
from tests.calibration.test_types import AS_OF, KINDS, rows, wide

PRICES = {"Ketamine": 500, "Spravato": 1150, "Touch-up": 300}


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("600", 600.0),
        ("$1,150.00", 1150.0),
        ("1.150,50 €", 1150.5),
        ("1,150", 1150.0),
        ("CHF 1'150.-", 1150.0),
        ("12,50", 12.5),
        ("1,234,567", 1234567.0),
        ("0.00", 0.0),
        ("waived", math.nan),
        ("(50)", math.nan),
        ("-50", math.nan),
        ("2024-01-05", math.nan),
        ("", math.nan),
    ],
)
def test_amounts(text: str, amount: float) -> None:
    assert read_amount(text) == pytest.approx(amount, nan_ok=True)


def test_a_price_over_several_rows_is_unknown() -> None:
    """Patient 0 has two rows on day 1; the missed appointment of patient 1 has no price."""
    patient, day = np.array([0, 0, *range(1, 30)]), np.ones(31, dtype=np.int64)
    done = np.arange(31) != 2
    quality = Quality()
    known = prices_of_visits(np.full(31, 600.0), patient, day, done, quality)
    assert np.isnan(known).nonzero()[0].tolist() == [0, 1, 2]
    assert [note.count for note in quality.notes] == [1]
    several = prices_of_visits(np.full(4, 600.0), np.array([0, 0, 1, 2]), day[:4], done[:4] | True, quality)
    assert np.isnan(several).all()
    assert "prices are not learnt" in quality.heading[-1]


def learnt(path: Path, heading: str = "Charge") -> CalibrationResult:
    """Calibrate on visits with prices: a booster costs 50 less than an infusion of the series."""
    lines, before = (
        [f"MRN,Appointment Date,Status,Type,{heading}"],
        dict.fromkeys((who for who, *_ in rows()), 0),
    )
    for who, day, kind, _ in sorted(rows(), key=lambda visit: (visit[1], visit[0])):
        price = PRICES[kind] - 50 * (kind == "Ketamine" and before[who] >= 6)
        before[who] += 1
        lines.append(f"{who},{dt.date.fromordinal(day)} 09:00,Completed,{kind},${price:,}.00")
    path.write_text("\n".join(line.replace("$1,150.00", '"$1,150.00"') for line in lines))
    return calibrate(path, wide(), Options(kinds=KINDS, whole_history=True, as_of=AS_OF))


def test_prices_by_type(tmp_path: Path) -> None:
    result = learnt(tmp_path / "visits.csv")
    said = {".".join(setting.address): setting.value for setting in result.findings.settings}
    assert {address: value for address, value in said.items() if "price" in address} == {
        "finance.price_per_infusion": 500.0,
        "finance.price_per_booster": 450.0,
        "visits.spray.price": 1150.0,
        "visits.top-up.price": 300.0,
    }
    assert not any("or prices" in each for each in result.findings.cannot_tell)


def test_without_prices_the_base_scenario_holds(tmp_path: Path) -> None:
    result = learnt(tmp_path / "visits.csv", heading="Note")
    assert not any("price" in ".".join(setting.address) for setting in result.findings.settings)
    assert any("or prices" in each for each in result.findings.cannot_tell)
