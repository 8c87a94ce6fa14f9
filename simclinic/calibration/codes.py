"""Outcomes and kinds of visits as numbers."""

from __future__ import annotations

from simclinic.calibration import words

STATUS = {
    words.COMPLETED: 0,
    words.NO_SHOW: 1,
    words.CANCELLED: 2,
    words.BOOKED: 3,
    words.IGNORE: 4,
    words.IN_TIME: 5,
}
COMPLETED, NO_SHOW, CANCELLED, BOOKED, IGNORED, IN_TIME = range(6)
KIND = {words.UNSAID: 0, words.INDUCTION: 1, words.BOOSTER: 2, words.IGNORE: 3}
UNSAID, INDUCTION, BOOSTER, NO_INFUSION = range(4)
