"""Broken scenario files: real ones, spoilt in every way we could think of.

`broken_file(seed)` gives the bytes of one file, always the same for the same seed, with some `--set` overrides.
Most files it makes are invalid; some are still fine. Run as a script, it loads many and counts:

    python -m tests.scenario.fuzz 10000
"""

from __future__ import annotations

import random
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from simclinic.errors import ScenarioError
from simclinic.scenario import load, resolved_toml, scenario_hash

FILES = [
    path.read_text(encoding="utf-8")
    for path in sorted((Path(__file__).parents[2] / "scenarios").glob("*.toml"))
]

VALUES = [
    "nan", "-nan", "inf", "-inf", "1e400", "-1e400", "1e-400", "0", "-0.0", "-1", "1.5", "1e308",
    "true", "false",
    '""', '"\\u0000"', '"x"', "''", "[]", "{}", "[[]]", "[1, [2, [3]]]", "[nan]", "[true]", '[""]',
    "2026-02-30", "2026-01-05", "2026-01-05T10:00:00", "2026-01-05T10:00:00Z", "10:00:00",
    "9999-12-31", "0001-01-01",
    "9" * 40, "9" * 5000, "0x" + "f" * 5000, "0o7", "0b1", "1_000", "{ dist = 3 }", '{ dist = "normal" }',
    '{ dist = "constant" }', '{ dist = "empirical", values = [] }',
    '{ dist = "lognormal", mu = 30, sigma = 10 }',
    '{ dist = "weibull", shape = 1e-300, scale = 1 }',
    '{ dist = "normal", mean = 1e308, sd = 1e308, at_least = 0 }',
    '{ dist = "lognormal", mean = 1e-300, sd = 1e9 }', '{ dist = "gamma", mean = 5, cv = 1, at_most = -5 }',
    '{ dist = "empirical", values = {} }', '"24h"', '"00:00-24:00"', '"24:00-24:00"',
    '"۰۸:۰۰-۰۹:۰۰"', '"99-99"',
    '"12-25"', '"../x.toml"', '"x\\u0000y"', '"' + "x" * 30_000 + '"', "[" * 50 + "]" * 50, "[" * 3000,
    "{ a = { b = { c = 1 } } }", '"""multi\nline"""', "'\t'", '"\\ud800"', '"\\U00110000"', "=",
    "", ",", "#", "]",
]  # fmt: skip

LINES = [
    "extends = 3", 'extends = "x.toml"', 'extends = "nowhere.toml"', 'extends = "/etc/passwd"',
    "[clinic]", "[[clinic]]",
    "[clinic.hours]", "[shifts]", "[shifts.x]", '[shifts."ä"]', "[visit.steps]",
    "[visit.complications]", "[changes]",
    '[changes."2026-06-01"]', '[changes."no date"]', '"clinic.chairs" = 4', '"clinic.chairs" = -1', '"" = 1',
    '"shifts.day.nurses" = 0', '"clinic.hours" = {}', "[protocols]", "[demand.protocol_mix]", "[a.b.c.d.e.f.g]",
    "a.b.c.d = 1", "__class__ = 1", '"__proto__" = 1', "model_config = 1", "model_fields = {}",
    "_situations = []",
    "chairs = 3", "сhairs = 3", '"сhairs" = 3', 'break_ = "12:00-12:30"', "given_mu = 2", "self = 1", "cls = 1",
    "x" * 2000 + " = 1", '"' + "k" * 2000 + '" = 1', "a." * 20 + "a = 1", "\ufeff", "\x00",
    "\x0b", "\u2028", "[", "[[",
    "[]", "= 3", 'after = "infusion"', "after = 3", "[visit.steps.infusion]", 'referrals_file = "r.csv"',
    "referrals = [2026-01-05, 3]", "shifts.day = false", "shifts.day = []", "clinic = false",
    "visit.steps = false",
]  # fmt: skip

OVERRIDES = [
    "", "=", "a", "a=", "=1", "clinic.chairs=0", "clinic.chairs=4", "clinic.chairs.x=1",
    "clinic=1", "shifts=false",
    "shifts.day=false", "shifts.day=3", "visit.steps.x.after=y", "visit.steps.x={}", "relapse.days.mu=nan",
    "relapse.days=5", "relapse.days.x.y.z=1", "changes.2026-06-01=false",
    'changes."2026-06-01"."clinic.chairs"=9',
    "run.seed=" + "9" * 4000, "name=\x00", "demand.referrals_file=/dev/zero",
    "demand.referrals_file=.", "a\n[b]\nc=1",
    "booking.mode=walk-in", "visit.complications={}", "demand.protocol_mix.x=1", "extends=b",
    "[a]=1", "'a'.\"b\"=1",
]  # fmt: skip


