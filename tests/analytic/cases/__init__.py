"""All verification cases, in the order of the table."""

from tests.analytic.cases.boosters import BOOSTERS
from tests.analytic.cases.case import Case
from tests.analytic.cases.days import DAYS
from tests.analytic.cases.nurses import NURSES
from tests.analytic.cases.queues import QUEUES

CASES: list[Case] = [*QUEUES, *NURSES, *DAYS, *BOOSTERS]
