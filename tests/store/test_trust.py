"""What is read of a results folder is what was written: digests, reads that fail, bounds, versions, strangers."""

import errno
import functools
import json
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from simclinic import program
from simclinic.experiment import Failure, Replication, replications
from simclinic.scenario import baseline, with_overrides
from simclinic.store import FolderError, RunFolder, failures, manifest, part_files, tables, user_mark
from simclinic.store.manifest_schema import DIGEST, problems
from simclinic.store.page_digest import is_intact, with_digest
from simclinic.store.reader import damaged_files, read_document, table
from tests.faults.flips import flips


@pytest.fixture(scope="module")
def small():
    return with_overrides(
        baseline(), ['run.begin="empty"', "run.warm_up_weeks=0", "run.weeks=2", "run.replications=9"]
    )


@pytest.fixture(scope="module")
def made(small):
    outcomes = list(replications(small, 1, range(3)))
    assert all(isinstance(outcome, Replication) for outcome in outcomes)
    return outcomes


@pytest.fixture
def folder(tmp_path, small, made):
    return filled(tmp_path / "folder", small, made)


def filled(path, small, outcomes, numbers=3, **arguments):
    with RunFolder.open(path, "run", small, arguments) as folder:
        missing = folder.missing(numbers)
        for outcome in outcomes:
            if outcome.number in missing:
                folder.add(outcome)
        folder.finish('{"study": "run"}\n', "kpi,mean\n")
    return path


def contents(folder):
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


# --- digests ---


def test_every_file_is_known_by_its_digest(folder):
    known = manifest.read(folder)
    digests = known["parts"] | known["files"]
    there = contents(folder)
    assert set(digests) == set(there) - {"manifest.json", ".lock"}
    assert {name: tables.sha256(there[name]) for name in digests} == digests
    assert list(damaged_files(folder)) == []


def test_every_flipped_bit_is_found(folder):
    """In the manifest it is refused; elsewhere the file is named."""
    for name, flipped in flips(folder, 400, seed=1):
        with flipped:
            if name == "manifest.json":
                with pytest.raises(FolderError):
                    manifest.read(folder)
            else:
                assert list(damaged_files(folder)) == [name]
    assert list(damaged_files(folder)) == []


def test_a_column_renamed_in_a_footer_is_damage_and_made_again(folder, small, made):
    """A footer has no checksum of its own: a flipped bit in a name reads well."""
    before = contents(folder)
    file = folder / "runs" / "part-00000.parquet"
    content = file.read_bytes()
    at = content.rindex(b"access_days_mean")  # of Arrow's own schema, or of Parquet's: both are tried
    for place in {at, content.index(b"access_days_mean")}:
        file.write_bytes(content[:place] + b"b" + content[place + 1 :])
        with pytest.raises(FolderError, match="damaged"):
            table(folder, "runs")
        with RunFolder.open(folder, "run", small, {}) as gone_on:
            assert gone_on.repaired == [0]
            assert gone_on.missing(3) == [0, 1, 2]
            for outcome in made:
                gone_on.add(outcome)
        assert {name: result for name, result in contents(folder).items() if "damaged" not in name} | {
            "manifest.json": b""
        } == before | {"manifest.json": b""}


def test_a_part_that_the_manifest_does_not_know_is_adopted_if_it_is_whole(folder, small, made):
    """The plug was pulled between the part and the manifest."""
    old = (folder / "manifest.json").read_bytes()
    filled(folder, small, made, 3)
    known = manifest.read(folder)
    manifest.write(folder, known | {"parts": {}})
    assert list(damaged_files(folder)) == []
    assert len(table(folder, "runs")["replication"]) == 3
    with RunFolder.open(folder, "run", small, {}) as gone_on:
        assert gone_on.done == {0, 1, 2}
        assert gone_on.repaired == []
    assert manifest.read(folder)["parts"] == known["parts"]
    assert json.loads(old)["parts"] == known["parts"]


@pytest.mark.parametrize("columns", ["other", "fewer"])
def test_a_part_that_the_manifest_does_not_know_is_set_aside_if_its_columns_are_others(
    folder, small, columns
):
    file = folder / "ramp" / "part-00000.parquet"
    result = tables.read(file)
    renamed = {("booster" if name == "boosters" else name): values for name, values in result.items()}
    if columns == "fewer":
        del renamed["booster"]
    file.write_bytes(tables.encode_columns(renamed))
    manifest.write(folder, manifest.read(folder) | {"parts": {}})
    with RunFolder.open(folder, "run", small, {}) as gone_on:
        assert gone_on.done == set()
        assert gone_on.repaired == [0]
    assert tables.read(folder / "ramp" / "part-00000.parquet.damaged-1").keys() == renamed.keys()


