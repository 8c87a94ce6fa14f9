"""Nothing that a file or a folder is called, or has in it, is a command to a terminal, whatever the command."""

import ast
import io
import json
import os
import pty
import re
import shutil
import subprocess
import sys
import traceback
import warnings
from pathlib import Path

import click
import pytest
import rich
from rich.console import Console

from simclinic.cli import screen
from simclinic.store.manifest import write
from simclinic.visible import visible
from tests.calibration.clinic import THREE, export, rows
from tests.cli.test_forecast import PANEL
from tests.command_line import edit

ROOT = Path(__file__).parents[2]
TEXT = "\x1b[8m\x1b]0;t\x07\x9b2J\x08\r\x7f\u202e\u2066\u200f\u061c\u2028\u200b\ufeff\n[bold]FORGED"
"""What no name should have in it; it ends with markup on a line of its own, which must not become one."""
EVIL = f"\udcff{TEXT}"
"""The same with a byte that is no UTF-8, as names of files may have one."""
FORGED = re.compile(r"(?<!\\n)(?<! )\n\s*\[bold\]FORGED")
"""A line that a name has broken; our own folding may stand behind the line feed that was written out."""
OURS = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(params=["pipe", "terminal"])
def shown(request, simclinic, monkeypatch):
    """Call the command line, on a terminal or not, and see that all that is shown is visible."""
    if request.param == "terminal":
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setattr("_pytest.capture.CaptureIO.isatty", lambda _: True)
        monkeypatch.setattr("_pytest.capture.EncodedFile.isatty", lambda _: True, raising=False)

    monkeypatch.setattr("simclinic.cli.progress.PATIENCE", 600.0)

    def call(*arguments, status=None):
        result = simclinic(*arguments)
        assert result.status in ((0, 1, 2) if status is None else (status,)), result
        assert "Internal error" not in result.err, result
        both = result.out + result.err
        plain = OURS.sub("", both) if request.param == "terminal" else both
        assert visible(plain) == plain
        assert "\x1b[8m" not in both
        assert not FORGED.search(plain)
        return result

    return call


def test_names_on_the_command_line(shown, tmp_path):
    evil = tmp_path / EVIL
    for command in ("check", "run", "events"):
        assert r"\x1b[8m" in OURS.sub("", "".join(shown(command, evil, status=2)[1:])).replace("\n", "")
    shown("compare", evil, evil, status=2)
    shown("compare", "default", "--protocols", EVIL, status=2)
    shown("compare", "default", "--kpis", EVIL, status=2)
    shown("compare", "default", "--until", EVIL, status=2)
    shown("sweep", evil, status=2)
    shown("calibrate", evil, status=2)
    shown("calibrate", evil, "--column", EVIL, status=2)
    shown("calibrate", evil, "--status", EVIL, status=2)
    shown("calibrate", evil, "--as-of", EVIL, status=2)
    shown("calibrate", evil, "--leave-out", EVIL, status=2)
    shown("calibrate", evil, "--timezone", EVIL, status=2)
    shown("forecast", evil, "--panel", evil, status=2)
    shown("forecast", "--backtest", evil, "--cut", "2026-01-01", status=2)
    shown("results", evil, status=2)
    shown("report", evil, status=2)
    shown("report", evil, "--stress", status=2)
    shown("run", "default", "--set", EVIL, status=2)
    shown("run", "default", "--set", f"name={EVIL}", status=2)
    shown("run", "default", "--precision", EVIL, "--replications", "auto", status=2)
    shown("run", "default", "--seed", EVIL, status=2)
    shown("run", "default", "--replications", EVIL, status=2)
    shown("run", "default", "--cluster", EVIL, status=2)
    shown("run", "default", EVIL, status=2)
    shown("run", f"--{EVIL}", status=2)
    shown("run", "default", "--panel", evil, status=2)
    shown(EVIL, status=2)
    shown(f"./{EVIL}", status=2)
    shown(f"--{EVIL}", status=2)


def test_a_folder_that_is_begun(shown, tmp_path):
    assert r"\x1b[8m" in shown("init", tmp_path / EVIL, status=0).out
    shown("init", tmp_path / EVIL, status=2)


