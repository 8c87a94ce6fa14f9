"""How often a verdict is wrong, over hundreds of samples of clinics whose truth is known from many replications."""

import numpy as np
import pytest

from tests.verdicts.clinics import generated, watch

pytestmark = pytest.mark.long


def samples(total, size, count, seed=1):
    rng = np.random.default_rng(seed)
    return [rng.choice(total, size, replace=False) for _ in range(count)]


def test_the_typical_clinic_is_stable_and_a_full_one_never():
    """200 samples of each: the baseline is stable in 95 %, what is not stable is called so in less than 5 %."""
    rates = (10.3, 11.0, 12.0, 13.0, 14.5)
    clinics = watch([(f"demand.referrals_per_week={rate}",) for rate in rates], 400)
    for rate, clinic in zip(rates, clinics, strict=True):
        for size in (10, 30):
            called = [clinic.verdict(chosen) for chosen in samples(400, size, 200)]
            if not clinic.is_stable:
                assert called.count("stable") <= 10, (rate, size)
        if rate == 10.3:
            assert clinic.is_stable
            assert called.count("stable") >= 190


def test_generated_clinics_are_rarely_called_what_they_are_not():
    """50 clinics: a wrong "stable" in at most 5 %; away from the limits 40 replications leave at most 30 % open."""
    wrong, made, left_open, clear = 0, 0, 0, 0
    for clinic in watch(list(generated(50)), 400):
        calm = all(abs(distance) > 0.25 for distance in clinic.distances())
        for chosen in np.arange(400).reshape(10, 40):
            state = clinic.verdict(chosen)
            made += not clinic.is_stable
            wrong += state == "stable" and not clinic.is_stable
            clear += calm
            left_open += calm and state == "open"
    assert made > 100
    assert wrong <= 0.05 * made
    assert clear > 100
    assert left_open <= 0.30 * clear


def test_a_clinic_of_ten_years_is_never_filling():
    """Also where it is full, so that its boosters stay below what paper has."""
    rates = (10.0, 13.0, 14.0, 16.0)
    longer = 'run.begin="empty"', "run.warm_up_weeks=520"
    for clinic in watch([(*longer, f"demand.referrals_per_week={rate}") for rate in rates], 40):
        called = [clinic.verdict(chosen) for chosen in [np.arange(40), *samples(40, 20, 20)]]
        assert called.count("filling") <= 1
