"""Access to the arrays of the state, one function for each; see :mod:`simclinic.model.fast.state`.

The types are Any: a record of an array has its fields as attributes, which types do not express.
"""

# ruff: noqa: ANN401, D103

from __future__ import annotations

from typing import Any


def clinic(w: Any) -> Any:
    return w.clinic


def patients(w: Any) -> Any:
    return w.patients


def visits(w: Any) -> Any:
    return w.visits


def starts(w: Any) -> Any:
    return w.starts


def ahead(w: Any) -> Any:
    return w.ahead


def lived(w: Any) -> Any:
    return w.lived


def entered(w: Any) -> Any:
    return w.entered


def heap_time(w: Any) -> Any:
    return w.heap_time


def heap_key(w: Any) -> Any:
    return w.heap_key


def heap_what(w: Any) -> Any:
    return w.heap_what


def places(w: Any) -> Any:
    return w.places


def freed(w: Any) -> Any:
    return w.freed


def cleaning_time(w: Any) -> Any:
    return w.cleaning_time


def cleaning_chair(w: Any) -> Any:
    return w.cleaning_chair


def lighter_time(w: Any) -> Any:
    return w.lighter_time


def lighter_shares(w: Any) -> Any:
    return w.lighter_shares


def staff(w: Any) -> Any:
    return w.staff


def cleaners(w: Any) -> Any:
    return w.cleaners


def line(w: Any) -> Any:
    return w.line


def place_waits(w: Any) -> Any:
    return w.place_waits


def stays(w: Any) -> Any:
    return w.stays


def teams(w: Any) -> Any:
    return w.teams


def arrivals(w: Any) -> Any:
    return w.arrivals


def pools(w: Any) -> Any:
    return w.pools


def ring_who(w: Any) -> Any:
    return w.ring_who


def ring_amount(w: Any) -> Any:
    return w.ring_amount


def ring_joined(w: Any) -> Any:
    return w.ring_joined


def relief(w: Any) -> Any:
    return w.relief


def waiting(w: Any) -> Any:
    return w.waiting


def n_waiting(w: Any) -> Any:
    return w.n_waiting


def tried(w: Any) -> Any:
    return w.tried


def held(w: Any) -> Any:
    return w.held


def hoping(w: Any) -> Any:
    return w.hoping


def movable(w: Any) -> Any:
    return w.movable


def freed_days(w: Any) -> Any:
    return w.freed_days


def free(w: Any) -> Any:
    return w.free


def free_days(w: Any) -> Any:
    return w.free_days


def series_taken(w: Any) -> Any:
    return w.series_taken


def series_room(w: Any) -> Any:
    return w.series_room


def weekly(w: Any) -> Any:
    return w.weekly


def full(w: Any) -> Any:
    return w.full


def third_next(w: Any) -> Any:
    return w.third_next


def sets(w: Any) -> Any:
    return w.sets


def found(w: Any) -> Any:
    return w.found


def planned(w: Any) -> Any:
    return w.planned


def planes(w: Any) -> Any:
    return w.planes


def offer_kind(w: Any) -> Any:
    return w.offer_kind


def fits(w: Any) -> Any:
    return w.fits


def fits_known(w: Any) -> Any:
    return w.fits_known


def fits_days(w: Any) -> Any:
    return w.fits_days


def stale_days(w: Any) -> Any:
    return w.stale_days


def used_up(w: Any) -> Any:
    return w.used_up


def still_fit(w: Any) -> Any:
    return w.still_fit


def rules(w: Any) -> Any:
    return w.rules


def days(w: Any) -> Any:
    return w.days


def pauses(w: Any) -> Any:
    return w.pauses


def grid_first(w: Any) -> Any:
    return w.grid_first


def minutes(w: Any) -> Any:
    return w.minutes


def script(w: Any) -> Any:
    return w.script


def plans(w: Any) -> Any:
    return w.plans


def plan_steps(w: Any) -> Any:
    return w.plan_steps


def claims(w: Any) -> Any:
    return w.claims


def shares(w: Any) -> Any:
    return w.shares


def sites(w: Any) -> Any:
    return w.sites


def others(w: Any) -> Any:
    return w.others


def presence(w: Any) -> Any:
    return w.presence


def takes(w: Any) -> Any:
    return w.takes


def needs(w: Any) -> Any:
    return w.needs


def steps_of(w: Any) -> Any:
    return w.steps_of


def staffed(w: Any) -> Any:
    return w.staffed


def template_first(w: Any) -> Any:
    return w.template_first


def n_template(w: Any) -> Any:
    return w.n_template


def template(w: Any) -> Any:
    return w.template


def group_of(w: Any) -> Any:
    return w.group_of


def types(w: Any) -> Any:
    return w.types


def edges(w: Any) -> Any:
    return w.edges


def visit_of(w: Any) -> Any:
    return w.visit_of


def protocols(w: Any) -> Any:
    return w.protocols


def preferred(w: Any) -> Any:
    return w.preferred


def preferred_since(w: Any) -> Any:
    return w.preferred_since


def permitted(w: Any) -> Any:
    return w.permitted


def permitted_since(w: Any) -> Any:
    return w.permitted_since


def order(w: Any) -> Any:
    return w.order


def order_since(w: Any) -> Any:
    return w.order_since


def since(w: Any) -> Any:
    return w.since


def weeks(w: Any) -> Any:
    return w.weeks


def line_of(w: Any) -> Any:
    return w.line_of


def class_of(w: Any) -> Any:
    return w.class_of


def initial(w: Any) -> Any:
    return w.initial


def coming(w: Any) -> Any:
    return w.coming


def ready(w: Any) -> Any:
    return w.ready


def protocol(w: Any) -> Any:
    return w.protocol


def ends_after(w: Any) -> Any:
    return w.ends_after


def end_reason(w: Any) -> Any:
    return w.end_reason


def responder(w: Any) -> Any:
    return w.responder


def uptake(w: Any) -> Any:
    return w.uptake


def can_come(w: Any) -> Any:
    return w.can_come


def series_first(w: Any) -> Any:
    return w.series_first


def consult_row(w: Any) -> Any:
    return w.consult_row


def decides(w: Any) -> Any:
    return w.decides


def accepts(w: Any) -> Any:
    return w.accepts


def booster_segment(w: Any) -> Any:
    return w.booster_segment


def segments(w: Any) -> Any:
    return w.segments


def follow_segment(w: Any) -> Any:
    return w.follow_segment


def follows(w: Any) -> Any:
    return w.follows


def lengths(w: Any) -> Any:
    return w.lengths


def episodes(w: Any) -> Any:
    return w.episodes


def misses(w: Any) -> Any:
    return w.misses


def day_kind(w: Any) -> Any:
    return w.day_kind


def thin(w: Any) -> Any:
    return w.thin


def roster_first(w: Any) -> Any:
    return w.roster_first


def roster(w: Any) -> Any:
    return w.roster


def cover_first(w: Any) -> Any:
    return w.cover_first


def cover(w: Any) -> Any:
    return w.cover