def test_a_part_in_anothers_place_is_set_aside(folder, small, monkeypatch):
    monkeypatch.setattr(part_files, "MOST_REPLICATIONS", 500)
    for name in tables.TABLES:
        shutil.copy(folder / name / "part-00000.parquet", folder / name / "part-00003.parquet")
    with RunFolder.open(folder, "run", small, {}) as gone_on:
        assert gone_on.repaired == [3]
        assert gone_on.done == {0, 1, 2}


@pytest.mark.parametrize("key", ["sha256", "files"])
def test_a_manifest_that_lost_its_digest_is_no_manifest_of_before(folder, key):
    """A flipped bit in the key, of all places."""
    file = folder / "manifest.json"
    file.write_text(file.read_text().replace(f'"{key}"', f'"{key[:-1]}x"'))
    with pytest.raises(FolderError, match="damaged"):
        manifest.read(folder)


def test_folders_of_before_digests_are_read(folder):
    known = manifest.read(folder)
    old = {key: value for key, value in known.items() if key not in ("parts", "files", "made", DIGEST)}
    (folder / "manifest.json").write_text(json.dumps(old))
    assert manifest.digests(folder) is None
    assert len(table(folder, "runs")["replication"]) == 3
    assert read_document(folder, "summary.json") == {"study": "run"}
    assert list(damaged_files(folder)) == []


def test_failures_are_kept_and_damaged_ones_set_aside(tmp_path, small, made):
    with RunFolder.open(tmp_path, "run", small, {}) as folder:
        folder.missing(4)
        folder.add(Failure(3, 1, "ValueError: no", "Traceback"))
    known = manifest.read(tmp_path)["files"]
    assert list(failures.read(tmp_path, known)) == [(0, 3)]
    file = tmp_path / "failures.jsonl"
    file.write_bytes(
        file.read_bytes().replace(b'"replication": 3', b'"replication": 2').replace(b"no", b"n\0")
    )
    assert failures.read(tmp_path, known) == {}
    assert (tmp_path / "failures.jsonl.damaged-1").exists()


