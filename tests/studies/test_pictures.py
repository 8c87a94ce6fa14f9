"""Pictures of a report's figures: what is said where they cannot be made, and what is drawn where they can."""

import importlib.util

import plotly.io
import pytest

from simclinic.scenario import baseline, with_overrides
from simclinic.store import FolderError
from simclinic.studies import pictures as room
from simclinic.studies.folders.report import page_of
from simclinic.studies.run import run


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("pictures") / "out"
    run(
        with_overrides(
            baseline(), ['run.begin="empty"', "run.warm_up_weeks=4", "run.weeks=3", "run.replications=2"]
        ),
        out=path,
    )
    return path


def test_without_the_extra_it_is_named(folder, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(FolderError, match=r"simclinic\[images\]"):
        room.pictures(folder, "png")


def test_without_a_browser_it_is_said_how_to_get_one(folder, monkeypatch):
    errors = pytest.importorskip("kaleido.errors")

    def nothing_there(*_arguments, **_options):
        raise errors.ChromeNotFoundError

    monkeypatch.setattr(plotly.io, "write_images", nothing_there)
    with pytest.raises(FolderError, match="apt install chromium") as error:
        room.pictures(folder, "png")
    assert error.value.exit_status == 1


def test_every_figure_is_drawn_on_paper_with_ink(folder, monkeypatch):
    pytest.importorskip("kaleido.errors")
    drawn = {}

    def note(figures, files, **options):
        drawn.update(figures=figures, files=files, **options)
        for file in files:
            file.write_text(file.name)

    monkeypatch.setattr(plotly.io, "write_images", note)
    made = room.pictures(folder, "svg")
    assert [file.name for file in made] == [f"{shown.key}.svg" for shown in page_of(folder).drawn]
    assert [file.name for file in drawn["files"]] == [file.name for file in made]
    assert all(file.read_text() == file.name for file in made)
    assert drawn["format"] == "svg"
    for figure in drawn["figures"]:
        assert figure.layout.paper_bgcolor == "#ffffff"
        assert figure.layout.font.color == "#1d2329"


def test_a_folder_that_holds_nothing_is_told(tmp_path):
    with pytest.raises(FolderError, match="contains no results"):
        room.pictures(tmp_path, "png")
