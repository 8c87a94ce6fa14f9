"""What studies of clinics with several types of visit, roles and places call things, and what they leave out."""

from simclinic.experiment.pairs import Difference
from simclinic.report.figures.plans import plans_chart
from simclinic.report.text.bottleneck import change_sentence
from simclinic.report.text.by_type import type_tables
from simclinic.report.text.compare import compare_table, in_one_alone
from simclinic.report.text.differences import verdict
from simclinic.report.text.intake import answer, intake_table
from simclinic.report.text.plan import plan_table
from simclinic.report.text.run import console
from tests.report.test_compare_answer import difference, document, scenario


def test_only_figures_of_the_whole_clinic_are_renamed():
    figures = ["infusions_per_week", "infusions_per_week:infusion"]
    less = Difference(-5.0, 0.1, (-5.1, -4.9), 10, 1e-9, 1e-9, 1.0, 1.0)
    assert verdict("infusions_per_week", less, "USD", figures).startswith("treatments 5.0")
    assert verdict("infusions_per_week:infusion", less, "USD", figures).startswith("infusion: visits 5.0")


NONE = {"mean": None, "sd": None, "ci": None, "n": 0, "p": None, "p_holm": None, "variance_ratio": None}


def shown(renderable):
    screen = console(110)
    with screen.capture() as capture:
        screen.print(renderable)
    return " ".join(capture.get().split())


def one_sided():
    """Two plans of which the second has no sprays: figures of sprays cannot be compared."""
    kpis = {
        "access_days_mean": difference(-4.1, -5.2, -3.05, unit="days"),
        "infusions_per_week:spray": difference(-9.0, -9.5, -8.5, unit="1/week"),
        "wait_minutes_mean:spray": {**NONE, "unit": "minutes", "verdict": "cannot be compared: no visit"},
        "infusions_per_week:infusion": difference(1.0, 0.5, 1.5, unit="1/week"),
        "wait_minutes_mean:infusion": difference(1.0, 0.5, 1.5, unit="minutes"),
    }
    first, second = scenario("Both"), scenario("No sprays")
    for side, sprays, wait in ((first, 9.0, 3.0), (second, 0.0, None)):
        means = {"access_days_mean": 4.0, "infusions_per_week:spray": sprays, "wait_minutes_mean:spray": wait}
        means |= {"infusions_per_week:infusion": 30.0, "wait_minutes_mean:infusion": 5.0}
        side["kpis"] = {name: {"mean": mean, "ci": None, "n": 10} for name, mean in means.items()}
    return document(second, first=first, kpis=kpis)


def test_of_a_type_that_one_plan_has_not_only_the_numbers_are_compared():
    told = shown(compare_table(one_sided(), "USD"))
    assert (
        told.count("No visit of the type 'spray' took place with No sprays: its other figures are not") == 1
    )
    assert "Visits: spray 9.00 0.00" in told
    assert "first treatment about 4.1 days sooner" in told
    assert told.count("Wait on the day") == 1
    assert "cannot be compared" not in told


def test_of_a_type_that_no_plan_has_nothing_is_compared():
    both = one_sided()
    both["scenarios"][0]["kpis"]["infusions_per_week:spray"]["mean"] = 0.0
    told = shown(compare_table(both, "USD"))
    assert "No visit of the type 'spray' took place: its other figures are not compared." in told
    assert "Visits: spray" not in told
    [(_, names)] = in_one_alone(both["differences"][0], *both["scenarios"]).values()
    assert names == ["Both", "No sprays"]


def test_what_a_role_never_does_is_not_compared():
    """A prescriber who watches nobody, by any plan; one who does with the second plan is compared."""
    name = "nurse_watch_utilisation:prescriber"
    first, second = scenario("One"), scenario("Two")
    zero = {"mean": 0.0, "ci": [0.0, 0.0], "n": 10, "method": "constant"}
    kpis = {"access_days_mean": difference(-4.1, -5.2, -3.05, unit="days"), name: difference(0.0, 0.0, 0.0)}
    for side in (first, second):
        side["kpis"] = {"access_days_mean": {"mean": 4.0, "ci": None, "n": 10}, name: dict(zero)}
    told = shown(compare_table(document(second, first=first, kpis=kpis), "USD"))
    assert "Time watching:" not in told
    second["kpis"][name] = {"mean": 0.2, "ci": [0.1, 0.3], "n": 10, "method": "student"}
    told = shown(compare_table(document(second, first=first, kpis=kpis), "USD"))
    assert "Time watching:" in told


def effect(difference, unit="days"):
    return {
        "mean": 5.0 + difference,
        "difference": difference,
        "ci": [difference - 0.1, difference + 0.1],
        "call": "shown",
        "unit": unit,
    }


def test_an_effect_that_only_patients_of_one_type_have_is_said_once():
    one = {"access_days_mean": effect(-1.0), "access_days_mean:infusion": effect(-1.0)}
    change = {"name": "one more chair", "effects": one, "targets": []}
    said = change_sentence(change, "USD", [], "access_days_mean")
    assert said == "One more chair would bring first treatments 1.00 days sooner (0.90 to 1.10)"
    two = one | {"access_days_mean:infusion": effect(-0.5)}
    said = change_sentence(change | {"effects": two}, "USD", [], "access_days_mean")
    assert "and bring first visits of infusion 0.50 days sooner" in said


