"""Other programs' hidden files in a folder of results are left alone.

A folder with hidden files alone counts as empty, so a study begins in it. What it removes are its own unfinished
files, and never every `.*.tmp` of the folders below.
"""

import pytest

THEIRS = (
    ".cache/.session.tmp",
    ".cache/deep/.a.tmp",
    ".x.tmp",
    ".report.html.tmp",
    ".manifest.json.0123456789abcdef.TMP",
    ".cache/.part-00000.parquet.0123456789abcdef.tmp",
    ".cache/runs/.part-00000.parquet.0123456789abcdef.tmp",
    ".git/objects/.tmp",
)


@pytest.mark.parametrize("command", ["run", "compare", "sweep", "calibrate"])
def test_hidden_files_of_other_programs_stay(simclinic, scenario, tmp_path, command):
    out = tmp_path / "home"
    for name in THEIRS:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text("theirs")
    study = tmp_path / "study.toml"
    study.write_text(
        'name = "S"\nscenario = "small.toml"\nreplications = 2\ndesign = "grid"\n[factors]\n"clinic.chairs" = [3]\n'
    )
    visits = tmp_path / "visits.csv"
    visits.write_text("patient,date,status\nann,2026-01-05,completed\nann,2026-01-08,completed\n")
    words = {
        "run": ("run", scenario),
        "compare": ("compare", scenario, "--protocols", "twice-weekly,thrice-weekly"),
        "sweep": ("sweep", study),
        "calibrate": ("calibrate", visits),
    }[command]
    for _ in range(2):
        result = simclinic(*words, "--out", out)
        assert result.status in (0, 2), result.err
        for name in THEIRS:
            assert (out / name).read_text() == "theirs", name
