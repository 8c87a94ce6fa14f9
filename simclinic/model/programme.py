"""The booster programme: relapse, its detection, boosters.

The time to relapse runs from the end of the last infusion. A relapse is noticed at once if the patient reports it,
else at the next check-in. Boosters come as needed, by a schedule, or both.
"""

from __future__ import annotations

from math import ceil, floor, inf, isnan, nan

from simclinic import records
from simclinic.model.clinic import Clinic
from simclinic.model.clock import Steps
from simclinic.model.infusions import End, attend, leave, walk_through
from simclinic.model.people import Appointment, Patient
from simclinic.records import BOOSTER, DAY, WEEK
from simclinic.sampling.initial_state import Progress
from simclinic.scenario.schedules import Schedule


def _noticed(clinic: Clinic, patient: Patient, last: float, relapsed: float, *, at_once: bool) -> float:
    """Return the moment at which a relapse is noticed: at once if the patient reports it, else at a check-in."""
    if at_once or relapsed == inf:
        return relapsed
    every = clinic.check_in[patient.protocol]
    return max(relapsed, last + ceil((relapsed - last) / every) * every)


def _as_needed(clinic: Clinic, patient: Patient, today: Progress | None = None) -> Steps[None]:
    """Come for a booster whenever a relapse is noticed."""
    env, draws = clinic.env, clinic.draws
    follow_up = clinic.timetable.laws[patient.protocol].relapse.follow_up_days * DAY
    last, course, pending = _resume(clinic, patient, today)
    while patient.reason == records.STILL_HERE:
        if pending is not None:
            course += 1
            _enter(clinic, patient)
            last = yield from _run_pending(clinic, patient, course, pending)
            pending = None
            continue
        days, at_once, leaves = draws.after_course(patient.row, course)
        if course and leaves:
            leave(clinic, patient, records.LEFT_PROGRAMME)
            return
        if days * DAY > follow_up:
            yield max(env.now, last + follow_up)
            leave(clinic, patient, records.SUSTAINED)
            return
        relapsed = last + days * DAY
        # For some of today's patients that moment is before the first day, after the clinic last closed.
        noticed = _noticed(clinic, patient, last, relapsed, at_once=at_once)
        yield max(env.now, noticed)
        patient.relapses += 1
        if course == 0:
            if not draws.uptake[patient.row]:
                leave(clinic, patient, records.DECLINED_BOOSTERS)
                return
            _enter(clinic, patient)
        course += 1
        last = yield from _request(clinic, patient, course, noticed, relapsed)


def _enter(clinic: Clinic, patient: Patient) -> None:
    """Record that the patient enters the programme now, unless that was before the simulation began."""
    if isnan(patient.programme):
        patient.programme = clinic.env.now


def _resume(clinic: Clinic, patient: Patient, today: Progress | None) -> tuple[float, int, Progress | None]:
    """Return the point at which the programme begins, or continues for one of today's patients.

    Returns
    -------
    last, course, pending
        The end of the last infusion, the number of booster courses so far, and `today` if a course is pending: it
        was requested, an appointment is made, or the course has begun.
    """
    if today is None:
        return patient.last_visit_end, 0, None
    rules = clinic.timetable.laws[patient.protocol].boosters
    arranged = today.appointment is not None or today.requested is not None
    if arranged or today.boosters > today.course * rules.infusions:
        return patient.last_visit_end, today.course, today
    if today.recorded and today.boosters and clinic.env.now - today.last > rules.lapsed_after_days * DAY:
        leave(clinic, patient, records.LEFT_PROGRAMME)
    return patient.last_visit_end, today.course, None


def _run_pending(clinic: Clinic, patient: Patient, course: int, today: Progress) -> Steps[float]:
    """Run a booster course that was requested before the simulation began; see :func:`_request`."""
    env, timetable = clinic.env, clinic.timetable
    if today.requested is not None:
        if today.requested > env.now:
            yield today.requested
        return (yield from _request(clinic, patient, course, today.requested, today.relapse))
    if clinic.walks_in:
        when = today.appointment
        if when is None:
            when = today.last + timetable.gaps[patient.protocol].preferred[0][0] * DAY
        yield from walk_through(clinic, patient, BOOSTER, max(when, env.now), nan, course, pending=True)
        return env.now
    infusions = timetable.laws[patient.protocol].boosters.infusions
    ahead = clinic.desk.book_pending(patient, course, course * infusions - patient.boosters, today)
    begun = today.boosters > today.course * infusions
    last_day = timetable.calendar.index(today.last) if begun else None
    return (yield from _request(clinic, patient, course, nan, nan, ahead, last_day))


