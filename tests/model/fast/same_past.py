"""One past followed in both ways, and the differences between them."""

import numpy as np
from hypothesis import strategies as st

from simclinic.model.fast.past.live import live
from simclinic.model.fast.past.one_by_one import followed
from simclinic.past.dates import Dates
from simclinic.past.following import Together
from simclinic.past.past import Competition, Past
from simclinic.sampling.draws import Sampler

STATE = (
    "here",
    "consults",
    "maintained",
    "given",
    "boosters",
    "course",
    "missed",
    "relapses",
    "last",
    "appointment",
    "requested",
    "relapse",
    "first_infusion",
    "last_infusion",
    "series_ended",
    "programme",
)
NUMBERS = ((0, False), (1, True), (1, False))

competitions = st.builds(
    Competition,
    first_delay_days=st.sampled_from([0.0, 1.7]),
    booster_delay_days=st.sampled_from([0.0, 2.4, -0.3]),
    turned_away=st.sampled_from([0.0, 0.2]),
    unsettled_days=st.just(0.0),
    endless=st.just(False),
    consult_delay_days=st.sampled_from([0.0, 1.3]),
    consult_turned_away=st.sampled_from([0.0, 0.2]),
)


def lived(scenario, dates, competition, follow):
    """Return the states of all patients of three replications, and what they waited for."""
    kept = []

    def keeping(scenario, dates, people, states, added):
        kept.append(states)
        return follow(scenario, dates, people, states, added)

    past = Past(scenario, dates, competition, keeping)
    Sampler(scenario, None, past).prepare(scenario.run.seed, NUMBERS)
    [states] = kept
    found = {name: getattr(states, name) for name in STATE}
    found["first_waits"] = past.first_waits
    # They are listed in another order; pilots add them up exactly.
    found["booster_waits"] = past.booster_waits[:, np.lexsort(past.booster_waits)]
    return found


def assert_same_past(scenario, weeks, competition, run=live):
    """Compare every array by its bytes; return how many infusions and boosters there were."""
    dates = Dates(scenario, weeks)
    one = lived(scenario, dates, competition, Together)
    other = lived(scenario, dates, competition, followed(run))
    different = [
        name
        for name in one
        if one[name].dtype != other[name].dtype or one[name].tobytes() != other[name].tobytes()
    ]
    assert different == []
    return int(one["given"].sum()), int(one["boosters"].sum())