def plans(**figures):
    means = {name: {"mean": mean, "ci": [mean - 1, mean + 1], "n": 20} for name, mean in figures.items()}
    usual = {"known_cost": 100.0, "state": "meets", "replications": 20, "targets": [], "name": "a plan"}
    over = [
        {"address": "shifts.prescriber.days", "levels": []},
        {"address": "places.room.number", "levels": []},
        {"address": "shifts.nurses.nurses", "levels": []},
    ]
    settings = {"shifts.prescriber.days": ["thu", "tue"], "places.room.number": 2, "shifts.nurses.nurses": 1}
    nothing = dict.fromkeys(("answer", "if_inputs_differ", "warnings", "targets"), ())
    return nothing | {
        "scenario": "Two types",
        "horizon": {"start": "2026-01-05", "warm_up_weeks": 0, "weeks": 8},
        "seed": 1,
        "alpha": 0.05,
        "over": over,
        "chosen": 0,
        "plans": [usual | {"settings": settings, "figures": means}],
    }


TYPES = {"access_days_p90": 7.0, "access_days_p90:infusion": 6.0, "access_days_p90:spray": 9.0}


def test_a_search_for_a_plan_shows_each_type_of_visit_and_names_days_and_rooms():
    [(head, types, [cells])] = type_tables([plans(**TYPES)["plans"][0]["figures"]], "USD")
    assert head == "Days to first visit, 9 in 10 within, days"
    assert types == ["infusion", "spray"]
    assert [float(each.split()[0]) for each in cells] == [6.0, 9.0]
    told = shown(plan_table(plans(**TYPES), "USD"))
    assert "Days to first visit, 9 in 10 within, days" in told
    assert "first infusion" not in told
    assert "prescriber days room nurses" in told
    assert "Tue, Thu 2 1" in told


def test_with_one_type_of_visit_there_is_no_such_table():
    for figures in ({"access_days_p90": 7.0}, {"access_days_p90": 7.0, "access_days_p90:infusion": 7.0}):
        assert not [*type_tables([plans(**figures)["plans"][0]["figures"]], "USD")]
    assert "first infusion" in " ".join(shown(plan_table(plans(access_days_p90=7.0), "USD")).split())


def test_a_chart_of_plans_speaks_of_visits_where_there_are_several_types():
    means = {name: {"mean": 4.0, "ci": [3.0, 5.0], "n": 10} for name in ("access_days_mean", "balked_share")}
    types = means | {"access_days_mean:spray": means["access_days_mean"]}
    for figures, words in ((means, "Days to first infusion, mean"), (types, "Days to first treatment, mean")):
        shown = plans_chart({"One": figures, "Two": figures}, ["access_days_mean"], {}, "USD")
        assert words in shown.alt
        assert f"{words}, days" in shown.sheet.headings


def levels(*more, spray=(0.09, 0.11), limit=0.05):
    """One level that is confirmed, with patients turned away by type, and more targets."""
    target = {"at_most": True, "limit": limit, "in_years": False, "guard": True, "told": "Turned away"}
    figures = {"balked_share:infusion": (0.01, 0.02), "balked_share:spray": spray}
    names = ("balked_share", *more)
    return {
        "scenario": "Two types",
        "horizon": {"start": "2026-01-05", "warm_up_weeks": 0, "weeks": 8},
        "seed": 1,
        "alpha": 0.05,
        "at_most": 200,
        "now": 8.0,
        "on_paper": 12.0,
        "answer": ["Up to 9."],
        "warnings": [],
        "targets": [{**target, "figure": name, "by": name} for name in names],
        "levels": [
            {
                "share": 0.8,
                "referrals": 9.0,
                "series": 5.0,
                "replications": 20,
                "state": "confirmed",
                "verdict": "stable",
                "targets": [
                    {"figure": name, "state": "met", "mean": 0.03, "lower": 0.02, "upper": 0.04}
                    for name in names
                ],
                "figures": {
                    name: {"mean": sum(ci) / 2, "ci": list(ci), "n": 20} for name, ci in figures.items()
                },
            }
        ],
        "confirmed": 0,
        "missed": None,
    }


def test_the_most_referrals_are_shown_by_type_of_visit():
    told = shown(intake_table(levels(), "USD"))
    assert "By type of visit: Turned away" in told
    told = told.partition("By type of visit")[2]
    assert "referrals a week infusion spray" in told
    assert "9 1.50 (1.00–2.00) 10.0 (9.0–11.0)" in told
    one = levels()
    del one["levels"][0]["figures"]
    assert "By type of visit" not in shown(intake_table(one, "USD"))


def test_a_type_beyond_a_limit_that_all_together_keep_is_named():
    [said] = [line for line in answer(levels(), whole=True) if "not for" in line]
    assert said.startswith(
        "“Turned away” holds for all patients together, not for spray: 10.0 (9.0–11.0) % at 9 a week"
    )
    assert said.endswith("A target on balked_share:spray asks for it.")
    # Its interval holds the limit, or it has a target of its own: nothing is said.
    for other in (levels(spray=(0.04, 0.11)), levels("balked_share:spray")):
        assert not [line for line in answer(other, whole=True) if "not for" in line]
