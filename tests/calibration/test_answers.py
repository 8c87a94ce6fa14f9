"""Meanings of words: answers, patterns, conditions on other columns, and questions about unknown words."""

import pytest

from simclinic.calibration import ExportError, Options
from simclinic.calibration.codes import BOOKED, CANCELLED, COMPLETED, NO_SHOW
from simclinic.calibration.interpretation import interpret


def interpretation(tmp_path, rows, *, heading="status", more="", **options):
    """Interpret an export of patients with one visit each and the given statuses."""
    lines = [f"patient,date,{heading}{more}"]
    lines += [f"p{number},2026-01-05,{row}" for number, row in enumerate(rows)]
    path = tmp_path / "visits.csv"
    path.write_text("\n".join(lines) + "\n")
    return interpret(path, Options(**options))


def statuses(interpreted):
    """Statuses in the order of the export."""
    visits = interpreted.visits
    return [int(status) for _, status in sorted(zip(visits.line, visits.status, strict=True))]


def problems(tmp_path, rows, **options):
    with pytest.raises(ExportError) as error:
        interpretation(tmp_path, rows, **options)
    return str(error.value)


def test_signs_are_words_of_their_own(tmp_path):
    options = {">": "completed", "?": "no-show", "%": "cancelled", "-": "ignore", "*": "no-show"}
    result = interpretation(tmp_path, [">", "?", "%", "-", "*", ">"], statuses=options)
    assert statuses(result) == [COMPLETED, NO_SHOW, CANCELLED, NO_SHOW, COMPLETED]


def test_each_sign_is_asked_about(tmp_path):
    result = problems(tmp_path, [">", "?", "%", "Completed"])
    for sign in (">", "?", "%"):
        assert f'--status "{sign}=' in result


def test_an_answer_to_one_sign_is_none_to_another(tmp_path):
    result = problems(tmp_path, [">", "?", ""], statuses={">": "completed"})
    assert "says '>'" not in result
    assert "says '?' in line 3" in result
    assert "says an empty cell in line 4" in result


def test_capitals_matter_only_where_they_tell_codes_apart(tmp_path):
    assert statuses(interpretation(tmp_path, ["Attnd", "ATTND", "Completed"], statuses={"attnd": "no-show"}))[
        :2
    ] == [
        1,
        1,
    ]
    both = {"a": "completed", "A": "no-show"}
    assert statuses(interpretation(tmp_path, ["a", "A", "a"], statuses=both)) == [
        COMPLETED,
        NO_SHOW,
        COMPLETED,
    ]
    result = problems(tmp_path, ["a", "A", "a"], statuses={"a": "completed"})
    assert "says 'A' in line 3" in result
    assert "says 'a'" not in result


def test_a_doubt_is_no_answer(tmp_path):
    assert "says 'Completed ?'" in problems(tmp_path, ["Completed", "Completed ?"])


def test_the_word_itself_wins_then_the_longest_pattern(tmp_path):
    rows = [
        "Cancelled",
        "Cancelled - ill",
        "Cancelled - by clinic, again",
        "Cancelled - by clinic",
        "Completed",
    ]
    options = {"Cancelled*": "cancelled", "*clinic*": "no-show", "Cancelled - by clinic*": "ignore"}
    quoted = [f'"{row}"' for row in rows]
    assert statuses(interpretation(tmp_path, quoted, statuses=options)) == [CANCELLED, CANCELLED, COMPLETED]
    options["Cancelled - ill"] = "completed"
    assert statuses(interpretation(tmp_path, quoted, statuses=options)) == [CANCELLED, COMPLETED, COMPLETED]


def test_a_star_alone_answers_what_nothing_else_does(tmp_path):
    result = interpretation(tmp_path, ["Completed", "yoga", "No Show", "x"], statuses={"*": "cancelled"})
    assert statuses(result) == [COMPLETED, CANCELLED, NO_SHOW, CANCELLED]


def test_another_column_splits_a_word(tmp_path):
    rows = ["Cancelled,ill", "Cancelled,Clinic closed", "Cancelled,", "Completed,"]
    options = {"Cancelled[Reason=clinic*]": "ignore", "Cancelled[reason=]": "no-show"}
    result = interpretation(tmp_path, rows, more=",Reason", statuses=options)
    assert statuses(result) == [CANCELLED, NO_SHOW, COMPLETED]
    options = {"*[Reason=*]": "no-show", "Completed": "completed", "Completed[Reason=]": "completed"}
    assert statuses(interpretation(tmp_path, rows, more=",Reason", statuses=options)) == [NO_SHOW] * 3 + [
        COMPLETED
    ]


def test_a_condition_on_a_column_that_is_not_there(tmp_path):
    result = problems(tmp_path, ["Completed,x"], more=",Reason", statuses={"Completed[Raeson=x]": "ignore"})
    assert "there is no column 'Raeson'; there are 'patient', 'date', 'status', 'Reason'" in result
    assert "Did you mean 'Reason'?" in result


@pytest.mark.parametrize(("yes", "no"), [("Y", "N"), ("yes", "no"), ("1", "0"), ("TRUE", "FALSE"), ("x", "")])
def test_a_column_of_yes_and_no_is_more_exact_than_the_status(tmp_path, yes, no):
    rows = [f"Completed,{no}", f"Completed,{yes}", f"Cancelled,{no}"]
    result = interpretation(tmp_path, rows, more=",No Show")
    assert statuses(result) == [COMPLETED, NO_SHOW, CANCELLED]
    (finding,) = result.quality.notes
    assert (finding.count, finding.lines) == (1, (3,))
    assert "'No Show'" in finding.what


