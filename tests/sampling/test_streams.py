"""The random numbers: the published cipher, sound along every coordinate, and a different stream for every name."""

import numpy as np
import pytest

from simclinic.sampling.streams import SEED_BOUND, Streams, philox, stream_key

BOUND = 4.1  # |z| of a sound generator passes it once in 24,000 tests


def one(*words):
    return np.array(words, dtype=np.uint64)


# -- The cipher --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    # Known answers of Random123's kat_vectors for philox4x32, 10 rounds.
    [
        ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
        ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            [0xA4093822, 0x299F31D0],
            [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
        ),
    ],
)
def test_known_answers(counter, key, expected):
    assert philox(one(*counter), one(*key)).tolist() == expected


def test_many_counters_at_once_are_the_same_as_one_by_one():
    rng = np.random.default_rng(5)
    counters = rng.integers(0, 2**32, (4, 50), dtype=np.uint64)
    keys = rng.integers(0, 2**32, (2, 50), dtype=np.uint64)
    together = philox(counters, keys)
    for place in range(50):
        np.testing.assert_array_equal(together[:, place], philox(counters[:, place], keys[:, place]))


def test_a_uniform_is_52_bits_of_the_cipher_at_the_address():
    key = stream_key(7, 3, "referral", "response")
    high, low, _, _ = philox(one(2**32 - 9, 2, 5, 1), one(*key)).tolist()
    expected = ((high << 20 | low >> 12) + 0.5) / 2**52
    drawn = Streams(7, 3, "referral").uniform(["response"], np.array([-9]), np.array([2]), np.array([5]), 1)
    assert drawn.tolist() == [[expected]]


# -- Sound along every coordinate --------------------------------------------------------------------------

LONG = 120_000
STRETCH = np.arange(LONG)


