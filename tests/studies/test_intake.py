"""The most referrals that meet all targets, where theory or many replications know the answer."""

import datetime as dt
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from simclinic.errors import SimclinicError
from simclinic.measures.targets import VERDICT, Target, targets_of
from simclinic.planning.levels import carried_on_paper, levels
from simclinic.planning.load import load_on_paper
from simclinic.report.text import intake as words
from simclinic.report.text.plan import never_shown
from simclinic.sampling import draw
from simclinic.scenario import baseline, from_toml, load, replace
from simclinic.studies import intake as study
from simclinic.studies.certify import Found, in_order, judged
from simclinic.studies.intake import climb, intake
from simclinic.studies.run_options import RunOptions
from tests.command_line import scenario, simclinic
from tests.studies.brute_force import meets_all
from tests.studies.test_bottleneck import MMC

__all__ = ["scenario", "simclinic"]

WAIT = Target("wait_minutes_mean", at_most=True, limit=10.0)
AWAY = Target("balked_share", at_most=True, limit=0.05, guard=True)


# -- levels -------------------------------------------------------------------------------------------------------


def test_levels_rise_in_equal_steps_of_what_paper_carries():
    scenario = baseline()
    full = carried_on_paper(scenario)
    at_full = replace(scenario, demand={"referrals_per_week": full})
    assert load_on_paper(at_full) == pytest.approx(1.0)
    found = levels(scenario, first=0.5, step=0.05, last=1.0)
    assert [level.share for level in found] == pytest.approx([0.5 + 0.05 * number for number in range(11)])
    assert [level.referrals for level in found] == pytest.approx(
        [full * level.share for level in found], abs=0.05
    )
    assert all(level.scenario.demand.referrals_per_week == level.referrals for level in found)
    # What is referred now does not matter.
    other = levels(replace(scenario, demand={"referrals_per_week": 0.0}), first=0.5, step=0.05, last=1.0)
    assert [level.referrals for level in other] == [level.referrals for level in found]


def test_what_may_follow_at_most_is_no_less_than_what_follows():
    """Levels confirmed up to one, then open for ever: the longest climb from there."""
    for good in range(8):
        shown = [Found("confirmed" if place < good else "open", True, ()) for place in range(8)]
        climbed = list(climb(8, lambda place, shown=shown: (shown[place], None)))
        results: list = []
        for number, (place, found, _) in enumerate(climbed):
            assert study._levels_left(results, place, 8) >= len(climbed) - number
            results.append({"state": found.state})
        # once a level is not confirmed, the end is known
        assert study._levels_left(results[:-1], len(climbed) - 1, 8) == 1


def test_the_patients_of_a_level_contain_those_of_the_level_below():
    short = replace(baseline(), run={"begin": "empty", "warm_up_weeks": 0, "weeks": 20})
    below: dict = {}
    for level in levels(short, first=0.5, step=0.1, last=1.1):
        draws = draw(level.scenario, seed=3, replication=2)
        people = {
            key: (each, bool(responds))
            for key, each, responds in zip(
                zip(draws.day.tolist(), draws.ordinal.tolist(), strict=True),
                np.nan_to_num(draws.ready, nan=-1.0).tolist(),
                draws.responder.tolist(),
                strict=True,
            )
        }
        assert below.items() <= people.items()
        assert len(people) > len(below)
        below = people


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"demand": {"referrals": [dt.date(2026, 1, 5)]}}, "replayed from a list"),
        ({"boosters": {"attrition": 0.0}, "relapse": {"days": 30.0}}, "boosters never end"),
        ({"intake": {"accepts": 0.0}}, "no referred patient ever begins a series"),
        ({"changes": {"2026-03-02": {"demand.referrals_per_week": 12.0}}}, "no single number"),
    ],
)
def test_where_there_is_no_number_to_find_it_is_said(changes, told):
    with pytest.raises(SimclinicError, match=told):
        carried_on_paper(replace(baseline(), **changes))


# -- the sequence -------------------------------------------------------------------------------------------------


def states(*answers):
    def found(place):
        return Found(answers[place], True, ()), place

    return [shown.state for _, shown, _ in climb(len(answers), found)]


