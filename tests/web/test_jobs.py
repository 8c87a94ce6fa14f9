"""Long work behind the page: asked, watched, stopped, continued, found again, and equal to the command line's."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from simclinic.experiment.pilot import with_error
from simclinic.past.past import Competition
from simclinic.scenario import load
from simclinic.store import manifest
from simclinic.store.reader import table
from simclinic.studies.clinic_files import KEPT, clinic_files
from simclinic.studies.made_ahead import Ahead
from tests.command_line import simclinic  # noqa: F401

pytest.importorskip("fastapi", reason="the extra web is not installed")
from simclinic.web.answers import scenario_key
from simclinic.web.app import application
from simclinic.web.jobs import ENDED, Jobs, _Process, key_of
from simclinic.web.screens.job import _changes
from tests.web.asking import Asking

QUICK = """name = "Quick"
[run]
begin = "empty"
warm_up_weeks = 26
weeks = 26
"""
WRONG = json.dumps(
    dict.fromkeys(("key", "question", "file", "text", "scenario"), "cope") | {"key": "6", "options": {"a": 1}}
)
SLOW = QUICK.replace("\nweeks = 26", "\nweeks = 520").replace("Quick", "Slow")


@pytest.fixture(scope="module")
def jobs(tmp_path_factory):
    """The jobs of a folder, whose process is started once."""
    with Jobs(tmp_path_factory.mktemp("clinics")) as made:
        yield made


def asked(jobs, text, name="clinic"):
    """Ask *Does it cope?* of a clinic with this text."""
    (jobs.folder / f"{name}.toml").write_text(text)
    [clinic] = [each for each in clinic_files(jobs.folder) if each.path.stem == name]
    return jobs.ask("cope", clinic, text, load(clinic.path), {})


def until(condition, seconds=120.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def ended(jobs, job):
    until(lambda: job.state in ENDED)
    return jobs.answer(job)


def test_an_answer_is_that_of_the_command_line(jobs, simclinic, monkeypatch):  # noqa: F811
    job = asked(jobs, QUICK)
    until(lambda: job.interim is not None)
    assert job.interim.document["replications"] >= 2
    answer = ended(jobs, job)
    assert job.state == "finished"
    monkeypatch.chdir(jobs.folder)
    said = simclinic("run", "clinic.toml", "--replications", "auto", "--json", "--no-report")
    assert said.status == 0
    assert said.out == answer.json
    # the command found the folder of the job, and had nothing to simulate
    assert [each.name for each in (jobs.folder / "results").glob("quick-*")] == [Path(answer.folder).name]


def test_a_question_asked_again_is_answered_at_once(jobs):
    job = asked(jobs, QUICK)
    ended(jobs, job)
    changes = job.change
    assert asked(jobs, QUICK + "# a remark\n") is job
    assert (job.state, job.change) == ("finished", changes)
    # targets change no simulation, but verdicts
    other = asked(jobs, QUICK + "[targets]\nbalked_share = '<= 1%'\n")
    assert other is not job
    ended(jobs, other)


def test_a_job_is_stopped_and_goes_on(jobs):
    slow = asked(jobs, SLOW, "slow")
    until(lambda: slow.done >= 1)
    jobs.stop(slow)
    until(lambda: slow.state == "stopped")
    assert slow.done < slow.planned
    kept = slow.done
    jobs.go_on(slow)
    until(lambda: slow.state == "running" and slow.planned)
    assert slow.before >= kept - 2  # two processors may have been at work on others
    jobs.stop(slow)
    until(lambda: slow.state == "stopped")


STEADY = (
    QUICK.replace("Quick", "Steady")
    .replace('"empty"', '"steady"')
    .replace("= 26\nweeks", "= 1\nhistory_weeks = 80\nweeks")
)


def test_a_job_begins_with_what_was_made_while_its_clinic_was_looked_at(jobs):
    """Pilots find what a run finds without them, to the last bit, and the first replications are not made again."""
    path = jobs.folder / "steady.toml"
    path.write_text(STEADY)
    [clinic] = [each for each in clinic_files(jobs.folder) if each.path == path]
    jobs.expect(clinic, STEADY)
    assert not jobs.busy
    until(lambda: (path.name, STEADY) in jobs._made and jobs._made[path.name, STEADY][1].first is not None)
    key, made = jobs._made[path.name, STEADY]
    assert (key, made.pilots) == (scenario_key(load(path)), with_error(load(path)))
    longer = made.pilots[0]._replace(first_delay_days=made.pilots[0].first_delay_days + 1.0)
    marked = replace(made.first[1], kpis={**made.first[1].kpis, "boosters_per_week": 4321.0})
    first = (made.first[0], marked, *made.first[2:])
    jobs._made[path.name, STEADY] = key, Ahead((longer, made.pilots[1]), first)
    job = asked(jobs, STEADY, "steady")
    until(lambda: job.done > job.before)
    jobs.stop(job)
    until(lambda: job.state in ENDED)
    assert job.before == len(first), "they tell nothing of the time that the others take"
    [folder] = (jobs.folder / "results").glob("steady-run-*")
    assert manifest.competition(manifest.read(folder)) == longer
    assert table(folder, "runs")["boosters_per_week"][1] == 4321.0


def test_a_job_goes_before_first_replications_and_an_answered_clinic_needs_none(jobs, monkeypatch):
    """Between pilots and first replications a job of the clinic is begun; after it, nothing is made ahead."""
    begun = []
    monkeypatch.setattr(jobs, "_make_ahead", lambda wish, _process: begun.append(wish))
    text = STEADY.replace("Steady", "Asked")
    wish = ("asked.toml", text)
    job = asked(jobs, text, "asked")
    jobs._made[wish] = job.scenario, Ahead((Competition(1.0, 1.0), {}))
    with jobs._lock:
        jobs._expected = wish
        assert jobs._is_wanted(wish)
    assert ended(jobs, job) is not None
    until(lambda: jobs._expected is None)
    assert not jobs._is_wanted(wish)
    ended(jobs, asked(jobs, QUICK.replace("Quick", "Next"), "next"))
    assert begun == []


def news(job, steps, monkeypatch):
    """Watch a job by a clock of the test; return the moments of its events.

    Parameters
    ----------
    job
        What is watched.
    steps
        By moment, what changes in it.
    """
    clock, left = [0.0], dict(steps)

    async def sleep(seconds):
        clock[0] += seconds
        for moment in [each for each in left if each <= clock[0]]:
            left.pop(moment)(job)
            job.change += 1

    monkeypatch.setattr("simclinic.web.screens.job.time.monotonic", lambda: clock[0])
    monkeypatch.setattr("simclinic.web.screens.job.asyncio.sleep", sleep)

    async def watch():
        return [clock[0] async for event in _changes(job) if event.startswith("event")]

    with ThreadPoolExecutor(1) as thread:  # a browser of another test may have a loop in this one
        return thread.submit(asyncio.run, watch()).result()


def test_first_figures_and_the_end_are_told_at_once(monkeypatch):
    """Other changes are told at most every 0.3 seconds, but soon after each other where a job has just begun."""
    job = SimpleNamespace(change=0, state="running", interim=None)
    steps = {
        0.1: lambda job: None,
        **{4 + step / 50: lambda job: None for step in range(50)},
        5.5: lambda job: None,
        5.72: lambda job: setattr(job, "interim", "figures"),
        6.0: lambda job: setattr(job, "state", "finished"),
    }
    at = news(job, steps, monkeypatch)
    assert at[0] == 0.0
    assert 0.1 <= at[1] < 0.2
    many = [each for each in at if 4 <= each < 5.2]
    assert 3 <= len(many) <= 5
    assert min(np.diff(many)) >= 0.3
    assert any(5.72 <= each < 5.85 for each in at), "first figures do not wait for their turn"
    assert 6.0 <= at[-1] < 6.15


def test_jobs_wait_for_each_other_and_may_leave_the_queue(jobs):
    first, second = asked(jobs, SLOW, "first"), asked(jobs, SLOW.replace("520", "519"), "second")
    until(lambda: first.state == "running")
    assert second.state == "waiting"
    assert jobs.ahead(second) == 1
    jobs.stop(second)
    assert second.state == "stopped"
    assert jobs.busy
    jobs.stop(first)
    until(lambda: not jobs.busy)


def test_a_job_survives_the_end_of_its_server(tmp_path):
    with Jobs(tmp_path) as jobs:
        job = asked(jobs, SLOW)
        until(lambda: job.done >= 1)
    with Jobs(tmp_path) as later:
        again = later.get(job.key)
        assert again.state == "stopped"
        assert again.done >= 1
        later.go_on(again)
        until(lambda: again.state == "running" and again.planned)
        assert again.before >= 1


def test_a_killed_process_is_said_and_another_takes_its_place(jobs):
    job = asked(jobs, SLOW)
    until(lambda: job.done >= 1)
    os.kill(jobs._process._process.pid, signal.SIGKILL)
    until(lambda: job.state == "stopped")
    assert "ended by itself" in job.lines[0]
    other = asked(jobs, QUICK, "other")
    assert ended(jobs, other) is not None


def test_a_killed_process_leaves_the_terminal_quiet(tmp_path):
    program = f"""
