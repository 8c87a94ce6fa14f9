"""Measures of the three tables: key figures, the weekly table, the profile of the week.

All are pure functions of :class:`~simclinic.records.Records` and the scenario, independent of the model.

>>> from simclinic.measures import KPIS
>>> KPIS["access_days_mean"].definition[:62]
'Ready for booking to start of the first infusion, for patients'
"""

from simclinic.measures.intervals import summarise
from simclinic.measures.kpi import GROUPS, Kpi
from simclinic.measures.kpis import KPIS
from simclinic.measures.profile import PROFILE
from simclinic.measures.punctual import DayVerdict, judge_day
from simclinic.measures.stability import STATES, Expected, Verdict, judge
from simclinic.measures.summary import Measured, measure
from simclinic.measures.weeks import WEEKS

__all__ = [
    "GROUPS",
    "KPIS",
    "PROFILE",
    "STATES",
    "WEEKS",
    "DayVerdict",
    "Expected",
    "Kpi",
    "Measured",
    "Verdict",
    "judge",
    "judge_day",
    "measure",
    "summarise",
]
