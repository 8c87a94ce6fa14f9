"""The state of one simulated clinic as arrays of records, and the functions that give access to them.

Every function of the engine takes the state as its first argument. Where Python runs the engine, that is a
:class:`World`, whose attributes are the arrays. Where the engine is compiled, it is one record that holds the
addresses of the arrays, and :mod:`simclinic.model.fast.compiled` puts other functions in the place of those below:
arrays passed one by one would be compiled for many minutes. All whole numbers have 64 bits.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Integers

NAN = np.nan
INF = np.inf
DAY = 1440.0
WEEK = 10080.0
NONE = -(10**9)
"""Stands for None among whole numbers."""

# What an entry of the queue of events is; see `clock.py`.
(
    LIFE,
    DAYS,
    ARRIVALS,
    TURN,
    CLEAN_UP,
    FREE_CHAIR,
    FREE_EYES,
    LOSE_PATIENCE,
    RELIEF,
    RECOUNT,
    STOP,
    WAKE,
    OFFER,
    ARRIVE,
) = range(14)

# Where a patient stands: the point at which the pathway goes on.
(
    READY,
    AT_DESK,
    HELD,
    HOPES,
    CONSULTS,
    CONSULT_ANSWERED,
    DECIDES,
    COME,
    SETTLE,
    SETTLES,
    HAS_TURN,
    NOTICE,
    MIDNIGHT,
    MISSED,
    REBOOKS,
    KEEPS,
    EXPECTS,
    FOLLOWS,
    ARRIVES,
    DOORS_OPEN,
    STEP,
    CHAIR,
    HANDS,
    EYES,
    NO_NURSE,
    BEGINS,
    STEP_ENDS,
    DEPARTS,
    SERVED,
    WALK,
    WALK_ASKED,
    WALKS_IN,
    WALKS_TO_CONSULT,
    RUN_ENDS,
    PROGRAMME,
    AS_NEEDED,
    WELL,
    NOTICED,
    REQUEST,
    ASKS,
    CHECK_IN,
    PENDING,
    PENDING_REQUESTED,
    DUE,
    OPENS,
    ASKS_FOR_DUE,
    SOONER,
    DUE_CHECK_IN,
    ASKS_AGAIN,
    COURSE_ENDS,
    GONE,
) = range(51)

# How a run of infusions ended: `End` of `infusions.py`.
ALL_GIVEN, GAVE_UP, LEFT = range(3)

# What happens after a run of infusions.
SERIES, OF_REQUEST, OF_WALKED_REQUEST, OF_SCHEDULE, OF_WALKED_SCHEDULE, OF_WALKED_PENDING, OF_CONSULT = range(
    7
)

# How a request that waits is tried: the attempts of `desk.py`.
BOOSTERS, FOLLOWING, FIRST_FIT, EXISTING = range(4)

# What the engine asks Python for, and how its run ends.
(
    FINISHED,
    NEEDS_SERIES,
    NEEDS_BOOSTERS,
    NEEDS_MISSES,
    NEEDS_COURSES,
    NEEDS_WEEKS,
    NEEDS_ROOM,
    REFUSED,
) = range(8)

USUAL_BOOK, OPEN_BOOK, TYPED_BOOK = range(3)

WAITING, IN_SERIES, MAINTAINED, CONSULTING = range(4)
"""Stages of the patients who are there when the simulation begins."""


SIMULATE, DRAW, LIVE = range(3)
"""What the compiled code does: simulate, draw uniform numbers, or follow patients of the past."""


def records_of(moments: str, numbers: str) -> np.dtype[Any]:
    """Return the type of a record: floats by name, then whole numbers by name."""
    fields = [(name, "f8") for name in moments.split()] + [(name, "i8") for name in numbers.split()]
    return np.dtype(fields, align=True)


clinic_t = records_of(
    "now end opens answer",
    "eid heap_n events n_visits n_lived next_initial next_arrival phase today arriving need need_who need_what "
    "answered error n_relief cleaning_n lighter_n in_the_room staff_n n_cleaners free_cleaner "
    "day day_step day_phase changing waiting_count released stamp "
    "held_head held_n in_series asked_series asked_boosters n_entered n_hoping n_movable offer_due",
)
rules_t = records_of(
    "end cancel_notice standby_notice settled",
    "walks_in waiting_room has_patience window prefer release reserve weekly_cap series_cap rolling notice "
    "booster_notice patience_days usual first_day simulated length n_script n_steps after_needs_nurse "
    "most_waiting most_visits most_events most_a_day width ranked words n_protocols standby wide "
    "n_roles n_classes keeps_place book n_plans n_counters n_planes n_fits convert_days most_starts n_edges groups",
)
day_t = records_of(
    "opening closing midnight",
    "is_open next_open weekday chairs grid n_starts series_limit first_pause n_pauses",
)
protocol_t = records_of(
    "check_in follow_up lapsed",
    "infusions least n_preferred n_permitted n_order booster_infusions policy n_weeks drawn_weeks",
)
plan_t = records_of(
    "",
    "kind first n_steps first_step needs_nurses others n_others present n_present needs_others "
    "alike uses n_uses need n_needs",
)
start_t = records_of("", "minute plan kind listed")
planned_step_t = records_of(
    "", "place patient flows_on claim n_hands n_eyes site n_sites needs_staff after_nurses"
)
type_t = records_of("", "edge n_edges plan")
step_t = records_of("", "hands eyes chair frees_chair flows_on")
staffing_t = records_of("minute", "hands nurses leaving later role")
patient_t = records_of(
    "ready asked consulted first_infusion last_infusion series_ended programme left last_visit_end now "
    "requested relapsed last when due noticed relapse elapsed",
    "protocol given boosters missed given_today relapses reason state kind remaining last_day course seen step "
    "watched seated begun news n_ahead rebooks end then after last_visit today pending at_once begins "
    "turn woken in_movable place had_place lobby needed cleaning n_watched "
    "claim n_claims site n_sites at_site taking",
)
visit_t = records_of(
    "requested relapsed booked appointment decided arrived chair chair_from chair_until "
    "wait_chair wait_hands wait_eyes",
    "patient kind number attempt course day place episode outcome turn n_starts before behind line clean_step "
    "clean_phase earliest plan booked_plan expected",
)
progress_t = records_of(
    "last appointment requested relapse first_infusion last_infusion series_ended programme ready",
    "row stage given boosters course has_appointment timed has_requested recorded missed relapses protocol",
)
pool_t = records_of("", "capacity in_use begun_head begun_n others_head others_n joined lighter_n")
place_t = records_of("", "capacity used highest waiting cleaning_n")
team_t = records_of(
    "", "inside begun overtime nurses stayed between recount_due arrival_head arrival_n called"
)
staff_t = records_of("", "who claim n_claims begun")
cleaner_t = records_of(
    "", "row place seat steps last step phase following claim n_claims site n_sites at_site taking begun"
)
request_t = records_of("", "row what a count group day known")
episode_t = records_of("offset patience", "first_miss n_misses more")
segment_t = records_of("", "first count row following")
follow_t = records_of("days", "at_once leaves")

ARRAYS: dict[str, tuple[str, int]] = {
    # the clinic
    "clinic": ("clinic_t", 1),
    "patients": ("patient_t", 1),
    "visits": ("visit_t", 1),
    "starts": ("f8", 2),  # visits, steps
    "ahead": ("i8", 2),  # patients, appointments to come
    "lived": ("i8", 1),
    "entered": ("i8", 1),
    "heap_time": ("f8", 1),
    "heap_key": ("i8", 1),
    "heap_what": ("i8", 1),
    "places": ("place_t", 1),  # chairs, and other places
    "freed": ("u8", 2),  # by place
    "cleaning_time": ("f8", 2),
    "cleaning_chair": ("i8", 2),
    "line": ("i8", 2),  # first and last visit of the queue of each place and class
    "place_waits": ("f8", 2),  # visits, places besides the chairs
    "stays": (
        "f8",
        2,
    ),  # visits, and of each such place its number and the moments from and until which it is held
    "teams": ("team_t", 1),  # by role
    "arrivals": ("i8", 2),  # by role, who waits for somebody to come on duty
    "pools": ("pool_t", 1),  # hands and eyes of each role
    "lighter_time": ("f8", 2),  # by role
    "lighter_shares": ("i8", 2),
    "staff": ("staff_t", 1),  # the joint queue for staff
    "cleaners": ("cleaner_t", 1),
    "ring_who": ("i8", 2),
    "ring_amount": ("i8", 2),
    "ring_joined": ("i8", 2),
    "relief": ("i8", 1),
    "waiting": ("request_t", 2),
    "n_waiting": ("i8", 1),
    "tried": ("i8", 2),
    "held": ("i8", 1),
    "hoping": ("i8", 1),
    "movable": ("i8", 1),
    "freed_days": ("u8", 1),
    "free": ("u8", 2),
    "free_days": ("u8", 1),
    "series_taken": ("i8", 1),
    "series_room": ("u8", 1),
    "weekly": ("i8", 1),
    "full": ("u8", 1),
    "third_next": ("f8", 1),
    "sets": ("u8", 2),
    "found": ("i8", 1),
    "planned": ("i8", 1),  # the plans of a chain of visits
    "planes": ("u8", 2),  # by day, counter and place of its number, minutes
    "offer_kind": ("i8", 1),  # by day; -1: closed
    "fits": ("u8", 2),  # by day, plan and way of looking, what a visit can take
    "fits_known": ("i8", 1),
    "fits_days": ("u8", 2),  # by plan, the days on which a visit fits
    "stale_days": ("u8", 2),  # by plan, those of which that is not known
    "used_up": ("u8", 2),  # by day and start, the starts that a converted visit uses up
    "still_fit": ("u8", 1),
    # the timetable
    "rules": ("rules_t", 1),
    "days": ("day_t", 1),
    "pauses": ("f8", 2),
    "grid_first": ("i8", 1),
    "minutes": ("f8", 1),
    "script": ("step_t", 1),
    "plans": ("plan_t", 1),
    "plan_steps": ("planned_step_t", 1),
    "claims": ("i8", 2),  # pools and amounts
    "shares": ("i8", 1),  # by role
    "sites": ("i8", 1),  # roles of which one must be on duty
    "others": ("i8", 2),  # steps, and roles besides the nurses
    "presence": ("i8", 2),  # roles, and minutes from which one of them must be there
    "takes": ("i8", 2),  # counter, place of its number, first minute, and the one after the last
    "needs": ("i8", 2),  # counter, first minute, and the one after the last
    "steps_of": ("u8", 2),  # by kind of day and plan, the minutes of the grid
    "staffed": ("u8", 2),  # by kind of day and plan, the minutes at which its roles are there
    "template_first": ("i8", 1),  # by kind of day
    "n_template": ("i8", 1),
    "template": ("start_t", 1),
    "group_of": ("i8", 1),  # by protocol, number of boosters, and the first one's number, the kind of request
    "types": ("type_t", 1),
    "edges": ("i8", 1),
    "visit_of": ("i8", 2),  # by protocol and kind, the type of visit
    "protocols": ("protocol_t", 1),
    "preferred": ("i8", 2),
    "preferred_since": ("i8", 2),
    "permitted": ("i8", 2),
    "permitted_since": ("i8", 2),
    "order": ("i8", 2),
    "order_since": ("i8", 2),
    "since": ("u8", 2),
    "weeks": ("f8", 2),
    "line_of": ("i8", 2),  # by plan and kind
    "class_of": ("i8", 2),
    # the draws
    "initial": ("progress_t", 1),
    "coming": ("i8", 1),
    "ready": ("f8", 1),
    "protocol": ("i8", 1),
    "ends_after": ("i8", 1),
    "end_reason": ("i8", 1),
    "responder": ("i8", 1),
    "uptake": ("i8", 1),
    "can_come": ("i8", 1),
    "series_first": ("i8", 1),
    "consult_row": ("i8", 1),
    "decides": ("f8", 1),  # minutes to the decision after a consult
    "accepts": ("i8", 1),
    "booster_segment": ("i8", 1),
    "segments": ("segment_t", 1),
    "follow_segment": ("i8", 1),
    "follows": ("follow_t", 1),
    "lengths": ("f8", 2),
    "episodes": ("episode_t", 1),
    "misses": ("i8", 2),
    "day_kind": ("i8", 1),
    "thin": ("i8", 1),
    "roster_first": ("i8", 1),
    "roster": ("staffing_t", 1),
    "cover_first": ("i8", 1),
    "cover": ("f8", 2),
}
"""Every array of the state: the type of its elements, and its number of dimensions."""


Kinds = dict[str, tuple[np.dtype[Any], int, int]]
"""Of each array the type of its elements, its dimensions, and the place of its address."""


def kinds_of(arrays: dict[str, tuple[str, int]], types: dict[str, Any]) -> Kinds:
    """Return what is known of the arrays of a state, whose records have these types."""
    return {
        name: (np.dtype(types.get(kind, kind)), dimensions, 3 * place)
        for place, (name, (kind, dimensions)) in enumerate(arrays.items())
    }


class World:
    """The arrays of the state, as attributes; where their elements are records, these have fields as attributes.

    Parameters
    ----------
    arrays
        By name.
    like
        A state that has the others.

    Attributes
    ----------
    addresses
        Of each array of `kinds`, in that order, its address in memory, and its sizes: rows and columns (or 0).
    plain
        The arrays by name, as they were given.
    kinds
        What arrays there are.
    what
        What the compiled code does with them.
    """

    kinds: ClassVar[Kinds] = kinds_of(ARRAYS, globals())
    what: ClassVar[int] = SIMULATE

    def __init__(self, arrays: dict[str, npt.NDArray[Any]], like: World | None = None) -> None:
        self.addresses: Integers = (
            np.zeros(3 * len(self.kinds), dtype=np.int64) if like is None else like.addresses.copy()
        )
        self.plain: dict[str, npt.NDArray[Any]] = {} if like is None else dict(like.plain)
        for name, array in arrays.items():
            self.set(name, array)

    def __getattr__(self, name: str) -> npt.NDArray[Any]:
        """Make the attribute when it is first asked for: where the engine is compiled, few are."""
        if name not in self.kinds:
            raise AttributeError(name)
        array = self.plain[name]
        setattr(self, name, array.view(np.recarray) if array.dtype.names else array)
        return self.array(name)

    def set(self, name: str, array: npt.NDArray[Any]) -> None:
        """Put an array in the place of another.

        Raises
        ------
        TypeError
            If it is not as `kinds` says.
        """
        kind, dimensions, at = self.kinds[name]
        if array.dtype != kind or array.ndim != dimensions or not array.flags.c_contiguous:
            raise TypeError(f"{name}: {array.ndim} dimensions of {array.dtype}")
        self.plain[name] = array
        vars(self).pop(name, None)
        size = array.shape[1] if dimensions == 2 else 0
        self.addresses[at : at + 3] = array.ctypes.data, len(array), size

    def array(self, name: str) -> npt.NDArray[Any]:
        """Return an array of the state."""
        array: npt.NDArray[Any] = getattr(self, name)
        return array
