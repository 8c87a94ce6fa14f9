"""Clinics of the long tests, one half of them made by each of two processes."""

from concurrent.futures import ProcessPoolExecutor


def halves(make, clinics):
    """What is made of all clinics; `make` yields it for each of some numbers, and can be imported."""
    with ProcessPoolExecutor(2) as pool:
        numbers = (range(0, clinics, 2), range(1, clinics, 2))
        return [result for half in pool.map(_made, (make, make), numbers) for result in half]


def _made(make, numbers):
    return list(make(numbers))
