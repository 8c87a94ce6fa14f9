"""The simulator's queues once more, each in about thirty lines that can be checked by eye.

A recursion goes from patient to patient, not from event to event. It is the bridge between the simulator
and the theory: it gives every patient's times exactly as the simulator does, from the same arrivals and
lengths, and it is fast enough to be held against theory with millions of patients. Arrays have one row per
patient; further columns, where there are any, are independent copies of the clinic.
"""

import heapq

import numpy as np


def replace_first(free, value):
    """Put `value` in the place of the smallest row of `free`, and keep the rows in ascending order."""
    for k in range(len(free) - 1):
        free[k] = np.minimum(value, free[k + 1])
        value = np.maximum(value, free[k + 1])
    free[-1] = value


def queue(arrivals, lengths, chairs, places=None, patience=None):
    """Chairs first come, first served; perhaps a waiting room with few places, perhaps lost patience.

    Returns
    -------
    started, waited
        NaN for those not served; minutes in the queue (0 for those who met a full waiting room).
    """
    now_of = arrivals.reshape(len(arrivals), -1)
    length_of = lengths.reshape(now_of.shape)
    copies = np.arange(now_of.shape[1])
    started, waited = np.empty(now_of.shape), np.empty(now_of.shape)
    free = np.full((chairs, len(copies)), -np.inf)  # when each chair is free, in ascending order
    room = np.full((places or 0, len(copies)), -np.inf)  # when each place in the waiting room is
    for k, now in enumerate(now_of):
        turn = np.maximum(now, free[0])
        until = turn if patience is None else np.minimum(turn, now + patience.reshape(now_of.shape)[k])
        stays = np.ones(len(copies), dtype=bool)
        if places is not None:
            stays = turn <= now
            if places:
                place = room.argmin(axis=0)
                taken = room[place, copies]
                stays |= taken <= now
                room[place, copies] = np.where(stays & (turn > now), until, taken)
        served = stays & (until == turn)
        started[k] = np.where(served, turn, np.nan)
        waited[k] = np.where(stays, until - now, 0.0)
        replace_first(free, np.where(served, turn + length_of[k], free[0]))
    return started.reshape(arrivals.shape), waited.reshape(arrivals.shape)


def chair_then_hands(arrivals, preparation, infusion, chairs, nurses):
    """A chair, then a nurse's hands for the preparation, then the infusion alone; the chair held throughout.

    Chairs are taken in order of arrival, so hands are asked for in order of arrival too.

    Returns
    -------
    seated, begun
        When each took the chair, and when the preparation began.
    """
    seated, begun = np.empty(arrivals.shape), np.empty(arrivals.shape)
    free_chairs = np.full((chairs, *arrivals.shape[1:]), -np.inf)
    free_hands = np.full((nurses, *arrivals.shape[1:]), -np.inf)
    for k, now in enumerate(arrivals):
        seated[k] = np.maximum(now, free_chairs[0])
        begun[k] = np.maximum(seated[k], free_hands[0])
        prepared = begun[k] + preparation[k]
        replace_first(free_hands, prepared)
        replace_first(free_chairs, prepared + infusion[k])
    return seated, begun


def whole_visit(arrivals, lengths, chairs, nurses, eyes, heavy, light):
    """Chair; preparation by hand; watched infusion; lightly watched recovery; discharge by hand; turnover.

    Hands are needed twice, in order of asking, so that nobody's times follow from those before alone: events.

    Parameters
    ----------
    lengths
        Minutes, shape (patients, 5).
    eyes, heavy, light
        Shares of attention there are, and that an infusion and a recovery take.

    Returns
    -------
    times
        When each was seated and when the five steps began, shape (patients, 6).
    """
    times = np.full((len(arrivals), 6), np.nan).tolist()
    minutes = lengths.tolist()
    agenda = [(moment, 0, one) for one, moment in enumerate(arrivals.tolist())]  # sorted, so a heap already
    for_chair, for_hands, for_eyes = [], [], []  # queues, first come first

    def start(now, one, step):
        times[one][step] = now
        heapq.heappush(agenda, (now + minutes[one][step - 1], step, one))

    while agenda:
        now, ended, one = heapq.heappop(agenda)
        if ended == 0:
            for_chair.append(one)
        elif ended == 1:
            nurses += 1
            for_eyes.append(one)
        elif ended == 2:
            eyes += heavy - light
            start(now, one, 3)
        elif ended == 3:
            for_hands.append((4, one))
        elif ended == 4:
            nurses += 1
            start(now, one, 5)
        else:
            chairs += 1
        while for_chair and chairs:
            chairs, one = chairs - 1, for_chair.pop(0)
            times[one][0] = now
            for_hands.append((1, one))
        while for_hands and nurses:
            nurses, (step, one) = nurses - 1, for_hands.pop(0)
            eyes += light * (step == 4)  # watched until the discharge begins
            start(now, one, step)
        while for_eyes and eyes >= heavy:
            eyes, one = eyes - heavy, for_eyes.pop(0)
            start(now, one, 2)
    return np.array(times)


def occupied(arrivals, lengths, moments):
    """Count the patients inside at each of some moments, where there is a chair for everybody."""
    return np.searchsorted(np.sort(arrivals), moments, "right") - np.searchsorted(
        np.sort(arrivals + lengths), moments, "right"
    )


def boosters(series_ends, follows, minutes, *, check_in, follow_up, uptake, until):
    """Every booster request of responders who never wait.

    Parameters
    ----------
    series_ends
        Minutes at which each patient's last infusion ended.
    follows
        Function (patients, course) -> minutes to the relapse after that course (0: the series), whether it is
        reported at once, whether the patient leaves the programme before it.
    minutes
        Function (patients, course) -> length of that booster's visit.
    check_in, follow_up, until
        Minutes; requests from `until` on are not followed.
    uptake
        For each patient, whether the first relapse leads to a booster.

    Returns
    -------
    requests
        For each course, from the first, who asked for it, when, and when the relapse was: list of (patients,
        minutes, minutes).
    """
    patients, ends, course, requests = np.arange(len(series_ends)), series_ends, 0, []
    while len(patients):
        relapse, reported, leaves = follows(patients, course)
        noticed = np.where(reported, relapse, np.ceil(relapse / check_in) * check_in)
        relapsed, asked = ends + relapse, ends + noticed
        asks = (relapse <= follow_up) & (uptake[patients] if course == 0 else ~leaves) & (asked < until)
        patients, asked, course = patients[asks], asked[asks], course + 1
        requests.append((patients, asked, relapsed[asks]))
        ends = asked + minutes(patients, course)
    return requests