def test_the_first_level_that_is_not_confirmed_ends_the_sequence():
    assert states("confirmed", "confirmed", "missed", "confirmed") == ["confirmed", "confirmed", "missed"]
    # What looks confirmed above an open level is not: the sequence has stopped.
    assert states("confirmed", "open", "confirmed", "missed") == ["confirmed", "open", "open", "missed"]
    assert states("missed", "confirmed") == ["missed"]
    assert states(*["open"] * 9) == ["open"] * 5
    assert states("confirmed", "confirmed") == ["confirmed", "confirmed"]


def columns(wait=5.0, away=0.0, n=100, spread=1.0):
    noise = np.random.default_rng(1).normal(size=n)
    return {"wait_minutes_mean": wait + spread * (noise - noise.mean()), "balked_share": np.full(n, away)}


def judge(data, verdict="stable", targets=(WAIT, AWAY), effects=None):
    return judged(targets, data, verdict, confirm=0.05, exclude=0.001, effects=effects or {})


def test_certificates_have_the_whole_error_and_exclusions_divide_it(tmp_path, monkeypatch):
    rules = []

    def settle(plan, folder, rule, simulate):
        rules.append(rule)
        raise SimclinicError("enough")

    monkeypatch.setattr(study, "settle", settle)
    with pytest.raises(SimclinicError, match="enough"):
        intake(
            baseline(), first=0.5, step=0.5, alpha=0.04, at_most=20, options=RunOptions(out=tmp_path / "out")
        )
    [rule] = rules
    # From half to twice what paper carries in steps of a half: four levels.
    assert rule.confirm == 0.04
    assert rule.exclude == pytest.approx(0.04 / (4 * len(targets_of(baseline(), default=True))))


def at_level(state, **states):
    return {
        "referrals": 5.0,
        "series": 2.0,
        "share": 0.5,
        "replications": 30,
        "state": state,
        "targets": [
            {"figure": figure, "state": each, "mean": None, "lower": None, "upper": None}
            for figure, each in states.items()
        ],
    }


def answered(*levels):
    return words.answer(document_of(*levels), whole=False)


def document_of(*levels):
    return {
        "alpha": 0.05,
        "at_most": 30,
        "now": 4.0,
        "on_paper": 10.0,
        "confirmed": max(
            (at for at, each in enumerate(levels) if each["state"] == "confirmed"), default=None
        ),
        "missed": next((at for at, each in enumerate(levels) if each["state"] == "missed"), None),
        "levels": levels,
        "targets": [
            {
                "figure": "wait_minutes_mean",
                "at_most": True,
                "limit": 5.0,
                "in_years": False,
                "by": "wait_minutes_mean",
                "told": "Wait: at most 5 minutes",
            },
            {
                "figure": VERDICT,
                "at_most": True,
                "limit": None,
                "in_years": False,
                "by": VERDICT,
                "told": "The clinic is not shown to be unstable",
            },
        ],
    }


def test_while_levels_are_simulated_nothing_is_said_of_those_to_come():
    met = at_level("confirmed", wait_minutes_mean="met", verdict="met")
    open_ = at_level("open", wait_minutes_mean="open", verdict="met")
    missed = at_level("missed", wait_minutes_mean="missed", verdict="met")
    up_to = "So far: up to 5 referrals a week (2.00 series) meet all targets, with 95 % confidence."
    assert words.so_far(document_of(met)) == [up_to, "The next level is being simulated."]
    assert words.so_far(document_of(met, open_)) == [
        up_to,
        "It is open for 5; whether more are shown to miss a target is being simulated.",
    ]
    [said] = words.so_far(document_of(open_))
    assert said.startswith("So far: 5 referrals a week (2.00 series) are not shown to meet all targets.")
    assert words.so_far(document_of(met, missed)) == answered(met, missed)


def test_a_clinic_that_is_not_stable_is_said_so():
    _, said, *_ = answered(
        at_level("open", wait_minutes_mean="open", verdict="met"),
        at_level("missed", wait_minutes_mean="met", verdict="missed"),
    )
    assert (
        "5 referrals a week (2.00 series) are more than the clinic can keep up with: it is not stable" in said
    )
    _, said, *_ = answered(
        at_level("open", wait_minutes_mean="open", verdict="met"),
        at_level("missed", wait_minutes_mean="missed", verdict="missed"),
    )
    assert "are shown to miss the target: wait: at most 5 minutes, and the clinic is not stable;" in said
    _, said, *_ = answered(
        at_level("open", wait_minutes_mean="open", verdict="met"),
        at_level("missed", wait_minutes_mean="missed", verdict="met"),
    )
    assert "are shown to miss the target: wait: at most 5 minutes" in said
    assert "stable" not in said