def broken_file(seed: int) -> tuple[bytes, list[str]]:
    """Make one file and its overrides.

    Parameters
    ----------
    seed
        Which one; the same number gives the same file.

    Returns
    -------
    tuple
        The file's bytes, and a list of `ADDRESS=VALUE`.
    """
    draws = random.Random(seed)
    lines = draws.choice(FILES).splitlines()
    for _ in range(draws.choice([1, 1, 2, 3, 8])):
        draws.choice(_SPOIL)(lines, draws)
    raw = "\n".join(lines).encode("utf-8", "surrogatepass")
    if draws.random() < 0.15:
        raw = _spoil_bytes(raw, draws)
    overrides = draws.sample(OVERRIDES, draws.choice([0, 0, 0, 1, 2]))
    return raw, overrides


def _spoil_bytes(raw: bytes, draws: random.Random) -> bytes:
    kind = draws.randrange(5)
    if kind == 0:
        return raw[: draws.randrange(len(raw) + 1)]
    if kind == 1:
        return raw.decode("utf-8", "replace").encode("utf-16" if draws.random() < 0.5 else "utf-32")
    if kind == 2:
        return b"\xef\xbb\xbf" + raw
    if kind == 3:
        return draws.randbytes(draws.randrange(2000))
    spoilt = bytearray(raw)
    for _ in range(draws.randrange(1, 10)):
        if spoilt:
            spoilt[draws.randrange(len(spoilt))] = draws.randrange(256)
    return bytes(spoilt)


def _at(lines: list[str], draws: random.Random) -> int:
    return draws.randrange(len(lines)) if lines else 0


def _change_value(lines: list[str], draws: random.Random) -> None:
    settings = [number for number, line in enumerate(lines) if re.match(r"[\w\".-]+ = ", line)]
    if settings:
        number = draws.choice(settings)
        lines[number] = f"{lines[number].partition(' = ')[0]} = {draws.choice(VALUES)}"


def _misspell(lines: list[str], draws: random.Random) -> None:
    settings = [number for number, line in enumerate(lines) if re.match(r"[\w\[]", line)]
    if settings:
        number = draws.choice(settings)
        characters = list(lines[number])
        place = draws.randrange(min(len(characters), 15))
        characters[place : place + draws.randrange(2)] = draws.choice(
            ["x", "", "а", ".", '"', " ", "=", "-", "_", "\t"]
        )
        lines[number] = "".join(characters)


def _swap_values(lines: list[str], draws: random.Random) -> None:
    settings = [number for number, line in enumerate(lines) if " = " in line]
    if len(settings) > 1:
        one, other = draws.sample(settings, 2)
        (a, _, x), (b, _, y) = lines[one].partition(" = "), lines[other].partition(" = ")
        lines[one], lines[other] = f"{a} = {y}", f"{b} = {x}"


def _drop(lines: list[str], draws: random.Random) -> None:
    if lines:
        start = _at(lines, draws)
        del lines[start : start + draws.choice([1, 1, 5, 50])]


def _insert(lines: list[str], draws: random.Random) -> None:
    lines.insert(_at(lines, draws), draws.choice(LINES))


def _insert_setting(lines: list[str], draws: random.Random) -> None:
    key = draws.choice(
        ["chairs", "name", "dist", "days", "minutes", "mode", "x", "extends", "false", "2026-01-05"]
    )
    lines.insert(_at(lines, draws), f"{key} = {draws.choice(VALUES)}")


def _repeat(lines: list[str], draws: random.Random) -> None:
    if lines:
        start = _at(lines, draws)
        lines[start:start] = lines[start : start + draws.choice([1, 3, 20])]


def _shuffle(lines: list[str], draws: random.Random) -> None:
    draws.shuffle(lines)


_SPOIL = [_change_value] * 6 + [_misspell] * 3 + [_swap_values] * 2 + [_drop] * 2 + [_insert] * 3
_SPOIL += [_insert_setting] * 2 + [_repeat, _shuffle]


def try_file(seed: int, folder: Path) -> str:
    """Load one broken file; it must load, and survive being written again, or raise ScenarioError.

    Returns
    -------
    str
        "fine" or "refused".
    """
    raw, overrides = broken_file(seed)
    for name, text in (
        ("baseline.toml", FILES[0]),
        ("x.toml", 'extends = "broken.toml"'),
        ("r.csv", "2026-01-05\nx"),
    ):
        if not (folder / name).exists():
            (folder / name).write_text(text, encoding="utf-8")
    path = folder / "broken.toml"
    path.write_bytes(raw)
    begun = time.process_time()
    scenario, refused = None, None
    try:
        scenario = load(path, overrides)
    except ScenarioError as error:
        refused = error
    if refused is not None:
        assert refused.problems
        assert len(str(refused)) < 1_000_000
        assert all(problem.rule and problem.file for problem in refused.problems), refused
        # Pydantic's own words would mean a rule nobody put into the clinic's.
        assert not any("Input should" in problem.rule for problem in refused.problems), refused
    if scenario is not None:
        path.write_text(resolved_toml(scenario), encoding="utf-8")
        again = load(path)
        assert again == scenario
        assert scenario_hash(again) == scenario_hash(scenario)
    assert time.process_time() - begun < 10
    return "fine" if refused is None else "refused"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        print(Counter(try_file(seed, Path(folder)) for seed in range(int(sys.argv[1]))))
