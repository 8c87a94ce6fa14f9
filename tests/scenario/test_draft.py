"""How files are laid over one another."""

import pytest

from simclinic.errors import ScenarioError
from simclinic.scenario import baseline, load, with_overrides


@pytest.fixture
def laid(tmp_path):
    """Load the last of several texts, each extending the one before."""

    def load_last(*texts, overrides=()):
        for number, text in enumerate(texts):
            extends = f'extends = "{number - 1}.toml"\n' if number else 'name = "x"\n'
            (tmp_path / f"{number}.toml").write_text(extends + text)
        return load(tmp_path / f"{len(texts) - 1}.toml", overrides)

    return load_last


def test_settings_of_a_section_merge_one_by_one(laid):
    clinic = laid("[clinic]\nchairs = 4\nclosed_on = ['12-25']", "[clinic]\nchairs = 5").clinic
    assert (clinic.chairs, clinic.closed_on) == (5, ("12-25",))


def test_precedence_is_defaults_extended_file_file_override(laid):
    texts = ("[run]\nseed = 2\nweeks = 2\nreplications = 2", "[run]\nseed = 3\nweeks = 3")
    run = laid(*texts, overrides=["run.seed=4"]).run
    assert (run.seed, run.weeks, run.replications, run.warm_up_weeks) == (4, 3, 2, 13)


def test_name_and_description_are_inherited_too(laid):
    made = laid("description = 'd'", "", "name = 'z'")
    assert (made.name, made.description) == ("z", "d")


def test_collections_merge_entry_by_entry(laid):
    made = laid(
        "",
        "[clinic.hours]\nsat = '09:00-12:00'\nmon = false\n[shifts.day]\nnurses = 3\n"
        "[shifts.sat]\ndays = ['sat']\nhours = '09:00-12:00'\nnurses = 1\n"
        "[protocols.twice-weekly]\nresponse_ratio = 0.9\n"
        "[visit.steps.infusion]\nminutes = 50\n[visit.complications]\nprolonged-recovery = false",
    )
    assert list(made.clinic.hours) == ["tue", "wed", "thu", "fri", "sat"]
    assert (made.shifts["day"].nurses, made.shifts["day"].absence, made.shifts["sat"].nurses) == (3, 0.03, 1)
    assert made.protocols["twice-weekly"].gap_days == (3, 4)
    assert made.visit.steps["infusion"].patients_per_nurse == 2
    assert list(made.visit.steps) == list(baseline().visit.steps)
    assert list(made.visit.complications) == ["severe-hypertension-early", "severe-hypertension-later"]


def test_distributions_and_the_mix_are_replaced_as_a_whole(laid):
    made = laid(
        "relapse.days = { dist = 'lognormal', mu = 2, sigma = 1, never = 0.5 }\n"
        "[demand.protocol_mix]\ntwice-weekly = 1",
        "relapse.days = { dist = 'exponential', mean = 9 }\n[demand.protocol_mix]\nthrice-weekly = 1",
    )
    assert made.relapse.days.written() == {"dist": "exponential", "mean": 9.0}
    assert made.demand.protocol_mix == {"thrice-weekly": 1.0}


def test_a_complication_added_while_extending_keeps_the_others(laid):
    own = "[visit.complications.c]\nstep = 'infusion'\nprobability = 0.1\nextra_minutes = 1"
    assert "c" in laid("", own).visit.complications
    assert len(laid("", own).visit.complications) == 4
    steps = "[visit.steps.infusion]\nminutes = 40\n"
    assert list(laid(steps, own).visit.complications) == ["c"]
    assert len(laid("", steps).visit.complications) == 3
    assert len(laid("", own + "\n" + steps).visit.complications) == 4


def test_an_empty_table_empties(laid):
    assert not laid("", "[visit.complications]").visit.complications
    assert list(laid("", "[shifts]\n", "[shifts.a]\ndays = ['mon']\nhours = '24h'\nnurses = 1").shifts) == [
        "a"
    ]


def test_false_drops_what_is_optional(laid):
    made = laid(
        "[response.stop_rule]\nafter = 1\nsensitivity = 0.9\nspecificity = 0.7\n"
        "[booking]\nmax_patients_in_series = 3",
        "[shifts.day]\nbreak = false\n[response]\nstop_rule = false\n[booking]\nmax_patients_in_series = false",
    )
    assert made.shifts["day"].break_ is None
    assert made.response.stop_rule is None
    assert made.booking.max_patients_in_series is None


