"""The days of the clinic: chairs from midnight on, shifts and breaks, the desk at opening."""

from __future__ import annotations

from math import inf

from simclinic.model.clinic import Clinic
from simclinic.model.clock import Steps


def days(clinic: Clinic) -> Steps[None]:
    """Run the simulated days one after another."""
    env, chairs, desk, calendar = clinic.env, clinic.chairs, clinic.desk, clinic.timetable.calendar
    staff, [team, *others] = clinic.staff, clinic.teams
    for index in range(calendar.simulated):
        midnight = calendar.midnights[index]
        chairs_today = calendar.situations[index].clinic.chairs
        if chairs_today != chairs.capacity:
            yield midnight
            chairs.capacity = chairs_today
            chairs.serve()
        opening = calendar.opening[index]
        opens = inf if opening is None else opening
        steps = [(step, team) for step in team.steps(index)]
        if others:
            steps += [(step, other) for other in others for step in other.steps(index)]
            steps.sort(key=lambda pair: pair[0].minute)
        for place, (step, changes) in enumerate(steps, start=1):
            moment = midnight + step.minute
            if opens <= moment:
                yield opens
                desk.open(index)
                opens = inf
            if moment > env.now:
                yield moment
            if others:
                staff.changing = place < len(steps) and steps[place][0].minute == step.minute
            changes.follow(index, step)
            if others:
                staff.serve()
        if opens < inf:
            yield opens
            desk.open(index)
