"""Numeric codes of outcomes and of kinds of visits."""

from __future__ import annotations

from simclinic.calibration import vocabulary

STATUS = {
    vocabulary.COMPLETED: 0,
    vocabulary.NO_SHOW: 1,
    vocabulary.CANCELLED: 2,
    vocabulary.BOOKED: 3,
    vocabulary.IGNORE: 4,
    vocabulary.IN_TIME: 5,
}
COMPLETED, NO_SHOW, CANCELLED, BOOKED, IGNORED, IN_TIME = range(6)
KIND = {
    vocabulary.UNSAID: 0,
    vocabulary.INDUCTION: 1,
    vocabulary.BOOSTER: 2,
    vocabulary.IGNORE: 3,
    vocabulary.CONSULT: 4,
    vocabulary.FOLLOW_UP: 5,
}
UNSAID, INDUCTION, BOOSTER, NO_INFUSION, CONSULT, FOLLOW_UP = range(6)
