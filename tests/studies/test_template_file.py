"""The file that `template --write` makes: what it can express is known before anything is simulated."""

import pytest

from simclinic.errors import SimclinicError
from simclinic.scenario import load
from simclinic.studies.template_file import check_overrides
from tests.model.small import BASE

LUNCH = "[clinic.hours]\nmon = ['08:00-12:00', '13:00-17:00']\n"
AFTERNOON = "[clinic.hours]\nmon = '13:00-17:00'\n"
CHANGED = "[clinic.hours]\nmon = '08:00-17:00'\n[changes.2026-01-12.clinic.hours]\nmon = '13:00-17:00'\n"
TYPES = '[visits.long.steps.treatment]\nminutes = 90\n[protocols.once]\ninfusions = 1\nvisit = "long"\n'
TWO_TYPES = (
    TYPES
    + '[visits.short.steps.treatment]\nminutes = 30\n[protocols.other]\ninfusions = 1\nvisit = "short"\n'
)
BOTH = "[demand.protocol_mix]\nonce = 0.5\nother = 0.5\n"


@pytest.fixture
def made(tmp_path):
    """Write the small clinic with other sections, and return the check of some overrides."""

    def check(text, *overrides):
        base = BASE
        for section in ("[clinic.hours]", "[protocols.once]", "[demand.protocol_mix]"):
            if section in text:
                before, _, rest = base.partition(section)
                base = before + "[" + rest.partition("\n[")[2]
        file = tmp_path / "small.toml"
        file.write_text(base + text)
        return check_overrides(load(file, overrides), file.name, tmp_path / "new.toml", overrides)

    return check


@pytest.mark.parametrize("text", [LUNCH, AFTERNOON, CHANGED, TYPES, TWO_TYPES + BOTH])
def test_no_hours_and_no_types_are_refused(made, text):
    made(text)
    made(text, "clinic.chairs=2", "booking.notice_days=1")


def test_what_a_file_would_mean_otherwise_is_refused(made, monkeypatch):
    monkeypatch.setattr("simclinic.studies.template_file.parsed", lambda _: [])
    with pytest.raises(SimclinicError, match="--write cannot write all that --set changed"):
        made(LUNCH, "clinic.chairs=2")
