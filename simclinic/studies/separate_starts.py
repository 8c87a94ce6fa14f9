"""What separate starts cost, in a sentence for those who decide about them."""

from __future__ import annotations

from collections.abc import Mapping

from simclinic.measures.separate_starts import has_separate_starts
from simclinic.report.text.numbers import LEAST
from simclinic.report.text.plainly import plainly, round_number
from simclinic.results.document import Figure
from simclinic.scenario import Scenario

_LOST, _AWAY, _MINUTES = (
    f"separate_starts_{what}_per_week" for what in ("patients", "turned_away", "chair_minutes")
)


def separate_starts_warning(kpis: Mapping[str, Figure], scenario: Scenario) -> str | None:
    """Say how many patients separate starts cost, if that is shown; None if it is not, or if there are none.

    Parameters
    ----------
    kpis
        Key figures of the run.
    scenario
        The clinic.
    """
    if not has_separate_starts(scenario):
        return None
    lost, away, minutes = (kpis[name] for name in (_LOST, _AWAY, _MINUTES))
    if lost["mean"] is None or away["mean"] is None or minutes["mean"] is None:
        return None
    if lost["ci"] is None or lost["ci"][0] < LEAST:
        return None
    of_them = f" ({round_number(away['mean'])} turned away, the others booked late)" if away["mean"] else ""
    more = "a larger" if scenario.booking.convert_days is not None else "a"
    cost = plainly(lost, 1.0, "patients a week", sure="above")
    return (
        f"separate starts cost {cost}{of_them}: starts of other types stayed empty in which their visits would "
        f"have fitted, {round_number(minutes['mean'])} chair-minutes a week. {more[0].upper()}{more[1:]} "
        'booking.convert_days, or booking.types = "open", lets visits of any type use such starts; whether '
        "patients then wait less on the whole, a comparison of the two shows: a start that is given away is gone "
        "for its own type"
    )