def test_what_is_not_there_cannot_be_dropped(laid):
    with pytest.raises(ScenarioError, match=r"shifts\.dya: cannot be dropped.*Did you mean 'day'\?"):
        laid("", "[shifts]\ndya = false")
    assert "sun" not in laid("", "[clinic.hours]\nsun = false").clinic.hours


def test_new_steps_stand_after_the_one_they_name(laid):
    made = laid(
        "",
        "[visit.steps.scale]\nminutes = 2\nafter = 'preparation'\n"
        "[visit.steps.talk]\nminutes = 5\nafter = 'preparation'\n"
        "[visit.steps.tea]\nminutes = 5\nafter = 'talk'\n"
        "[visit.steps.sweep]\nminutes = 5\npatient = false\nafter = 'turnover'\n"
        "[visit.steps.desk]\nminutes = 1\nchair = false\nbefore = 'preparation'",
    )
    assert list(made.visit.steps) == [
        "desk", "preparation", "scale", "talk", "tea", "infusion", "recovery", "discharge", "turnover", "sweep",
    ]  # fmt: skip


def test_steps_can_be_moved_and_dropped(laid):
    made = laid(
        "",
        "[visit.steps]\ndischarge = false\nrecovery = { after = 'preparation' }\ninfusion = { after = 'recovery' }",
    )
    assert list(made.visit.steps) == ["preparation", "recovery", "infusion", "turnover"]


@pytest.mark.parametrize("after", ['"preparaton"', '"tea"', "3", "true"])
def test_a_step_comes_after_another_step(laid, after):
    with pytest.raises(ScenarioError, match=r"visit\.steps\.tea\.after: must name another step"):
        laid("", f"[visit.steps.tea]\nminutes = 5\nafter = {after}")


@pytest.mark.parametrize("place", ["", "after = 'infusion'\nbefore = 'recovery'"])
def test_a_new_step_says_where_it_stands(laid, place):
    with pytest.raises(
        ScenarioError, match=r"visit\.steps\.infuson: a new step needs a place.*Did you mean 'infusion'\?"
    ):
        laid("", f"[visit.steps.infuson]\nminutes = 50\n{place}")


def test_a_misspelt_entry_is_recognised_by_what_it_lacks(laid):
    result = r"shifts\.dya\.days: is needed in a new shift; .* 'day'\. Did you mean 'day'\?"
    with pytest.raises(ScenarioError, match=result):
        laid("", "[shifts.dya]\nnurses = 1")


def test_listed_starts_merge_by_weekday(laid):
    made = laid(
        "booking.starts = { mon = ['08:00'], tue = ['09:00'] }",
        "booking.starts = { mon = false, wed = ['08:30'] }",
    )
    assert made.booking.starts == {"tue": (540,), "wed": (510,)}


def test_an_error_is_told_where_it_was_written(laid, tmp_path):
    with pytest.raises(ScenarioError) as caught:
        laid(
            "[clinic]\nchairs = 0\n[relapse]\ndays = { dist = 'lognormal', mu = 2, sigma = -1 }",
            "[relapse]\n\ndays = { dist = 'gamma', mean = 3 }\n",
            overrides=["finance.nurse_hour=-1"],
        )
    messages = [(problem.file, problem.line, problem.address) for problem in caught.value.problems]
    assert sorted(messages, key=str) == sorted(
        [
            (str(tmp_path / "0.toml"), 3, "clinic.chairs"),
            (str(tmp_path / "1.toml"), 4, "relapse.days.cv"),
            ("--set finance.nurse_hour=-1", None, "finance.nurse_hour"),
        ],
        key=str,
    )


def test_gaps_move_together_unless_the_permitted_ones_were_named():
    loose = with_overrides(baseline(), ["protocols.a={infusions=2, gap_days=[3,4]}"])
    assert with_overrides(loose, ["protocols.a.gap_days=[5,6]"]).protocols["a"].permitted_gap_days == (5, 6)
    with pytest.raises(ScenarioError, match="must contain gap_days"):
        with_overrides(baseline(), ["protocols.twice-weekly.gap_days=[8,9]"])
