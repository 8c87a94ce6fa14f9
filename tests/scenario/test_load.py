import os
import sys

import pytest

from simclinic.errors import ScenarioError
from simclinic.scenario import baseline, from_toml, load


def broken(path, *overrides):
    with pytest.raises(ScenarioError) as caught:
        load(path, overrides)
    return caught.value.problems


def test_five_lines_are_a_scenario(tmp_path):
    (tmp_path / "a.toml").write_text('name = "Four"\n[clinic]\nchairs = 4\n')
    made = load(tmp_path / "a.toml")
    assert made.clinic.chairs == 4
    assert made.visit == baseline().visit


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_byte_order_mark_and_windows_lines_are_fine(tmp_path, ending):
    text = f'name = "Ä"{ending}[clinic]{ending}chairs = 0{ending}'
    (tmp_path / "a.toml").write_bytes(b"\xef\xbb\xbf" + text.replace("0", "4").encode())
    assert load(tmp_path / "a.toml").name == "Ä"
    (tmp_path / "a.toml").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert broken(tmp_path / "a.toml")[0].line == 3


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ('name = "x"'.encode("utf-16"), "is in UTF-16"),
        ('name = "x"\n# ä'.encode("latin-1"), "a.toml:2: is not in UTF-8"),
        (b'name = "x"\n' + b"#" * 1_000_000, "is larger than 1,000,000 bytes"),
        (b"\x00", "is not valid TOML"),
        (b'name = "x"\nname = "y"', "a.toml:2: is not valid TOML: this name is given twice"),
        (b"[a]\nx = 1\n[a]\ny = 2", "a.toml:3: is not valid TOML: this table is declared twice"),
        (b'name = "x', "is not valid TOML"),
        (b'name = "x"\nfrom = 2026-13-45 # Monday\n', "is the date one of the calendar, year-month-day?"),
        (b'name = "x"\nrun.seed = ' + b"9" * 5000, "a number has too many digits"),
        (b"x = " + b"[" * 5000, "is nested more than 16 levels deep"),
        (b"x = " + b"[" * 100 + b"]" * 100, "is nested more than 16 levels deep"),
        (b"a." * 300_000 + b"a = 1", "a dotted name must not have more than 16 parts"),
        (b'"a" . ' * 150_000 + b"a = 1", "a dotted name must not have more than 16 parts"),
        (b"[" + b"a." * 300_000 + b"a]", "a dotted name must not have more than 16 parts"),
    ],
    ids=[
        "utf-16",
        "latin-1",
        "large",
        "null",
        "twice",
        "table",
        "open",
        "no-date",
        "digits",
        "open-lists",
        "lists",
        "dotted",
        "quoted",
        "header",
    ],
)
def test_unreadable_files_are_told_in_one_sentence(tmp_path, raw, message):
    (tmp_path / "a.toml").write_bytes(raw)
    [problem] = broken(tmp_path / "a.toml")
    assert message in str(problem)


def test_files_that_are_not_there(tmp_path):
    assert "there is no such file" in str(broken(tmp_path / "a.toml")[0])
    assert "is a folder" in str(broken(tmp_path)[0])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_files_that_may_not_be_read(tmp_path):
    (tmp_path / "a.toml").touch(mode=0)
    assert "cannot be read" in str(broken(tmp_path / "a.toml")[0])


def test_huge_numbers_are_shown_short(tmp_path):
    (tmp_path / "a.toml").write_text(f'name = "x"\n[clinic]\nchairs = 0x{"f" * 100_000}\n')
    [problem] = broken(tmp_path / "a.toml")
    assert problem.value == "a number of 400000 bits"


def test_keys_in_letters_that_only_look_right(problems):
    [problem] = problems('[clinic]\n"ch\N{CYRILLIC SMALL LETTER A}irs" = 3')
    assert "it contains CYRILLIC SMALL LETTER A" in str(problem)
    assert problem.suggestion == "chairs"
    [problem] = problems("[clinic]\nch\N{CYRILLIC SMALL LETTER A}irs = 3")
    assert "the line contains CYRILLIC SMALL LETTER A" in str(problem)
    assert problem.line == 3
    [problem] = problems("[clinic]\nchairs = \N{LEFT DOUBLE QUOTATION MARK}3")
    assert "LEFT DOUBLE QUOTATION MARK" in str(problem)
    [problem] = problems('[shifts."day\N{EN DASH}shift"]\ndays=["mon"]\nhours="24h"\nnurses=1')
    assert "a name must consist of letters" in str(problem)


