"""*Plans*: pinned, compared, copied, renamed and kept."""

import re

import pytest

from simclinic.scenario import load
from tests.command_line import simclinic  # noqa: F401

pytest.importorskip("fastapi", reason="the extra web is not installed")
from simclinic.web.app import application
from simclinic.web.jobs import Jobs
from tests.web.asking import Asking
from tests.web.test_jobs import QUICK, ended

TWO = {"a": QUICK.replace("Quick", "A").replace("[run]", "[run]\nreplications = 4")}
TWO["b"] = TWO["a"].replace('"A"', '"B"') + "[clinic]\nchairs = 4\n"


@pytest.fixture(scope="module")
def jobs(tmp_path_factory):
    with Jobs(tmp_path_factory.mktemp("plans")) as made:
        for name, text in TWO.items():
            (made.folder / f"{name}.toml").write_text(text)
        yield made


@pytest.fixture
def page(jobs):
    return Asking(application(jobs)).open()


def keys(page):
    found = re.findall(r'<a href="/clinic/(\w+)">([^<]*)', page.get("/plans").text)
    return {name: key for key, name in found}


def test_plans_are_compared_as_on_the_command_line(jobs, page, simclinic, monkeypatch):  # noqa: F811
    known = keys(page)
    sent = page.post("/plans", {"pin": list(known.values()), "first": known["B"]})
    assert sent.status == 303
    job = jobs.get(sent.headers["location"].rpartition("=")[2])
    assert (job.file, job.options["others"]) == ("b.toml", "a.toml")
    answer = ended(jobs, job)
    monkeypatch.chdir(jobs.folder)
    said = simclinic("compare", "b.toml", "a.toml", "--json", "--no-report")
    assert said.out == answer.json
    shown = page.get("/plans").text
    assert "simclinic compare b.toml a.toml" in shown
    assert shown.count(" checked") == 3
    assert page.get(f"/job/{job.key}/figures.csv").text.count("\n") > 20
    assert "Plans side by side b.toml" in page.get("/").text
    (jobs.folder / "a.toml").write_text(TWO["a"].replace("26", "25"))
    assert "has changed since this was asked" in page.get("/plans").text
    (jobs.folder / "a.toml").write_text(TWO["a"])
    assert "has changed since this was asked" not in page.get("/plans").text


def test_too_few_plans_are_refused(page):
    for pins in ([], [keys(page)["A"]], ["x", "../a.toml"]):
        answer = page.post("/plans", {"pin": pins})
        assert answer.status == 422
        assert "Pin two to 5 plans" in answer.text


def test_a_plan_is_copied_renamed_and_kept(jobs, page):
    known = keys(page)
    assert page.post(f"/clinic/{known['A']}/copy").status == 303
    copy = jobs.folder / "a-copy.toml"
    assert load(copy).name == "A, copy"
    key = keys(page)["A, copy"]
    assert page.post(f"/clinic/{key}/rename", {"name": '<b>"'}).status == 303
    assert load(copy).name == '<b>"'
    assert "<b>" not in page.get("/plans").text
    assert page.post(f"/clinic/{key}/rename", {"name": " "}).status == 422
    kept = page.get(f"/clinic/{key}/file.toml")
    assert kept.text == copy.read_text()
    assert kept.headers["content-disposition"] == 'attachment; filename="a-copy.toml"'
    copy.unlink()


def test_the_glossary_defines_every_figure(page):
    from simclinic.measures import KPIS

    text = page.get("/glossary").text
    assert all(f"<code>{name}</code>" in text for name in KPIS)
    assert 'href="/glossary"' in page.get("/").text
