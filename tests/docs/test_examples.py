"""Everything a page tells people to type works.

Each page is one session in a folder of its own, with the project's scenarios beside it. A `console` block holds
commands and what they print, a `python` block is run after those before it, a `toml` block becomes the file its
first line names; "# in FILE" changes settings of a file that is there. Simulations are cut short; with `-m long`
they are run as they stand, and what the pages show must be what comes out.
"""

import contextlib
import re
import shlex
import shutil
import tomllib
from pathlib import Path

import pytest

import simclinic
from simclinic import api
from simclinic.api import Clinic
from simclinic.cli import main
from simclinic.studies.study_file import load_study
from tests.docs.pages import NAMES, ROOT, blocks, shows

QUICK = ('run.begin="empty"', "run.warm_up_weeks=4", "run.weeks=4")
REPLICATIONS = 2


WITH_EXAMPLES = [
    name for name in NAMES if any(block.language in ("console", "python", "toml") for block in blocks(name))
]
WITH_OUTPUT = [name for name in NAMES if any(block.language == "console" for block in blocks(name))]


class Session:
    """Somebody who types what a page says."""

    def __init__(self, capsys, *, quick: bool) -> None:
        self.capsys = capsys
        self.quick = quick
        self.names: dict[str, object] = {}
        self.last_run = ""

    def console(self, text: str) -> None:
        for command in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            line, _, shown = command.partition("\n")
            program, *arguments = shlex.split(line)
            assert program == "simclinic", line
            simulates = arguments[0] in ("run", "compare", "sweep", "bottleneck")
            if arguments[0] == "forecast" and self.quick:
                arguments += ["--replications", str(REPLICATIONS), "--workers", "1"]
            elif arguments[0] in ("intake", "plan") and self.quick:
                overrides = QUICK[-1:] if "--panel" in arguments else QUICK
                arguments += [word for override in overrides for word in ("--set", override)]
                arguments += ["--at-most", "20"]
            elif simulates and self.quick:
                overrides = QUICK[-1:] if "--panel" in arguments else QUICK
                arguments += [word for override in overrides for word in ("--set", override)]
                arguments += ["--replications", str(REPLICATIONS)]
            self.capsys.readouterr()
            with pytest.raises(SystemExit) as end:
                main(arguments)
            printed = self.capsys.readouterr()
            invalid = "not valid" in printed.out
            assert end.value.code == (2 if invalid else 0), printed.err
            if simulates:
                self.last_run = printed.out
            if (simulates or arguments[0] in ("forecast", "intake", "plan")) and self.quick:
                assert shown.splitlines()[0] == printed.out.splitlines()[0]
            elif arguments[0] != "track" or not self.quick:  # bands of two futures say nothing
                assert shows(shown, printed.out), f"{line} prints otherwise:\n{printed.out}"

    def text(self, text: str) -> None:
        if self.last_run and not self.quick:
            assert shows(f"...\n{text}...", self.last_run), (
                f"the last run printed otherwise:\n{self.last_run}"
            )

    def python(self, text: str) -> None:
        exec(compile(text, "<example>", "exec"), self.names)

    def toml(self, text: str) -> None:
        first, _, rest = text.partition("\n")
        if edited := re.fullmatch(r"# in (\S+)", first):
            edit(Path(edited[1]), rest)
            return
        named = re.fullmatch(r"# (\S+\.toml)", first)
        file = Path(named[1] if named else "example.toml")
        file.write_text(text, encoding="utf-8")
        if "design" in tomllib.loads(text):
            load_study(file)
        else:
            simclinic.load(file)


def edit(file: Path, wanted: str) -> None:
    """Change settings of a scenario file, as a reader would in an editor."""
    text = file.read_text(encoding="utf-8")
    header, *settings = wanted.splitlines()
    before, section = text.split(f"{header}\n", 1)
    for setting in settings:
        name = setting.partition(" = ")[0]
        pattern = re.compile(rf"^{re.escape(name)} = \S+", re.MULTILINE)
        assert pattern.search(section), f"{file} has no {name}"
        section = pattern.sub(setting, section, count=1)
    file.write_text(f"{before}{header}\n{section}", encoding="utf-8")
    simclinic.load(file)


def go_through(name: str, session: Session) -> None:
    for block in blocks(name):
        with told(f"{name}:{block.line}"):
            if block.language in ("console", "python", "toml", "text"):
                getattr(session, block.language)(block.text)


@contextlib.contextmanager
def told(where: str):
    try:
        yield
    except BaseException as error:
        error.add_note(f"in the example at {where}")
        raise


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder to type in, with the project's scenarios; Python examples, which show no output, are cut short."""
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    whole_run = Clinic.run

    def quick_run(clinic, replications=None, **more):
        count = replications if replications == "auto" else REPLICATIONS
        return whole_run(clinic.change(*QUICK), count, **more)

    whole_compare = Clinic.compare

    def quick_compare(clinic, *others, **more):
        short = [other.change(*QUICK) for other in others]
        return whole_compare(clinic.change(*QUICK), *short, **more | {"replications": REPLICATIONS})

    whole_comparison = api.compare

    def quick_comparison(scenarios, **more):
        clinics = [each if isinstance(each, Clinic) else simclinic.load(each) for each in scenarios]
        short = [clinic.change(*QUICK) for clinic in clinics]
        return whole_comparison(short, **more | {"replications": REPLICATIONS})

    monkeypatch.setattr(api, "compare", quick_comparison)
    whole_forecast = Clinic.forecast

    def quick_forecast(clinic, panel, **more):
        return whole_forecast(clinic, panel, **more | {"replications": REPLICATIONS})

    whole_bottleneck, whole_intake, whole_plan = Clinic.bottleneck, Clinic.intake, Clinic.plan

    def quick_bottleneck(clinic, *args, **more):
        return whole_bottleneck(clinic.change(*QUICK), **more | {"replications": REPLICATIONS})

    def quick_intake(clinic, *args, **more):
        return whole_intake(clinic.change(*QUICK), *args, **more | {"at_most": 20})

    def quick_plan(clinic, *args, **more):
        return whole_plan(clinic.change(*QUICK), *args, **more | {"at_most": 20})

    monkeypatch.setattr(Clinic, "bottleneck", quick_bottleneck)
    monkeypatch.setattr(Clinic, "plan", quick_plan)
    monkeypatch.setattr(Clinic, "intake", quick_intake)
    monkeypatch.setattr(Clinic, "run", quick_run)
    monkeypatch.setattr(Clinic, "forecast", quick_forecast)
    monkeypatch.setattr(Clinic, "compare", quick_compare)
    return tmp_path


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_run(name, desk, capsys):
    go_through(name, Session(capsys, quick=True))


@pytest.mark.long
@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_print_what_the_page_shows(name, desk, capsys, monkeypatch):
    monkeypatch.delenv("SIMCLINIC_NO_REPORT", raising=False)  # as people have it
    go_through(name, Session(capsys, quick=False))


def test_output_is_compared():
    printed = "one\ntwo\nthree\nfour\n"
    assert shows("one\n...\nthree\n...\n", printed)
    assert shows("one\ntwo\nthree\nfour\n", printed)
    for wrong in (
        "two\n...\n",
        "one\n...\nthree\n",
        "one\n...\nfive\n...\n",
        "one\nthree\n...\n",
        "one\n...\nthree\n...\ntwo\n...",
    ):
        assert not shows(wrong, printed)