class TestExtends:
    def test_files_may_lie_below(self, tmp_path):
        (tmp_path / "sub").mkdir()
        (tmp_path / "sub" / "b.toml").write_text('name = "b"\nextends = "c.toml"\n')
        (tmp_path / "sub" / "c.toml").write_text('name = "c"\nextends = "../d.toml"\n[clinic]\nchairs = 7\n')
        (tmp_path / "d.toml").write_text("[run]\nseed = 9\n")
        (tmp_path / "a.toml").write_text('name = "a"\nextends = "sub/b.toml"\n')
        made = load(tmp_path / "a.toml")
        assert (made.name, made.clinic.chairs, made.run.seed) == ("a", 7, 9)

    @pytest.mark.parametrize(
        ("extends", "message"),
        [
            ('"../a.toml"', "must not leave the folder of the scenario file"),
            ('"sub/../../a.toml"', "must not leave the folder of the scenario file"),
            ('"/etc/passwd"', "must be a relative path"),
            ('"C:\\\\a.toml"', "must be a relative path"),
            ('"sub\\\\a.toml"', "must be a relative path"),
            ('""', "must be the relative path of a file"),
            ('"a\\u0000"', "must be the relative path of a file"),
            ("3", "must be the relative path of a file"),
            ('["a.toml"]', "must be the relative path of a file"),
            ('"missing.toml"', "there is no such file"),
            ('"."', "is a folder"),
            ('"a.toml"', "must not lead back"),
            ('"./a.toml"', "must not lead back"),
            ('"link.toml"', "must not leave the folder of the scenario file"),
        ],
    )
    def test_what_cannot_be_extended(self, tmp_path, extends, message):
        folder = tmp_path / "scenarios"
        folder.mkdir()
        (tmp_path / "outside.toml").write_text('name = "o"\n')
        (folder / "link.toml").symlink_to(tmp_path / "outside.toml")
        (folder / "a.toml").write_text(f'name = "a"\nextends = {extends}\n')
        [problem] = broken(folder / "a.toml")
        assert message in str(problem)
        assert (problem.address, problem.line) == ("extends", 2)

    def test_circles_are_errors(self, tmp_path):
        for name, other in (("a", "b"), ("b", "c"), ("c", "a")):
            (tmp_path / f"{name}.toml").write_text(f'name = "{name}"\nextends = "{other}.toml"\n')
        [problem] = broken(tmp_path / "a.toml")
        assert "must not lead back" in str(problem)
        assert problem.file == str(tmp_path / "c.toml")

    def test_chains_have_an_end(self, tmp_path):
        for number in range(30):
            (tmp_path / f"{number}.toml").write_text(f'name = "x"\nextends = "{number + 1}.toml"\n')
        assert "must not chain more than 16 files" in str(broken(tmp_path / "0.toml")[0])

    def test_text_without_a_folder_extends_nothing(self):
        with pytest.raises(ScenarioError, match="needs a scenario file"):
            from_toml('name = "x"\nextends = "a.toml"')

    def test_text_with_a_folder_does(self, tmp_path):
        (tmp_path / "a.toml").write_text('name = "a"\n[clinic]\nchairs = 5\n')
        assert from_toml('extends = "a.toml"', folder=tmp_path).clinic.chairs == 5

    def test_an_unreadable_extended_file_is_told_with_its_name(self, tmp_path):
        (tmp_path / "a.toml").write_text('name = "a"\nextends = "b.toml"\n')
        (tmp_path / "b.toml").write_text("x = \n")
        [problem] = broken(tmp_path / "a.toml")
        assert (problem.file, problem.line) == (str(tmp_path / "b.toml"), 1)


def test_relative_paths_work_from_anywhere(tmp_path, monkeypatch):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.toml").write_text('name = "a"\nextends = "b.toml"\n')
    (tmp_path / "sub" / "b.toml").write_text("[clinic]\nchairs = 0\n")
    monkeypatch.chdir(tmp_path)
    assert str(broken("sub/a.toml")[0]).startswith(f"sub{os.sep}b.toml:2: clinic.chairs: must be at least 1")


def test_nothing_heavy_is_imported_for_a_valid_file():
    import subprocess

    code = (
        "import sys, simclinic.scenario as s; s.from_toml('name = \"x\"');"
        "heavy = ('pandas', 'scipy', 'numpy', 'tomlkit', 'tree_sitter', 'rich', 'click');"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