def test_what_a_scenario_says(shown, scenario, tmp_path):
    quoted = json.dumps(TEXT)
    for number, written in enumerate(
        (
            f"name = {quoted}",
            f"description = {quoted}",
            f"{quoted} = 1",
            f"[{quoted}]\nchairs = 1",
            f"extends = {quoted}",
            f"[protocols.{quoted}]\ninfusions = 6",
            f"[clinic]\nchairs = {quoted}",
            f"[demand]\nreferrals_file = {quoted}",
            f"[finance]\ncurrency = {quoted}",
            f"[relapse.days]\ndist = {quoted}",
            f"name = '{TEXT}'",
        )
    ):
        file = tmp_path / f"{number}.toml"
        file.write_text(written, encoding="utf-8")
        shown("check", file, status=2)
        shown("run", file, status=2)
    file.write_text(
        "name = 'C1'\n[run]\nbegin = 'empty'\n[finance]\ncurrency = '\u009b2J\u202e'", encoding="utf-8"
    )
    shown("check", file, status=0)
    shown("run", file, "--out", tmp_path / "out", "--set", "run.weeks=4", "--replications", 2, status=0)


@pytest.fixture
def folder(simclinic, scenario, tmp_path):
    """Results in a folder with such a name, found among others."""
    out = tmp_path / "root" / TEXT
    assert simclinic("run", scenario, "--out", out).status == 0
    return out


def test_results(shown, scenario, folder):
    shown("run", scenario, "--out", folder, status=0)
    shown("run", scenario, "--out", folder, "--seed", 99, status=2)
    shown("results", folder, status=0)
    assert "[bold]FORGED" in shown("results", folder, "--json", status=0).out
    shown("report", folder, status=0)
    shown("report", folder, "--stress", status=0)
    shutil.copytree(folder, folder.with_name("other"))
    shown("results", folder.parent, status=0)
    shown("results", folder.parent.parent, status=2)


def test_what_a_folder_of_results_says(shown, folder):
    manifest, summary = folder / "manifest.json", folder / "summary.json"
    stored = json.loads(manifest.read_text())
    stored |= {"python": TEXT, "packages": {TEXT: TEXT}, "arguments": {"scenario": TEXT}}
    write(folder, stored)
    for command in ("results", "report"):
        shown(command, folder, *(["--stress"] if command == "report" else []), status=0)
    write(folder, stored | {"scenario": TEXT, "key_scheme": TEXT})
    shown("results", folder, status=0)
    for text in (
        json.dumps(stored | {"study": TEXT}),
        json.dumps(stored | {"started": TEXT}),
        TEXT,
        "{}",
        f'{{"simclinic": "{TEXT}"}}',
    ):
        manifest.write_text(text)
        for command in (("results", folder), ("report", folder), ("report", folder, "--stress")):
            shown(*command)
    write(folder, stored)
    edit(folder, "summary.json", summary.read_text().replace('"Small clinic"', json.dumps(TEXT)))
    shown("results", folder, status=0)


def test_a_comparison_and_a_sweep(shown, scenario, tmp_path):
    named = tmp_path / f"{TEXT}.toml"
    shutil.copy(scenario, named)
    shown("compare", scenario, named, "--replications", 2, "--out", tmp_path / TEXT, status=0)
    shown("events", named, "--replication", 1, "--out", tmp_path / f"{TEXT}.csv", status=0)
    for result in (
        f"scenario = {json.dumps(TEXT)}",
        f"name = {json.dumps(TEXT)}\nscenario = 'small.toml'",
        f"scenario = 'small.toml'\ndesign = {json.dumps(TEXT)}",
        f"scenario = 'small.toml'\ndesign = 'grid'\n[factors]\n{json.dumps(TEXT)} = [1, 2]",
    ):
        (tmp_path / f"{TEXT}-study.toml").write_text(result, encoding="utf-8")
        shown("sweep", tmp_path / f"{TEXT}-study.toml", status=2)


def test_an_export_and_a_panel(shown, scenario, tmp_path):
    visits, panel = tmp_path / f"{TEXT}.csv", tmp_path / f"{TEXT}-panel.csv"
    cell = '"' + TEXT.replace('"', "") + '"'
    for text in (
        THREE.replace("status", cell),
        THREE.replace("completed", cell, 1),
        THREE.replace("2026-01-05", cell),
        THREE.replace("ann", cell),
        TEXT,
    ):
        visits.write_text(text, encoding="utf-8")
        shown("calibrate", visits, "--out", tmp_path / "never")
    good = (
        export(rows(90, 5.0, seed=4))
        .replace("Status", f"Status,{cell}", 1)
        .replace("Completed", f"Completed,{cell}")
    )
    visits.write_text(good, encoding="utf-8")
    shown("calibrate", visits, "--out", tmp_path / TEXT, status=0)
    shown("results", tmp_path / TEXT, status=0)
    for text in (
        PANEL.replace("next_appointment", f"next_appointment,{cell}"),
        PANEL.replace("maintained", cell),
        PANEL.replace("2025-06-11", cell),
        PANEL.replace("twice-weekly", cell),
        PANEL.replace("stage", cell),
    ):
        panel.write_text(text, encoding="utf-8")
        arguments = ("forecast", scenario, "--panel", panel, "--weeks", 2, "--replications", 2)
        shown(*arguments, "--out", tmp_path / "forecast", status=0 if "next_appointment," in text else 2)


