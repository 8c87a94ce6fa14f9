"""Everything a page tells people to type works.

Each page is one session in a folder of its own, with the project's scenarios beside it. A `console` block holds
commands and what they print, a `python` block is run after those before it, a `toml` block becomes the file its
first line names; "# in FILE" changes settings of a file that is there. Simulations are cut short; with `-m long`
they are run as they stand, and what the pages show must be what comes out.
"""

import shutil

import pytest

import simclinic
from simclinic import api
from simclinic.api import Clinic
from tests.docs.examples import QUICK, REPLICATIONS, Session, brought_up, go_through
from tests.docs.pages import NAMES, ROOT, blocks, shows

WITH_EXAMPLES = [
    name for name in NAMES if any(block.language in ("console", "python", "toml") for block in blocks(name))
]
WITH_OUTPUT = [name for name in NAMES if any(block.language == "console" for block in blocks(name))]


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
def test_examples_run(name, desk):
    go_through(name, Session(quick=True))


@pytest.mark.long
@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_print_what_the_page_shows(name, desk, monkeypatch):
    monkeypatch.delenv("SIMCLINIC_NO_REPORT", raising=False)  # as people have it
    go_through(name, Session(quick=False))


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


def test_what_a_page_shows_is_brought_up_to_date_with_its_parts_kept():
    printed = "one\ntwo\nthree 4\nfour\n"
    assert brought_up("one\n...\nthree 3\n...\n", printed) == "one\n...\nthree 4\n...\n"
    assert brought_up("...\nthree 3\nfour\n", printed) == "...\nthree 4\nfour\n"
    assert brought_up("one\n2\n", printed) == printed
