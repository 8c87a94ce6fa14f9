"""For all tests: studies leave their reports out, which most tests do not read; those that do take this back.

The key that marks a user's folders is the tests' own. Python keeps its compiled files, as it does for users: the
many processes that tests start would compile the package each time, for a second of processor time.
"""

import os
import sys
import tempfile

from hypothesis import HealthCheck, settings

os.environ["SIMCLINIC_NO_REPORT"] = "1"
os.environ.setdefault("XDG_STATE_HOME", os.path.join(tempfile.gettempdir(), "simclinic-tests"))  # noqa: PTH118
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A busy machine is no fault of a property: neither an example nor drawing one has a time limit.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
