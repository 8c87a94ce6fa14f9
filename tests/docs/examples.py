"""Somebody who types what a page of the documentation says, and who can bring what the page shows up to date."""

import contextlib
import difflib
import io
import os
import re
import shlex
import shutil
import tempfile
import tomllib
from pathlib import Path

import simclinic
from simclinic.cli import main
from simclinic.studies.study_file import load_study
from tests.docs.pages import LEFT_OUT, ROOT, blocks, shows

QUICK = ('run.begin="empty"', "run.warm_up_weeks=4", "run.weeks=4")
REPLICATIONS = 2


def typed(arguments: list[str]) -> tuple[int, str, str]:
    """Run a command; return its exit status, and what it printed and said."""
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        try:
            main(arguments)
        except SystemExit as end:
            return end.code, out.getvalue(), err.getvalue()
    raise AssertionError("the command did not end")


class Session:
    """Somebody who types what a page says."""

    def __init__(self, *, quick: bool) -> None:
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
            status, printed, said = typed(arguments)
            assert status == (2 if "not valid" in printed else 0), said
            if simulates:
                self.last_run = printed
            if (simulates or arguments[0] in ("forecast", "intake", "plan")) and self.quick:
                assert shown.splitlines()[0] == printed.splitlines()[0]
            elif arguments[0] != "track" or not self.quick:  # bands of two futures say nothing
                self.compare(line, shown, printed)

    def text(self, text: str) -> None:
        if self.last_run and not self.quick:
            self.compare("the last run", f"{LEFT_OUT}\n{text}{LEFT_OUT}\n", self.last_run)

    def compare(self, line: str, shown: str, printed: str) -> None:
        assert shows(shown, printed), f"{line} prints otherwise:\n{printed}"

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


class Rewriting(Session):
    """Somebody who notes what is printed where a page shows something else."""

    def __init__(self) -> None:
        super().__init__(quick=False)
        self.instead: list[tuple[str, str]] = []

    def compare(self, line: str, shown: str, printed: str) -> None:
        if not shows(shown, printed):
            before, after = (
                text.removeprefix(f"{LEFT_OUT}\n") for text in (shown, brought_up(shown, printed))
            )
            self.instead.append((before.removesuffix(f"{LEFT_OUT}\n"), after.removesuffix(f"{LEFT_OUT}\n")))

    def python(self, text: str) -> None:
        """Python examples show no output."""


def brought_up(shown: str, printed: str) -> str:
    """Return what a page should show: the same parts of an output, from the lines most like their first to last."""
    lines = [line.rstrip() for line in printed.splitlines()]
    parts = [part.splitlines() for part in re.split(rf"^{re.escape(LEFT_OUT)}\n", shown, flags=re.MULTILINE)]
    result, at = [], 0
    for number, part in enumerate(parts):
        if not part:
            result.append("")
            continue
        begin = at if number == 0 else at + _most_like(part[0], lines[at:])
        last = number == len(parts) - 1
        end = len(lines) if last else begin + 1 + _most_like(part[-1], lines[begin:])
        result.append("".join(f"{line}\n" for line in lines[begin:end]))
        at = end
    return f"{LEFT_OUT}\n".join(result)


def _most_like(wanted: str, lines: list[str]) -> int:
    return max(range(len(lines)), key=lambda at: difflib.SequenceMatcher(None, wanted, lines[at]).ratio())


def rewrite(name: str) -> None:
    """Bring what a page shows of outputs up to date; what was changed is for its reader to judge."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        shutil.copytree(ROOT / "scenarios", "scenarios")
        os.environ["COLUMNS"] = "80"
        session = Rewriting()
        go_through(name, session)
    text = (ROOT / name).read_text(encoding="utf-8")
    for before, after in session.instead:
        assert text.count(before) == 1, f"{name} shows this {text.count(before)} times:\n{before}"
        text = text.replace(before, after)
    (ROOT / name).write_text(text, encoding="utf-8", newline="\n")