import multiprocessing, os, pathlib
from simclinic.web.jobs import _Process
if __name__ == "__main__":
    process = _Process(pathlib.Path({str(tmp_path)!r}))
    left = multiprocessing.get_context("spawn").Semaphore()
    process.kill()
    os._exit(0)
"""
    (tmp_path / "program.py").write_text(program)
    done = subprocess.run(
        [sys.executable, tmp_path / "program.py"], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_process_that_begins_is_not_interrupted(tmp_path):
    process = _Process(tmp_path)
    process.interrupt()
    process.end()
    assert process._process.exitcode == 0


def test_an_idle_process_is_fresh_and_one_that_hears_nothing_does_not_hold_up_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr("simclinic.web.jobs.IDLE_SECONDS", 0.3)
    ends, end = [], _Process.end
    monkeypatch.setattr(_Process, "end", lambda process: (ends.append(process), end(process)))
    with Jobs(tmp_path) as jobs:
        jobs.warm()
        until(lambda: jobs._process is not None)
        first = jobs._process
        time.sleep(1)
        assert ends == [], "a fresh one is kept"
        endless = asked(jobs, 'name = "Endless"\n[boosters]\nattrition = 0.0\n', "endless")
        until(lambda: endless.state == "refused")
        until(lambda: jobs._process not in (first, None), 30)
        assert ends[0] is first
        job = asked(jobs, SLOW)
        until(lambda: job.state == "running")
        os.kill(jobs._process._process.pid, signal.SIGSTOP)
        begun = time.monotonic()
        jobs.close()
        assert time.monotonic() - begun < 10
        assert (job.state, job.lines) == ("stopped", []), "as it was told"


def test_what_cannot_be_simulated_is_said(jobs):
    job = asked(jobs, 'name = "Endless"\n[boosters]\nattrition = 0.0\n', "endless")
    assert ended(jobs, job) is None
    assert job.state == "refused"
    assert 'begin = "empty"' in " ".join(job.lines)


def test_files_that_are_no_jobs_are_left_alone(tmp_path):
    place = tmp_path / KEPT / "jobs"
    place.mkdir(parents=True)
    for number, text in enumerate(
        ("", "{}", "[]", '{"key": 1}', '{"key": "3", "question": "rm"}', "\xff", WRONG)
    ):
        (place / f"{number}.json").write_bytes(text.encode("latin-1"))
    assert Jobs(tmp_path).recent(9) == []


def test_an_answer_that_names_a_folder_elsewhere_is_not_followed(jobs, tmp_path):
    job = asked(jobs, QUICK)
    ended(jobs, job)
    path = jobs._answer_path(job)
    text = path.read_text()
    page = Asking(application(jobs)).open()
    for folder in ("..", str(tmp_path)):
        path.write_text(json.dumps(json.loads(text) | {"folder": folder}))
        for end in ("report.html", "figures.csv"):
            assert page.get(f"/job/{job.key}/{end}").status == 422
    path.write_text(text)
    assert page.get(f"/job/{job.key}/figures.csv").status == 200


def test_the_answer_of_another_scenario_is_not_given(jobs):
    job = asked(jobs, QUICK)
    [clinic] = [each for each in clinic_files(jobs.folder) if each.path.name == job.file]
    for text in (QUICK.replace("26", "25"), QUICK + "[finance]\nprice_per_booster = 1\n"):
        clinic.path.write_text(text)
        assert key_of("cope", clinic, load(clinic.path), {}) != job.key
    assert key_of("cope", clinic, load(clinic.path), {"a": "b"}) != key_of(
        "cope", clinic, load(clinic.path), {}
    )


def test_the_screen_shows_paper_asks_and_answers(jobs):
    text = QUICK.replace("Quick", "On the screen")
    (jobs.folder / "screen.toml").write_text(text)
    page = Asking(application(jobs)).open()
    [address] = re.findall(r'href="(/clinic/\w+)">On the screen', page.get("/").text)
    first = page.get(f"{address}/cope")
    assert "data-asks" in first.text
    assert "starts a week that the plan offers" in first.text
    sent = page.post(f"{address}/cope")
    assert sent.status == 303
    job = jobs.get(sent.headers["location"].rpartition("=")[2])
    assert f'data-job="{job.key}"' in page.get(sent.headers["location"]).text
    answer = ended(jobs, job)
    shown = page.get(f"{address}/cope").text
    assert "data-asks" not in shown
    assert "data-job" not in shown
    assert 'aria-label="The job"' not in shown
    assert "simclinic run screen.toml --replications auto" in shown
    for label in ("Turned away", "Boosters", "Chairs in use"):
        assert label in shown
    stream = page.get(f"/job/{job.key}/events").text
    assert stream.startswith("event: ended\n")
    kept = page.get(f"/job/{job.key}/answer.json")
    assert kept.text == answer.json
    assert kept.headers["content-disposition"] == 'attachment; filename="screen-cope.json"'
    assert "<h1>On the screen</h1>" in page.get(f"/job/{job.key}/report.html").text
    (jobs.folder / "screen.toml").write_text(text.replace("26", "27"))
    changed = page.get(f"{address}/cope").text
    assert "has changed since this was asked" in changed
    assert "data-asks" in changed


@pytest.mark.parametrize("path", ["../../etc/passwd", "..%2f..", "x", "%00"])
def test_an_unknown_job_is_not_found(jobs, path):
    page = Asking(application(jobs)).open()
    for end in ("events", "answer.json", "report.html"):
        assert page.get(f"/job/{path}/{end}").status == 404
    assert page.post(f"/job/{path}/stop").status == 404
    assert page.post(f"/job/{path}/go-on").status == 404


def test_results_of_before_an_update_are_put_aside(jobs):
    from simclinic.store import manifest

    job = asked(jobs, QUICK.replace("Quick", "Updated"), "updated")
    folder = jobs.folder / ended(jobs, job).folder
    manifest.write(folder, {**manifest.read(folder), "code_version": "0.0.1+abc"})
    jobs._answer_path(job).unlink()
    again = asked(jobs, QUICK.replace("Quick", "Updated"), "updated")
    assert again is job
    answer = ended(jobs, job)
    assert job.state == "finished", job.lines
    assert jobs.folder / answer.folder == folder
    aside = folder.with_name(f"{folder.name}-before-update-1")
    assert manifest.read(aside)["code_version"] == "0.0.1+abc"