def test_a_target_without_spread_stays_open_and_it_is_said_what_to_ask():
    asked = [
        {"by": "overtime_minutes_per_day", "at_most": at_most, "limit": 10.0, "told": "Overtime"}
        for at_most in (True, False)
    ]

    def said(replications, state="open", **bounds):
        found = {"state": state, "mean": 0.0, "lower": 0.0, "upper": 0.0} | bounds
        return [list(words.without_spread([each], [found], replications)) for each in asked]

    [[at_most], []] = said(30, upper=None)
    assert at_most.startswith("More replications cannot show “Overtime”")
    assert at_most.endswith("--target 'overtime_minutes_per_day<=10 in 80%'.")
    found = {"state": "open", "mean": 0.0, "lower": 0.0, "upper": None}
    plan = {"state": "open", "targets": [found], "replications": 30}
    assert list(never_shown({"nearest": 0, "targets": asked[:1], "plans": [plan]})) == [at_most]
    assert not list(never_shown({"nearest": 0, "targets": asked[:1], "plans": [plan | {"state": "misses"}]}))
    [[], [at_least]] = said(30, lower=None)
    assert at_least.endswith("--target 'overtime_minutes_per_day>=10 in 80%'.")
    assert said(30) == said(20, upper=None) == said(30, "met", upper=None) == [[], []]
    assert said(30, upper=None, mean=None) == [[], []]
    few = said(20, upper=None, lower=None, absent=3)
    assert few == 2 * [["“Overtime” stays open: 3 of 20 replications have no such figure."]]
    assert said(20, "met", absent=3) == [[], []]


def test_where_the_first_level_is_open_more_replications_may_do():
    first, *_ = answered(at_level("open", wait_minutes_mean="open", verdict="met"))
    assert first.endswith(
        "meet all targets; --at-most allows more replications than 30, and --from begins lower."
    )
    first, *_ = answered(at_level("missed", wait_minutes_mean="missed", verdict="met"))
    assert first.endswith("meet all targets; --from begins lower.")


def test_a_level_is_confirmed_if_all_targets_are_met_and_missed_if_one_is_missed():
    assert judge(columns()).state == "confirmed"
    assert judge(columns(wait=12.0)).state == "missed"
    assert judge(columns(away=0.5)).state == "missed"
    few = judge(columns(n=20))
    assert (few.state, few.settled) == ("open", False)  # twenty years of nobody turned away are not enough
    assert [each["state"] for each in few.targets] == ["met", "open"]
    near = judge(columns(wait=10.0, n=2000))
    assert (near.state, near.settled) == ("open", True)  # borderline: more replications cannot help
    assert near.targets[0]["state"] == "borderline"


def test_the_verdict_and_missing_figures_guard_too():
    guard = Target("verdict", at_most=True, limit=float("nan"), guard=True)
    assert judge(columns(), "not-stable", (WAIT, guard)).state == "missed"
    assert judge(columns(), "open", (WAIT, guard)).state == "confirmed"
    assert judge(columns(), None, (WAIT, guard)).state == "open"
    data = columns()
    data["wait_minutes_mean"][7] = np.nan  # a failed replication never confirms
    assert judge(data).state == "open"
    assert [each.get("absent") for each in judge(data).targets] == [
        1 if each["figure"] == "wait_minutes_mean" else None for each in judge(data).targets
    ]


def test_the_error_of_pilot_runs_is_in_the_bounds():
    plain = judge(columns()).targets[0]
    shared = judge(columns(), effects={"wait_minutes_mean": (4.0, -4.0, 4.0, -4.0)})
    assert plain["upper"] < 6 < shared.targets[0]["upper"]
    assert shared.targets[0]["mean"] == plain["mean"]
    assert shared.state == "open"


def test_the_error_of_pilot_runs_is_as_unlikely_as_the_bound_says():
    """Replications that hardly differ, and six pilots that do: the error is that of the pilots."""
    rng, studies, beta = np.random.default_rng(6), 4000, 0.005
    wrong = 0
    for _ in range(studies):
        effects = rng.normal(size=6)
        # The pilots' mean is off, and so is every replication; the truth is the limit.
        values = 10.0 + effects.mean() + 1e-3 * rng.normal(size=40)
        found = judged(
            (WAIT,),
            {"wait_minutes_mean": values},
            "stable",
            confirm=beta,
            exclude=beta,
            effects={"wait_minutes_mean": (effects - effects.mean()).tolist()},
        )
        wrong += found.targets[0]["state"] == "met"
    assert wrong / studies <= beta + 3 * np.sqrt(beta / studies)