def test_a_column_that_holds_more_than_yes_and_no_says_nothing(tmp_path):
    result = interpretation(tmp_path, ["Completed,Y", "Completed,maybe"], more=",No Show")
    assert statuses(result) == [COMPLETED, COMPLETED]


def test_codes_of_the_nhs(tmp_path):
    rows = ["5", "6", "7", "3", "2"]
    result = interpretation(
        tmp_path, rows, heading="Code", columns={"status": "Code"}, statuses=dict.fromkeys(rows, "completed")
    )
    assert statuses(result) == [COMPLETED] * 5
    heading = "Attended Or Did Not Attend"
    result = interpretation(tmp_path, rows, heading=heading, columns={"status": heading})
    assert statuses(result) == [COMPLETED, COMPLETED, NO_SHOW, NO_SHOW, CANCELLED]
    assert "says '4'" in problems(tmp_path, [*rows, "4"], heading=heading, columns={"status": heading})


def test_the_question_says_what_each_answer_does(tmp_path):
    """Of 20 due 2 are no-shows and 1 is a late cancellation; 5 more rows are unclear."""
    rows = ["Completed"] * 17 + ["No Show"] * 2 + ["Late Cancel"] + ["Rescheduled"] * 5
    result = problems(tmp_path, rows)
    assert "in lines 22, 23, 24, 25, 26, which is not known (5 of 25 rows, 20 %)" in result
    for answer in (
        "8.0 % and 4.0 % with completed",
        "28.0 % and 4.0 % with no-show",
        "8.0 % and 24.0 % with cancelled",
        "10.0 % and 5.0 % with booked (in the future) or ignore",
    ):
        assert answer in result
    assert "occurs again on its new day" in result


def test_words_that_begin_alike_are_one_question(tmp_path):
    rows = ["Completed"] + [f'"Cancelled - {why}"' for why in ("ill", "car, again", "Ms Roe called")]
    rows += ["No Show: texted", "No Show: called"]
    result = problems(tmp_path, rows)
    assert result.count("\n") == 1
    assert '--status "Cancelled*=cancelled" (one answer for all of them)' in result
    assert '--status "No Show*=no-show"' in result
    assert "Roe" not in result
    options = {"Cancelled*": "cancelled", "No Show*": "no-show"}
    assert (
        statuses(interpretation(tmp_path, rows, statuses=options))
        == [COMPLETED] + [CANCELLED] * 3 + [NO_SHOW] * 2
    )


def test_a_pattern_is_not_offered_where_it_would_take_in_words_that_are_known(tmp_path):
    result = problems(
        tmp_path,
        ["Completed", "Completed late", "Completed - x", "Completed - y"],
        statuses={"Completed late": "no-show"},
    )
    assert "Completed*" not in result
    assert result.count("which is not known") == 2


# -- when it was cancelled -----------------------------------------------------------------------------------


def cancelled(tmp_path, moments, notice=1.0, when="2026-01-08 10:00"):
    lines = ["patient,start,status,Cancelled On", "ann,2026-01-05 09:00,Completed,"]
    lines += [f"p{number},{when},Cancelled,{moment}" for number, moment in enumerate(moments)]
    lines.append("zoe,2026-01-09 09:00,Completed,")
    path = tmp_path / "visits.csv"
    path.write_text("\n".join(lines) + "\n")
    return interpret(path, Options(), notice_days=notice)


def test_the_lead_time_tells_late_from_early(tmp_path):
    """The appointment is on the 8th at 10:00; a day before is the 7th at 10:00, and that is late."""
    result = cancelled(
        tmp_path, ["2026-01-07 09:59", "2026-01-07 10:00", "2026-01-08 08:00", "2026-01-02 12:00"]
    )
    assert result.visits.line[result.visits.status == CANCELLED].tolist() == [4, 5]
    (finding,) = result.quality.notes
    assert (finding.count, finding.lines) == (2, (3, 6))
    assert "'Cancelled On'" in finding.what
    two = cancelled(tmp_path, ["2026-01-07 09:59", "2026-01-06 09:59"], notice=2.0)
    assert two.visits.line[two.visits.status == CANCELLED].tolist() == [3]


def test_cancellations_without_a_time(tmp_path):
    """Of a day alone noon counts: the day before, an appointment at 10:00 is 22 hours ahead, one at 13:00 25."""
    result = cancelled(tmp_path, ["2026-01-07", "", "2026-01-09 10:00"])
    assert result.visits.line[result.visits.status == CANCELLED].tolist() == [3, 4, 5]
    assert {each.what: each.count for each in result.quality.notes} == {
        "cancellations without a date in 'Cancelled On'": 1,
        "cancellations entered after the appointment": 1,
        "cancellations of which only the day is known": 1,
    }
    result = cancelled(tmp_path, ["2026-01-07"], when="2026-01-08 13:00")
    assert not (result.visits.status == CANCELLED).any()


def test_a_cancellation_in_time_does_not_count_as_booked(tmp_path):
    assert not (cancelled(tmp_path, ["2026-01-01 09:00"]).visits.status == BOOKED).any()