def along(coordinate):
    streams = Streams(20260105, 0, "referral")
    if coordinate in ("day", "ordinal", "episode", "attempt"):
        counters = dict.fromkeys(("day", "ordinal", "episode", "attempt"), np.zeros(LONG, dtype=np.int64))
        counters[coordinate] = STRETCH - LONG // 2 if coordinate == "day" else STRETCH
        return streams.uniform(["response"], **counters)[0]
    few = np.arange(40)
    if coordinate == "stream":
        return streams.uniform([f"name {k}" for k in range(LONG // 40)], few).ravel(order="F")
    made = {"replication": lambda k: (1, k), "seed": lambda k: (k, 1)}[coordinate]
    return np.concatenate(
        [Streams(*made(k), "referral").uniform(["response"], few)[0] for k in range(LONG // 40)]
    ).reshape(-1, 40).ravel(order="F")  # fmt: skip


@pytest.fixture(
    scope="module", params=["day", "ordinal", "episode", "attempt", "stream", "replication", "seed"]
)
def drawn(request):
    return along(request.param)


def z_of_chi2(counts, expected):
    """Normal score of a chi-square statistic, by Wilson and Hilferty; the statistic itself may be too good, too."""
    chi2, freedom = ((counts - expected) ** 2 / expected).sum(), counts.size - 1
    return ((chi2 / freedom) ** (1 / 3) - (1 - 2 / (9 * freedom))) / np.sqrt(2 / (9 * freedom))


def test_uniform_in_a_thousand_cells(drawn):
    counts = np.bincount((drawn * 1000).astype(int), minlength=1000)
    assert abs(z_of_chi2(counts, LONG / 1000)) < BOUND


def test_uniform_in_the_last_bits(drawn):
    last = (drawn * 2**52).astype(np.int64) & 1023
    assert abs(z_of_chi2(np.bincount(last, minlength=1024), LONG / 1024)) < BOUND


@pytest.mark.parametrize("lag", [1, 2, 3, 7, 40])
def test_no_serial_correlation(drawn, lag):
    centred = drawn - 0.5
    products = centred[:-lag] * centred[lag:] * 12
    assert abs(products.sum() / np.sqrt(len(products))) < BOUND


def test_neighbours_fill_the_square(drawn):
    pairs = (drawn[0::2] * 32).astype(int) * 32 + (drawn[1::2] * 32).astype(int)
    assert abs(z_of_chi2(np.bincount(pairs, minlength=1024), LONG / 2048)) < BOUND


def test_runs_up_have_the_length_of_independent_numbers(drawn):
    # The number of descents among n independent numbers has mean (n-1)/2 and variance (n+1)/12.
    descents = (np.diff(drawn) < 0).sum()
    assert abs((descents - (LONG - 1) / 2) / np.sqrt((LONG + 1) / 12)) < BOUND


def test_no_number_comes_twice(drawn):
    assert len(np.unique(drawn)) == LONG  # a collision of 52-bit numbers has a chance of 5e-6


# -- Names -------------------------------------------------------------------------------------------------


def numbers(*, seed=1, replication=0, kind="referral", stream="response", **counters):
    counters = {"day": np.arange(1000), "ordinal": 0, "episode": 0, "attempt": 0, **counters}
    return Streams(seed, replication, kind).uniform([stream], **counters)[0]


def assert_unrelated(one, other):
    assert not np.isin(one, other).any()
    z = ((one - 0.5) * (other - 0.5)).sum() * 12 / np.sqrt(len(one))
    assert abs(z) < BOUND


@pytest.mark.parametrize(
    "changed",
    [
        {"seed": 2}, {"replication": 1}, {"kind": "panel"}, {"stream": "responses"}, {"ordinal": 1},
        {"episode": 1}, {"attempt": 1}, {"seed": 1 << 64}, {"kind": "refer", "stream": "ralresponse"},
    ],
)  # fmt: skip
def test_whatever_the_address_says_makes_another_stream(changed):
    assert_unrelated(numbers(), numbers(**changed))


def test_seed_and_replication_are_no_sum():
    grid = {(s, k): numbers(seed=s, replication=k)[0] for s in range(40) for k in range(40)}
    assert len(set(grid.values())) == 1600
    assert_unrelated(numbers(seed=3, replication=4), numbers(seed=4, replication=3))
    assert_unrelated(numbers(seed=1, replication=11), numbers(seed=11, replication=1))


def test_no_two_addresses_read_the_same():
    assert len({stream_key(*parts) for parts in [
        (1, 1, "a", "bc"), (1, 1, "ab", "c"), (11, 1, "a", "bc"), (1, 11, "a", "bc"), (1, 1, "a", "b:c"),
        (1, 1, "a1", "bc"), (1, 1, "1:a", "bc"), (111, 1, "", "abc"), (1, 111, "", "abc"),
    ]}) == 9  # fmt: skip


def test_the_order_of_asking_changes_nothing():
    streams = Streams(5, 6, "referral")
    days = np.arange(5000)
    before = streams.uniform(["a", "b"], days)
    streams.uniform(["something else"], days)
    after = streams.uniform(["b", "c", "a"], days)
    np.testing.assert_array_equal(before[0], after[2])
    np.testing.assert_array_equal(before[1], after[0])
    np.testing.assert_array_equal(streams.uniform(["a"], days[::-1])[0], before[0][::-1])
    np.testing.assert_array_equal(streams.uniform(["a"], days[777:778])[0], before[0][777:778])


def test_days_before_the_start_are_days_of_their_own():
    days = np.arange(-2000, 2000)
    assert len(np.unique(numbers(day=days))) == 4000


def test_nobody_asked_for():
    assert Streams(1, 0, "referral").uniform(["a", "b"], np.zeros(0, dtype=np.int64)).shape == (2, 0)


# -- Antithetic --------------------------------------------------------------------------------------------


def test_antithetic_is_exactly_one_minus_u():
    days = np.arange(100_000)
    u = Streams(9, 2, "referral").uniform(["response"], days)
    mirrored = Streams(9, 2, "referral", antithetic=True).uniform(["response"], days)
    assert (u + mirrored == 1.0).all()
    # 1 - u could round; with 52 bits and a half it does not, and mirroring twice gives u again.
    assert (1.0 - mirrored == u).all()
    assert (u > 0).all()
    assert (u < 1).all()


# -- What is no seed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [-1, SEED_BOUND])
def test_a_seed_out_of_bounds_is_refused(seed):
    with pytest.raises(ValueError, match="a seed is a whole number"):
        Streams(seed, 0, "referral")


def test_a_negative_replication_is_refused():
    with pytest.raises(ValueError, match="numbered from 0"):
        Streams(1, -1, "referral")
