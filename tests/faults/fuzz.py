"""Files of every kind that is read, sound ones spoilt in some way; the same number gives the same file."""

import io
import json
import random

from tests.calibration.clinic import THREE
from tests.scenario.fuzz import broken_file

HEAD = "patient,stage,referred_on,protocol,infusions_done,last_infusion_on,boosters_done,next_appointment"
PANEL = (
    f"{HEAD}\nA,waiting,2026-01-02,twice-weekly,0,,0,2026-01-08T09:30\nB,series,2025-12-11,,5,2026-01-02,0,\n"
)
STUDY = 'name = "s"\nscenario = "good.toml"\ndesign = "grid"\n[factors]\n"clinic.chairs" = [1, 2]\n'
REFERRALS = "referred_on\n2026-01-05\n2026-01-06\n2026-01-09\n"
LINES = [line.split(",") for line in THREE.splitlines()]
HTML = (
    "<html><table>"
    + "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in LINES)
    + "</table>"
)
JSON = json.dumps([dict(zip(LINES[0], row, strict=True)) for row in LINES[1:]])
WILD = (
    b"9" * 400,
    b"-1e400",
    b"nan",
    b"\0",
    b"\xff\xfe",
    b'"',
    b"\n",
    b",",
    b"[" * 3_000,
    b"x" * 200_000,
    b"<",
    b"{",
)
ENCODINGS = ("utf-16", "utf-32", "utf-7", "cp500")


def workbook():
    import openpyxl

    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in LINES:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def sound(manifest):
    """Give a sound file of each kind."""
    texts = {"study": STUDY, "panel": PANEL, "referrals": REFERRALS, "csv": THREE, "html": HTML, "json": JSON}
    return {name: text.encode() for name, text in texts.items()} | {"xlsx": workbook(), "manifest": manifest}


def spoilt(kind, raw, seed):
    """Spoil a file of a kind."""
    if kind == "scenario":
        return broken_file(seed)[0]
    draws = random.Random(f"{kind} {seed}")
    for _ in range(draws.choice((1, 1, 2, 5))):
        raw = _spoil(raw, draws)
    return raw


def _spoil(raw, draws):
    at, to = sorted((draws.randrange(len(raw) + 1), draws.randrange(len(raw) + 1)))
    how = draws.randrange(9)
    if how < 3 and raw:
        flipped = bytearray(raw)
        for _ in range(draws.choice((1, 3, 20))):
            flipped[draws.randrange(len(raw))] ^= 1 << draws.randrange(8)
        return bytes(flipped)
    if how == 3:
        return draws.choice((b"", raw[:at], raw[at:]))
    if how == 4:
        return raw[:to] + raw[at:to] * draws.choice((1, 50)) + raw[to:]
    if how == 5:
        lines = raw.split(b"\n")
        draws.shuffle(lines)
        return b"\n".join(lines)
    if how == 6:
        return raw.decode("utf-8", "replace").encode(draws.choice(ENCODINGS), "replace")
    return raw[:at] + draws.choice(WILD) + raw[at if how == 7 else to :]
