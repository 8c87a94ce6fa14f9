"""Random inputs of the booster programme, drawn for many courses at a time."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Bools, Floats, Integers
from simclinic.sampling.outcomes import after_courses
from simclinic.sampling.people import AnyPeople
from simclinic.scenario.laws import Laws

Kind = TypeVar("Kind", np.float64, np.bool_)

_COURSES = 8  # drawn at a time


class Drawn:
    """What follows each course, and whether patients come to their boosters.

    A draw of a few numbers takes as long as one of hundreds, so each patient's next courses are drawn together. The
    values depend on their addresses alone.

    Parameters
    ----------
    laws, people
        What holds for the patients of the programme, and all patients.
    rows
        The patients of the programme.
    booked
        Whether they come to appointments, which they can miss.
    """

    def __init__(self, laws: Laws, people: AnyPeople, rows: Integers, *, booked: bool) -> None:
        self._laws = laws
        self._people = people
        self._booked = booked
        self._infusions = laws.boosters.infusions
        self._most = max(1, _COURSES // self._infusions)
        self._place = np.zeros(len(people), dtype=np.int64)
        self._place[rows] = np.arange(len(rows))
        self._courses = 0  # drawn so far
        count = len(rows)
        days, reports, leaves = after_courses(laws, people, rows, np.zeros(count, dtype=np.int64))
        self._days, self._reports, self._leaves = days[:, None], reports[:, None], leaves[:, None]
        self._comes: Floats = np.zeros((count, 0))  # at the first attempt

    def prepare(self, rows: Integers, course: Integers) -> None:
        """Draw what all patients who are still in the programme may need next.

        Parameters
        ----------
        rows, course
            All these patients, and how many courses each has completed.
        """
        while len(rows) and course.max() >= self._courses:
            self._draw(rows)

    def after(self, rows: Integers, course: Integers) -> tuple[Floats, Bools, Bools]:
        """Return what follows a course (0: the series); see :func:`simclinic.sampling.outcomes.after_courses`."""
        place = self._place[rows], course
        return self._days[place], self._reports[place], self._leaves[place]

    def comes(self, rows: Integers, number: Integers, attempt: Integers) -> Floats:
        """Return the uniform numbers that decide whether patients come to an appointment for a booster."""
        u = self._comes[self._place[rows], number - 1]
        again = np.flatnonzero(attempt)
        if len(again):
            streams = ["booster/attendance"]
            u[again] = self._people.uniform(streams, rows[again], number[again], attempt[again])[0]
        return u

    def _draw(self, rows: Integers) -> None:
        """Draw the next courses of these patients; no other patient needs any."""
        here, count = self._place[rows], len(rows)
        course = self._courses + 1 + np.arange(self._most)
        drawn = after_courses(self._laws, self._people, np.repeat(rows, self._most), np.tile(course, count))
        days, reports, leaves = drawn
        self._days = _wider(self._days, here, days.reshape(count, -1))
        self._reports = _wider(self._reports, here, reports.reshape(count, -1))
        self._leaves = _wider(self._leaves, here, leaves.reshape(count, -1))
        if self._booked:
            width = self._most * self._infusions
            number = self._courses * self._infusions + 1 + np.arange(width)
            u = self._people.uniform(["booster/attendance"], np.repeat(rows, width), np.tile(number, count))
            self._comes = _wider(self._comes, here, u.reshape(count, width))
        self._courses += self._most


def _wider(table: npt.NDArray[Kind], here: Integers, more: npt.NDArray[Kind]) -> npt.NDArray[Kind]:
    """Append columns to a table, of which only some rows are drawn."""
    columns: npt.NDArray[Kind] = np.zeros((len(table), more.shape[1]), dtype=table.dtype)
    columns[here] = more
    return np.concatenate((table, columns), axis=1)