def _request(
    clinic: Clinic,
    patient: Patient,
    course: int,
    requested: float,
    relapsed: float,
    ahead: list[Appointment] | None = None,
    last_day: int | None = None,
) -> Steps[float]:
    """Request a booster course and run it; request it again at the next check-in after a missed infusion ended it.

    Parameters
    ----------
    ahead
        Its appointments, if they are made already.
    last_day
        Index of the day of its last infusion, if it had begun already.

    Returns
    -------
    float
        The moment at which the patient left after its last infusion.
    """
    env, timetable = clinic.env, clinic.timetable
    goal = course * timetable.laws[patient.protocol].boosters.infusions
    while True:
        if clinic.walks_in:
            yield from walk_through(clinic, patient, BOOSTER, requested, relapsed, course)
            return env.now
        if ahead is None:
            ahead = clinic.desk.note_boosters(patient, course, goal - patient.boosters, requested, relapsed)
            yield from clinic.desk.ask()
            earliest = timetable.calendar.index(env.now) + timetable.scenario.booking.booster_notice_days
            clinic.desk.book_boosters(patient, ahead, earliest)
        end = yield from attend(clinic, patient, ahead, len(ahead), last_day)
        if end is End.DONE:
            return env.now
        ahead = last_day = None
        yield _next_check_in(clinic, patient)
        requested = env.now


def _next_check_in(clinic: Clinic, patient: Patient) -> float:
    """Return the next check-in, counted from the last infusion, even if that was part of an unfinished course."""
    since = patient.last_visit_end
    every = clinic.check_in[patient.protocol]
    return since + (floor((clinic.env.now - since) / every) + 1) * every


def _by_schedule(clinic: Clinic, patient: Patient, schedule: Schedule, today: Progress | None) -> Steps[None]:
    """Come for boosters when they are due, and, if the schedule permits it, earlier after a relapse."""
    env, draws = clinic.env, clinic.draws
    if not draws.uptake[patient.row]:
        leave(clinic, patient, records.DECLINED_BOOSTERS)
        return
    _enter(clinic, patient)
    last, course, pending = _resume(clinic, patient, today)
    if patient.reason != records.STILL_HERE:
        return
    days, at_once, _ = draws.after_course(patient.row, course)
    relapse = last + days * DAY
    if today is not None and not isnan(today.relapse):
        relapse = today.relapse
    # Of a patient of a panel it is known that no booster has been due since the last infusion.
    elapsed = (env.now - last) / WEEK if today is not None and today.recorded else 0.0
    while True:
        course += 1
        if pending is not None:
            yield from _run_pending(clinic, patient, course, pending)
            pending = None
        else:
            weeks = draws.weeks_to_booster(patient.row, course - 1, patient.relapses, schedule, elapsed)
            due = last + weeks * WEEK
            noticed = inf
            if schedule.on_request:
                noticed = _noticed(clinic, patient, last, relapse, at_once=at_once)
            yield from _run_scheduled(clinic, patient, course, due, noticed, relapse)
        if patient.reason != records.STILL_HERE:
            return
        last, elapsed = env.now, 0.0
        days, at_once, leaves = draws.after_course(patient.row, course)
        if relapse <= last:
            patient.relapses += 1
            assert patient.last_visit is not None
            patient.last_visit.relapsed = relapse
            relapse = last + days * DAY
        else:
            # A booster given before relapse can only postpone it.
            relapse = max(relapse, last + days * DAY)
        if leaves:
            leave(clinic, patient, records.LEFT_PROGRAMME)
            return


def _run_scheduled(
    clinic: Clinic, patient: Patient, course: int, due: float, noticed: float, relapse: float
) -> Steps[None]:
    """Run the booster course that is due, or one requested earlier after a relapse."""
    env, desk, timetable = clinic.env, clinic.desk, clinic.timetable
    calendar, booking = timetable.calendar, timetable.scenario.booking
    infusions = timetable.laws[patient.protocol].boosters.infusions
    if clinic.walks_in:
        when = min(due, noticed)
        yield from walk_through(clinic, patient, BOOSTER, when, nan, course)
        return
    goal = course * infusions
    # The due day can be booked only from `window_weeks` before it.
    opens = due - booking.window_weeks * WEEK
    if opens > env.now:
        yield min(opens, noticed)
    yield from desk.ask()
    if noticed <= env.now:
        yield from _request(clinic, patient, course, noticed, relapse)
        return
    ahead = desk.note_boosters(patient, course, infusions, due, nan)
    desk.book_boosters(patient, ahead, calendar.index(max(due, env.now)))
    # Look ahead: all draws are known, and so is the relapse. If it is noticed before the appointment, the patient
    # asks at that moment for an earlier start. Only a request that the desk can still answer with one is worth an
    # event.
    first = ahead[0]
    if env.now <= noticed < first.appointment:
        reached = calendar.answers(noticed)
        if reached < first.appointment and calendar.index(reached) + booking.booster_notice_days <= first.day:
            yield reached
            sooner = desk.sooner_boosters(patient, first, infusions, noticed)
            if sooner:
                desk.release(ahead, moved=True)
                ahead = sooner
    while True:
        end = yield from attend(clinic, patient, ahead, len(ahead))
        if end is End.DONE:
            return
        yield _next_check_in(clinic, patient)
        ahead = desk.note_boosters(patient, course, goal - patient.boosters, env.now, nan)
        yield from desk.ask()
        desk.book_boosters(patient, ahead, calendar.index(env.now) + booking.booster_notice_days)


def programme(clinic: Clinic, patient: Patient, today: Progress | None = None) -> Steps[None]:
    """Return a patient's booster programme by the protocol's policy, after the series or from today on."""
    schedule = clinic.timetable.schedules[patient.protocol]
    if schedule is None:
        return _as_needed(clinic, patient, today)
    return _by_schedule(clinic, patient, schedule, today)