def test_a_report_knows_its_own_digest():
    page = with_digest("<html><p>12 %</p></html>\n")
    assert is_intact(page)
    assert is_intact(b"<html>of before</html>")
    for place in range(0, 8 * len(page), 3):
        harmed = bytearray(page)
        harmed[place // 8] ^= 1 << place % 8
        # in the mark itself a bit may flip so that there is none: then the page is as it was written
        assert not is_intact(bytes(harmed)) or harmed.startswith(b"<html><p>12 %</p></html>\n")


@pytest.mark.parametrize("command", ["run", "compare"])
def test_equal_studies_give_equal_files_but_for_the_time(simclinic, scenario, tmp_path, monkeypatch, command):
    """As docs/reference/results.md says."""
    monkeypatch.delenv("SIMCLINIC_NO_REPORT")
    more = ("--protocols", "twice-weekly,thrice-weekly") if command == "compare" else ()
    moments = iter(f"2026-01-01T00:00:{second:02}+00:00" for second in range(60))
    monkeypatch.setattr(manifest, "now", lambda: next(moments))
    for name, workers in (("a", 1), ("b", 2)):
        result = simclinic(command, scenario, *more, "--out", tmp_path / name, "--workers", workers)
        assert result.status == 0, result.err
    one, other = contents(tmp_path / "a"), contents(tmp_path / "b")
    assert one.keys() == other.keys()
    differing = {name.rpartition("/")[2] for name in one if one[name] != other[name]}
    assert differing == {"manifest.json", "report.html"}


# --- reads that fail ---


@pytest.mark.parametrize("code", [errno.EMFILE, errno.EIO, errno.ENOMEM, errno.EACCES])
@pytest.mark.parametrize("name", ["runs/part-00000.parquet", "weeks/part-00000.parquet", "failures.jsonl"])
def test_a_read_that_fails_is_no_damage(folder, small, monkeypatch, code, name):
    before = contents(folder)
    real = tables.read_bounded

    def fails(path, most_bytes):
        if str(path).endswith(name):
            raise OSError(code, os.strerror(code), str(path))
        return real(path, most_bytes)

    with monkeypatch.context() as patch:
        patch.setattr(tables, "read_bounded", fails)
        with pytest.raises(FolderError) as error:
            RunFolder.open(folder, "run", small, {})
        if name != "failures.jsonl":
            with pytest.raises(FolderError):
                table(folder, name.split("/")[0])
    assert os.strerror(code) in str(error.value)
    assert error.value.exit_status == (2 if code == errno.EACCES else 1)
    assert contents(folder) == before
    with RunFolder.open(folder, "run", small, {}) as gone_on:
        assert gone_on.done == {0, 1, 2}
        assert gone_on.repaired == []


# --- bounds ---


def test_a_table_that_unpacks_to_gigabytes_is_not_unpacked(tmp_path):
    rows = tables.MOST_ROWS + 1
    chunk = pa.chunked_array([pa.array(np.zeros(rows // 8 + 1))] * 8)
    pq.write_table(pa.table({"replication": chunk}), tmp_path / "part.parquet", compression="zstd")
    with pytest.raises(tables.DamagedError, match="rows"):
        tables.read(tmp_path / "part.parquet")


@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "large"])
def test_a_part_that_is_no_file_is_set_aside_and_not_waited_for(folder, small, kind):
    file = folder / "runs" / "part-00000.parquet"
    file.unlink()
    if kind == "pipe":
        os.mkfifo(file)
    elif kind == "folder":
        file.mkdir()
    elif kind == "device":
        file.symlink_to("/dev/zero")
    else:
        with file.open("wb") as sparse:
            sparse.truncate(1 << 40)
    assert list(damaged_files(folder)) == ["runs/part-00000.parquet"]
    with RunFolder.open(folder, "run", small, {}) as gone_on:
        assert gone_on.repaired == [0]


@pytest.mark.parametrize("kind", ["pipe", "device", "large", "nested"])
def test_a_manifest_that_is_no_file_is_refused(folder, kind):
    file = folder / "manifest.json"
    file.unlink()
    if kind == "pipe":
        os.mkfifo(file)
    elif kind == "device":
        file.symlink_to("/dev/zero")
    elif kind == "large":
        with file.open("wb") as sparse:
            sparse.truncate(1 << 40)
    else:
        file.write_text("[" * 100_000)
    with pytest.raises(FolderError, match=r"manifest\.json"):
        manifest.read(folder)


# --- strangers ---


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("study", 3),
        ("study", "run; rm"),
        ("study", "../x"),
        ("seed", "1"),
        ("seed", True),
        ("planned", -1),
        ("done", 1.5),
        ("failed", 10**30),
        ("parts", []),
        ("parts", {"../../x": "0" * 64}),
        ("parts", {"/etc/passwd": "0" * 64}),
        ("parts", {"runs/../../x": "0" * 64}),
        ("parts", {"runs/part": "zz"}),
        ("files", {".bashrc": "0" * 64}),
        ("scenarios", {"a": ".."}),
        ("scenarios", {"a": "/tmp"}),
        ("scenarios", {"a": "b/c"}),
        ("started", "yesterday"),
        ("panel", {"hash": "x"}),
        ("arguments", None),
        ("packages", {"numpy": 2}),
    ],
)
def test_what_no_manifest_may_say_is_refused(folder, key, value):
    known = manifest.read(folder)
    assert problems(known) == []
    manifest.write(folder, known | {key: value})
    with pytest.raises(FolderError, match=f"damaged .{key}"):
        manifest.read(folder)


def test_a_room_that_is_a_link_is_not_entered(simclinic, scenario, tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    out = tmp_path / "out"
    arguments = ("compare", scenario, "--protocols", "twice-weekly,thrice-weekly", "--out", out)
    assert simclinic(*arguments).status == 0
    shutil.rmtree(out / "01-twice-weekly")
    (out / "01-twice-weekly").symlink_to(mine)
    result = simclinic(*arguments)
    assert (result.status, "links are not followed" in result.err) == (2, True)
    assert list(mine.iterdir()) == []


def test_one_bad_folder_does_not_hide_the_others(simclinic, scenario, tmp_path):
    for name in ("good", "bad", "ugly"):
        assert simclinic("run", scenario, "--out", tmp_path / name).status == 0
    (tmp_path / "bad" / "manifest.json").write_text("{")
    (tmp_path / "ugly" / "summary.json").write_text("[" * 100_000)
    result = simclinic("results", tmp_path)
    assert result.status == 1
    assert "good" in result.out
    assert "its manifest.json cannot be read" in " ".join(result.out.split())
    actual = {
        each["folder"]: each for each in json.loads(simclinic("results", tmp_path, "--json").out)["folders"]
    }
    assert actual["good"]["problem"] is None
    assert actual["good"]["summary"] is not None
    assert "manifest.json" in actual["bad"]["problem"]
    assert actual["ugly"]["damaged"] == ["summary.json"]


def test_a_command_that_only_reads_does_not_advise_another_folder(simclinic, scenario, tmp_path):
    """Only a command that would write there can choose another folder; a pattern is no explanation for anybody."""
    out = tmp_path / "out"
    assert simclinic("run", scenario, "--out", out).status == 0
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["parts"] = {"../../victim": "x"}
    (out / "manifest.json").write_text(json.dumps(manifest))
    for command in ("results", "report"):
        reading = simclinic(command, out)
        assert reading.status == 2
        assert "parts.../../victim is not the path of a file in it" in reading.err
        assert "parts.../../victim is not a SHA-256" in reading.err
        assert "--out" not in reading.err
        assert "[A-Za-z0-9_]" not in reading.err
    writing = simclinic("run", scenario, "--out", out)
    assert writing.status == 2
    assert "Choose another folder with --out" in writing.err


def test_a_strangers_run_is_simulated_only_if_somebody_says_so(simclinic, scenario, tmp_path, monkeypatch):
    from simclinic.studies import replay

    out = tmp_path / "out"
    assert simclinic("run", scenario, "--out", out).status == 0
    simulated = []
    real = replay.replay
    monkeypatch.setattr(replay, "replay", lambda *a, **k: (simulated.append(1), real(*a, **k))[1])
    result = simclinic("report", out)
    assert (result.status, result.err, simulated) == (0, "", [1])
    monkeypatch.setattr(user_mark, "_key", lambda: b"another user's")
    result = simclinic("report", out)
    assert (result.status, simulated) == (0, [1])
    assert "this folder was not made here" in result.err
    assert "was not made here" in (out / "report.html").read_text()
    assert simclinic("report", out, "--simulate").status == 0
    assert simulated == [1, 1]


def test_an_edited_scenario_is_a_strangers(folder):
    known = manifest.read(folder)
    assert manifest.made_here(folder, known)
    file = folder / "scenario.resolved.toml"
    file.write_text(file.read_text() + "\n")
    assert not manifest.made_here(folder, known)
    file.unlink()
    assert not manifest.made_here(folder, known)


def test_the_key_is_made_once_and_for_nobody_else(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    user_mark._key.cache_clear()
    try:
        first = user_mark._key()
        user_mark._key.cache_clear()
        assert user_mark._key() == first
        assert (tmp_path / "simclinic" / "key").stat().st_mode & 0o777 == 0o600
        assert [entry.name for entry in (tmp_path / "simclinic").iterdir()] == ["key"]
        monkeypatch.setenv("XDG_STATE_HOME", "/proc/nowhere")
        user_mark._key.cache_clear()
        assert user_mark._key() == user_mark._key() != first
    finally:
        user_mark._key.cache_clear()


# --- versions ---


@pytest.mark.parametrize("name", ["Python", "numpy", "scipy", "pandas", "pyarrow", "simpy"])
def test_a_folder_begun_with_other_versions_is_gone_on_with_only_if_somebody_says_so(
    folder, small, made, name
):
    known = manifest.read(folder)
    others = {"python": "3.9.1"} if name == "Python" else {"packages": known["packages"] | {name: "1.0.1"}}
    manifest.write(folder, known | others)
    before = contents(folder)
    with pytest.raises(FolderError, match=f"{name} (3.9.1|1.0.1), not") as error:
        RunFolder.open(folder, "run", small, {})
    assert "--mix-versions" in str(error.value)
    assert contents(folder) == before
    assert len(table(folder, "runs")["replication"]) == 3  # it can be read all the same
    filled(folder, small, made, mix_versions=True)
    filled(folder, small, made, mix_versions=True)
    assert manifest.read(folder)["mixed"] == [program.versions()]
    assert manifest.read(folder) | others == manifest.read(folder)


def test_versions_are_the_same_up_to_their_third_number():
    mine = {"Python": "3.11.7", "numpy": "2.4.0"}
    assert program.differing({"Python": "3.11.2", "numpy": "2.4.9"}, mine) == []
    assert program.differing({"Python": "3.12.7", "numpy": "2.40.0"}, mine) == [
        "Python 3.12.7, not 3.11.7",
        "numpy 2.40.0, not 2.4.0",
    ]
    assert program.differing({"numpy": "2.4"}, mine) == []  # folders of before may not say all


PACKAGE = Path(program.__file__).parent


@pytest.fixture
def copied(tmp_path):
    for file in program.deciding(PACKAGE):
        target = tmp_path / file.relative_to(PACKAGE)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    return tmp_path


def test_a_change_in_any_deciding_file_is_another_program(copied, monkeypatch):
    monkeypatch.setattr(
        program, "_syntax", functools.cache(program._syntax)
    )  # of a hundred files one changes
    begun = program.code_hash(copied)
    assert begun == program.code_hash(PACKAGE)
    for file in program.deciding(copied):
        text = file.read_text()
        file.write_text(text + "\n_planted = 1\n")
        assert program.code_hash(copied) != begun, file
        file.write_text(text)
    assert program.code_hash(copied) == begun


def test_the_hash_that_is_kept_is_taken_for_the_same_files_only(copied, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    begun = program.code_hash(copied)
    assert len(list((copied / "__pycache__").glob("*.hash"))) == 1
    parsed = []
    syntax = program._syntax
    monkeypatch.setattr(program, "_syntax", lambda source: parsed.append(source) or syntax(source))
    assert program.code_hash(copied) == begun
    assert not parsed
    (copied / "records.py").write_text((copied / "records.py").read_text() + "\n_planted = 1\n")
    assert program.code_hash(copied) != begun
    assert parsed


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("x = 1", "x = 1  # one", True),
        ("x = 1", "x  =  1\n\n", True),
        ('"""Old."""\nx = 1', '"""New."""\nx = 1', True),
        ('def f():\n    """Old."""\n    return 1', "def f():\n    return 1", True),
        ("x = 1\n'''about x'''", "x = 1", True),
        ("x = 1", "x = 2", False),
        ("x = 1", "x = 1.0", False),
        ("x = 'a'", "x = b'a'", False),
        ("x = a - b", "x = b - a", False),
        ("x = a - b", "x = a + b", False),
        ("f(a, b=c)", "f(a, c)", False),
        ("if a:\n    b()\nc()", "if a:\n    b()\n    c()", False),
        ("for a in b:\n    c()\nelse:\n    d()", "for a in b:\n    c()\n    d()", False),
        ("x = f'{a}'", "x = f'{a!r}'", False),
        ("x = [a, b]", "x = [[a], b]", False),
        ("def f(a, *, b): pass", "def f(a, b): pass", False),
        ("def f(a, b, /): pass", "def f(a, b): pass", False),
        ("x = None", "x = ...", False),
        ("try:\n    a()\nexcept E:\n    b()", "try:\n    a()\nfinally:\n    b()", False),
    ],
)
def test_what_is_the_same_program(tmp_path, monkeypatch, old, new, same):
    monkeypatch.setattr(program, "DECIDING", ("one.py",))
    results = []
    for text in (old, new):
        (tmp_path / "one.py").write_text(text)
        results.append(program.code_hash(tmp_path))
    assert (results[0] == results[1]) == same


def test_the_deciding_files_are_those_that_a_replication_imports():
    import ast

    def imported(file):
        for node in ast.walk(ast.parse(file.read_bytes())):
            names = (
                [node.module, *(f"{node.module}.{each.name}" for each in node.names)]
                if isinstance(node, ast.ImportFrom)
                else [each.name for each in node.names]
                if isinstance(node, ast.Import)
                else []
            )
            for name in names:
                if name and name.startswith("simclinic."):
                    path = PACKAGE.joinpath(*name.split(".")[1:])
                    yield from (
                        each for each in (path.with_suffix(".py"), path / "__init__.py") if each.exists()
                    )

    roots = [PACKAGE / "experiment" / f"{name}.py" for name in ("replication", "task", "antithetic")]
    result, todo = set(), [*roots, PACKAGE / "experiment" / "designs" / "__init__.py"]
    while todo:
        file = todo.pop()
        if file not in result:
            result.add(file)
            todo += imported(file)
    # what packages and versions there are is no part of what they decide
    result -= {PACKAGE / "version.py"}
    assert result <= set(program.deciding(PACKAGE)), sorted(result - set(program.deciding(PACKAGE)))