def test_a_real_terminal(tmp_path):
    """In a process of its own, under a terminal of its own: colours are ours, and nothing else is."""
    for number, command in enumerate((("check",), ("run", "--out", tmp_path / TEXT))):
        file = tmp_path / f"{TEXT}{number}.toml"
        file.write_text("name = 'C1'\n[run]\nweeks = 4\nreplications = 2\nbegin = 'empty'\n")
        ours, theirs = pty.openpty()
        started = subprocess.Popen(
            [sys.executable, "-m", "simclinic", command[0], file, *command[1:]],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=os.environ | {"TERM": "xterm-256color", "COLUMNS": "80"},
            close_fds=True,
        )
        os.close(theirs)
        written = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # how a terminal ends
                break
            if not piece:
                break
            written += piece
        os.close(ours)
        assert started.wait(60) == 0
        text = written.decode(errors="surrogateescape").replace("\r\n", "\n")
        assert "\x1b[1m" in text
        plain = OURS.sub("", text)
        assert r"\x1b[8m" in plain.replace("\n", "")
        assert visible(plain) == plain
        assert "\x1b[8m" not in text


def test_whatever_writes_is_guarded(monkeypatch):
    """Not only what goes through our own functions: click, rich, warnings, tracebacks, and plain prints."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", errors="replace") for _ in range(2))
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    with screen.guarded():
        print(EVIL)
        sys.stdout.writelines([EVIL])
        sys.stdout.buffer.write(TEXT.encode())
        click.echo(EVIL, color=True)
        click.echo(TEXT.encode())
        click.secho(TEXT.replace("\x1b", ""), fg="red", color=True)
        rich.print(TEXT.replace("[bold]", ""))
        Console(force_terminal=True).print("x", style="bold")
        print(warnings.formatwarning(EVIL, UserWarning, EVIL, 1), file=sys.stderr)  # as the module does
        traceback.print_exception(ValueError(EVIL))
        screen.say(EVIL, err=True)
        screen.put(EVIL)
        screen.show(EVIL)
        click.UsageError(EVIL).show()
    for stream in (out, err):
        stream.flush()
        written = stream.buffer.getvalue().decode()
        assert "FORGED" in written
        assert visible(written) == written


def test_one_place_writes():
    """No part of the package writes to the screen but by `simclinic.cli.screen`; nor past rich's guarded tables."""
    banned = {"print", "echo", "secho", "echo_via_pager", "prompt", "confirm", "from_markup", "from_ansi"}
    own = ROOT / "simclinic" / "cli" / "screen.py"
    tables = ROOT / "simclinic" / "report" / "text" / "table.py"
    results = []
    for file in sorted((ROOT / "simclinic").rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            where = f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", None))
                if name in banned and not (file == own and name == "print"):
                    results.append(f"{where}: {name}")
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                written = f"{node.value.id}.{node.attr}"
                if node.attr in ("__stdout__", "__stderr__") or (
                    written in ("sys.stdout", "sys.stderr") and file.parent.name != "cli"
                ):
                    results.append(f"{where}: {written}")
                if node.attr in ("unguarded", "buffer") and "std" in node.value.id:
                    results.append(f"{where}: {written}")
            names = {each.name for each in node.names} if isinstance(node, ast.ImportFrom) else set()
            if file != tables and names & {"Text", "Table"} and node.module in ("rich.text", "rich.table"):
                results.append(f"{where}: {node.module}")
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", "") == "Console"
                and file != tables.with_name("run.py")
            ):
                results.append(f"{where}: Console")
            if "unguarded" in names:
                results.append(f"{where}: unguarded")
    # the progress bar has no word in it that is not ours, and moves the cursor
    allowed = [each for each in results if each.startswith("simclinic/cli/progress.py")]
    assert {each.rpartition(": ")[2] for each in allowed} == {"unguarded", "Console"}
    assert [each for each in results if each not in allowed] == []
