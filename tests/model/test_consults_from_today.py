"""Patients of the panel who are booked for a consult that is a visit, by hand, in both engines."""

import numpy as np
import pytest

from simclinic import records as r
from simclinic.errors import ScenarioError
from simclinic.model import simulate
from simclinic.records import CONSULT, INDUCTION
from simclinic.report.text.words import begins_with
from simclinic.sampling.draws import Sampler
from simclinic.scenario.panel import read_panel, scenario_contradictions
from simclinic.studies.today import panel_count
from tests.model.fast.same import assert_same, with_arrays
from tests.model.small import at, clinic, column, outcomes, reasons
from tests.model.test_consults_on_paper import CONSULT_ROOM
from tests.model.today import panel, someone

CHANCE = "[intake]\nconsult_no_show = 0.3\naccepts = 0.6"


@pytest.fixture(params=[simulate, with_arrays], ids=["simpy", "fast"])
def begin(request):
    """Simulate a clinic from a panel on, with the first random numbers whose draws fit."""

    def run(patients, *texts, fits=lambda _: True, referrals=()):
        scenario = clinic(CONSULT_ROOM, *texts, referrals=list(referrals))
        sampler = Sampler(scenario, panel(*patients))
        for seed in range(400):
            draws = sampler.sample(seed, 0)
            if fits(draws):
                return request.param(scenario, draws)
        raise AssertionError("no seed has such draws")

    return run


def test_a_booked_consult_is_kept(begin):
    """Ann asked on the Friday before, and has Monday, 10:00. She decides for a day: Wednesday, 08:00."""
    records = begin([someone("consult", ahead=(0, 10), referred=-10, wants=(-3, 9))])
    assert column(records, "appointment", kind=CONSULT) == [at(0, 10)]
    assert column(records, "requested", kind=CONSULT) == [at(-3, 9)]
    patients = records.patients
    assert [patients[name].tolist() for name in ("consult_asked", "consulted", "ready")] == [
        [at(-3, 9)],
        [at(0, 11)],
        [at(1, 11)],
    ]
    assert column(records, "appointment", kind=INDUCTION) == [at(2, 8)]
    assert reasons(records) == ["no response"]


def test_a_date_alone_is_the_earliest_start_of_that_day(begin):
    records = begin([someone("consult", ahead=1)])
    assert column(records, "appointment", kind=CONSULT) == [at(1, 8)]
    assert np.isnan(records.patients["consult_asked"]).all()


@pytest.mark.parametrize(
    ("reason", "outcome", "left"),
    [(r.NO_CONSULT, "no-show", at(0, 10)), (r.DECLINED, "completed", at(1, 11))],
)
def test_who_misses_it_or_declines_leaves(begin, reason, outcome, left):
    records = begin(
        [someone("consult", ahead=(0, 10))], CHANCE, fits=lambda draws: draws.reason.tolist() == [reason]
    )
    assert outcomes(records) == [outcome]
    assert records.patients["reason"].tolist() == [reason]
    assert records.patients["left"].tolist() == [left]


def test_chance_is_that_of_the_intake():
    """Of 2000 patients 30 % miss it, and 60 % of the others accept: within 4 standard errors."""
    scenario = clinic(CONSULT_ROOM, CHANCE, referrals=[])
    patients = [someone("consult", key=key, ahead=(0, 10)) for key in range(1, 2001)]
    reason = Sampler(scenario, panel(*patients)).sample(1, 0).reason
    for code, share in ((r.NO_CONSULT, 0.3), (r.DECLINED, 0.7 * 0.4), (0, 0.7 * 0.6)):
        assert abs(np.mean(reason == code) - share) < 4 * np.sqrt(share * (1 - share) / 2000)


def test_others_who_asked_before_have_been_to_it(begin):
    """Bea is referred two days before the first day and decides for four: she is ready on the third."""
    records = begin(
        [someone("consult", ahead=(0, 10))], "[intake]\ndays_to_decide = 4", referrals=[(-2, 600)]
    )
    assert column(records, "patient", kind=CONSULT) == [1]
    assert records.patients["ready"][0] == at(2, 10)


def test_both_engines_are_the_same():
    scenario = clinic(
        CONSULT_ROOM,
        CHANCE,
        "[demand]\nreferrals_per_week = 20",
        "[booking]\nstandby = 0.5",
        "[intake]\ndays_to_consult = 2",
    )
    patients = [
        someone("consult", key=key, ahead=(key % 9, 8 + key % 7), wants=-2 if key % 2 else None)
        for key in range(1, 40)
    ]
    assert assert_same(scenario, panel(*patients, someone("waiting", key=99))) > 60


# -- the file --------------------------------------------------------------------------------------------------

HEAD = "patient,stage,infusions_done,last_infusion_on,next_appointment,asked_on\n"


def problems(tmp_path, line, *texts):
    file = tmp_path / "panel.csv"
    file.write_text(HEAD + line)
    try:
        read = read_panel(file, clinic(*texts, referrals=[]))
    except ScenarioError as error:
        return [(problem.address, problem.rule) for problem in error.problems]
    return read


def test_a_panel_with_consults_is_read_and_counted(tmp_path):
    read = problems(tmp_path, "Ann,consult,,,2026-01-05T10:00,2026-01-02", CONSULT_ROOM)
    assert panel_count(read) == {"patients": 1, "waiting": 0, "series": 0, "maintained": 0, "consult": 1}
    assert begins_with(panel_count(read)) == (
        "1 patient (booked for a consult 1, waiting 0, in series 0, maintained 0)"
    )
    assert scenario_contradictions(clinic(CONSULT_ROOM, referrals=[]), read) == []
    [said] = scenario_contradictions(clinic(referrals=[]), read)
    assert said.startswith("1 of the panel's patients are booked for a consult, but in 'Small' no consult is")


def test_what_contradicts_a_booked_consult(tmp_path):
    assert problems(tmp_path, "Ann,consult,2,2026-01-02,,", CONSULT_ROOM) == [
        ("infusions_done", "must be 0 for a patient who is booked for a consult"),
        ("last_infusion_on", "must be empty for a patient who is booked for a consult"),
        ("next_appointment", "must be given for a patient who is booked for a consult"),
    ]
    for texts in ((), (CONSULT_ROOM, '[booking]\nmode = "walk-in"')):
        [(column_of, rule)] = problems(tmp_path, "Ann,consult,,,2026-01-05,", *texts)
        assert column_of == "stage"
        assert rule.startswith("must be waiting, series or maintained: no consult is booked ([intake] visit")
