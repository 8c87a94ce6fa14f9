"""What a table says of a clinic that is not surely unstable: whether that is known, or merely not refuted."""

import pytest

from simclinic.report.tables import stable_told


def away(mean, ci):
    return {"mean": mean, "sd": None, "ci": ci, "p10": None, "p90": None, "n": 6, "unit": "share"}


@pytest.mark.parametrize(
    ("figure", "told"),
    [
        (away(0.01, [0.0, 0.02]), "Stable: no queue grows, and few are turned away."),
        (away(0.04, [0.03, 0.05]), "Stable: no queue grows, and few are turned away."),
        (
            away(0.118, [0.028, 0.208]),
            "Open: no queue is seen to grow, but 11.8 % are turned away (2.8–20.8)",
        ),
        (away(0.0, None), "Stable in the one replication that counts, which is no promise."),
        (away(None, None), "Open: no queue grows, but nobody was ready to begin a series."),
    ],
)
def test_what_is_not_known_is_not_called_stable(figure, told):
    assert stable_told(figure).plain.startswith(told)