def test_the_error_of_pilot_runs_moves_all_years_together():
    target = Target("wait_minutes_mean", at_most=True, limit=10.0, years=0.8)
    noise = np.random.default_rng(1).normal(size=200)

    def asked(effects):
        data = {"wait_minutes_mean": 8.0 + 0.5 * noise}
        found = judged(
            (target,), data, "stable", confirm=0.05, exclude=0.05, effects={"wait_minutes_mean": effects}
        )
        return found.targets[0]

    assert asked(())["state"] == "met"  # every year keeps the limit
    doubtful = asked((3.0, -3.0, 3.0, -3.0))  # all may be three days off
    assert (doubtful["state"], doubtful["mean"]) == ("open", 1.0)
    assert doubtful["lower"] < 0.8 < doubtful["upper"]


def test_values_stand_in_the_place_of_their_replication():
    found = in_order({"replication": np.array([2, 0]), "x": np.array([5.0, 4.0])}, 4)
    assert found["x"].tolist() == pytest.approx([4.0, np.nan, 5.0, np.nan], nan_ok=True)


def test_a_mean_at_the_limit_is_seldom_confirmed():
    # The sequence looks at 20, 30, 40 ... and stops when it likes; the error is at most 5 % all the same.
    from simclinic.experiment.sequences import looks

    random, wrong, studies = np.random.default_rng(4), 0, 400
    for _ in range(studies):
        values = random.normal(10.0, 3.0, size=130)
        wrong += any(
            judged(
                (WAIT,), {"wait_minutes_mean": values[:n]}, "stable", confirm=0.05, exclude=0.01, effects={}
            ).state
            == "confirmed"
            for n in looks(130)
        )
    assert wrong / studies <= 0.05


# -- theory -------------------------------------------------------------------------------------------------------

MM1 = MMC.replace("chairs = 3", "chairs = 1").replace("weeks = 6", "weeks = 8").replace("M/M/3", "M/M/1")
ENOUGH = '[targets]\nwait_minutes_mean = "<= 80"\nbalked_share = "<= 0.6"\n'


def test_a_queue_whose_wait_theory_knows(tmp_path):
    # The wait of M/M/1 is rho / (1 - rho) * 40 minutes: 80 at rho = 2/3, 60 at 0.6 and 93 at 0.7.
    plan = from_toml(MM1 + ENOUGH)
    so_far, tried = [], []
    options = RunOptions(out=tmp_path / "out", watch=lambda step: tried.append(step.says))
    found = intake(plan, step=0.1, at_most=60, options=options, show=so_far.append).document
    assert tried[0].startswith("The lowest level is being simulated: 126 referrals a week")
    assert [each[:7] for each in tried[1:]] == ["Level 2", "Level 3"]
    # a level is shown when it is settled, and stays as it is
    assert [each["levels"] for each in so_far] == [found["levels"][:count] for count in (1, 2, 3)]
    assert [each["confirmed"] for each in so_far] == [0, 1, 1]
    assert found["on_paper"] == pytest.approx(252.0)
    assert [level["state"] for level in found["levels"]] == ["confirmed", "confirmed", "missed"]
    assert found["levels"][found["confirmed"]]["share"] == pytest.approx(0.6)
    assert found["levels"][found["missed"]]["share"] == pytest.approx(0.7)
    assert found["answer"][0].startswith("Up to 151 referrals a week (151 series) meet all targets")
    assert "are shown to miss the target: wait on the day, mean: at most 80 minutes." in found["answer"][1]
    waits = [level["targets"][0] for level in found["levels"]]
    for target, truth in zip(waits, (40.0, 60.0, 280 / 3), strict=True):
        assert target["lower"] < truth < target["upper"]


@pytest.mark.long
def test_the_level_confirmed_is_within_a_step_of_the_truth(tmp_path):
    plan = replace(
        baseline(),
        run={"begin": "empty", "warm_up_weeks": 20, "weeks": 26},
        boosters={"uptake": 0.0},
        targets={"access_days_p90": "<= 10"},
    )
    found = intake(plan, step=0.1, at_most=200, options=RunOptions(out=tmp_path / "out")).document
    true = [meets_all(level.scenario) for level in levels(plan, first=0.5, step=0.1, last=1.3)]
    most = true.index(False) - 1
    assert most - 1 <= found["confirmed"] <= most
    assert found["missed"] > most


# -- the command --------------------------------------------------------------------------------------------------

FAST = (
    *("--set", 'run.begin="empty"', "--set", "boosters.uptake=0", "--target", "wait_minutes_mean<=1000"),
    *(
        "--target",
        "balked_share<=60%",
        "--target",
        "overtime_day_share<=60%",
        "--at-most",
        30,
        "--step",
        "50%",
    ),
)


def test_the_command_its_json_and_its_folder(simclinic, scenario, tmp_path):
    out = tmp_path / "out"
    arguments = ("intake", scenario, *FAST, "--no-report", "--out", out)
    said = simclinic(*arguments, "--json")
    assert said.status == 0, said.err
    found = json.loads(said.out)
    assert said.out == (out / "summary.json").read_text()
    assert found["study"] == "intake"
    assert found["levels"][0]["state"] == "confirmed"
    shown = simclinic(*arguments)
    assert max(len(line) for line in shown.out.splitlines()[:-1]) <= 80
    assert " ".join(found["answer"][0].split()) in " ".join(shown.out.split())
    again = simclinic("results", out)
    assert again.status == 0
    assert " ".join(found["answer"][-1].split()) in " ".join(again.out.split())
    assert simclinic("report", out).status == 0
    assert "target as a dashed line" in (out / "report.html").read_text()
    folders = json.loads((out / "manifest.json").read_text())["scenarios"]
    assert len(folders) == len(found["levels"])


def test_a_target_that_nothing_can_meet_is_said(simclinic, scenario, tmp_path):
    said = simclinic(
        *("intake", scenario, "--set", 'run.begin="empty"', "--target", "visit_minutes_mean<=5"),
        *("--no-report", "--at-most", 20, "--out", tmp_path / "out"),
    )
    assert said.status == 0, said.err
    text = " ".join(said.out.split())
    assert (
        "Not even 6.4 referrals a week (3.11 series), 50 % of what the plan carries on paper, are shown"
        in text
    )
    assert "are shown to miss the target: length of a visit: at most 5 minutes" in text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nowhere.toml",), "no such file"),
        (("SMALL", "--target", "acces_days_p90<=10"), "access_days_p90"),
        (("SMALL", "--step", "0%"), "the step must be from 1 %"),
        (("SMALL", "--step", "much"), "is not a share"),
        (("SMALL", "--from", "200%", "--alpha", "2"), "alpha must lie between"),
        (("SMALL", "--at-most", "5"), "at least 20 are needed"),
        (("SMALL", "--set", "demand.referrals=[2026-01-05]"), "replayed from a list"),
        (("SMALL", "--as-of", "2026-01-01"), "only with --panel"),
        (("SMALL", "--replications", "5"), "No such option"),
    ],
)
def test_wrong_usage_is_told_and_writes_nothing(simclinic, scenario, tmp_path, monkeypatch, arguments, told):
    monkeypatch.chdir(tmp_path)
    said = simclinic("intake", *(str(scenario) if each == "SMALL" else each for each in arguments))
    assert said.status == 2
    assert told in said.err
    assert said.out == ""
    assert not (tmp_path / "results").exists()


def test_levels_keep_figures_by_type_of_visit():
    """Of a clinic with two types: waiting, series begun, patients turned away, and what decides a target."""
    wide = load(Path(__file__).parents[2] / "scenarios" / "iv-and-esketamine.toml")
    wanted = [
        f"{name}:{kind}"
        for name in (
            "access_days_p90",
            "series_started_per_week",
            "balked_share",
            "started_within_days_share",
        )
        for kind in ("infusion", "esketamine")
    ]
    kpis = {name: {"mean": 1.0} for name in (*wanted, "balked_share", "wait_minutes_mean:esketamine")}
    level, shown = levels(wide, first=0.5, step=0.5, last=1.0)[0], Found("confirmed", True, ())
    decided_by = [target.by for target in targets_of(wide, default=True)]
    for clinic, names in ((wide, wanted), (baseline(), None)):
        finished = SimpleNamespace(scenario=clinic, document={"kpis": kpis, "verdict": "stable"})
        result = study._result(level, shown, finished, decided_by)
        assert (list(result["figures"]) if names else result.get("figures")) == names
