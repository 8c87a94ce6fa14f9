"""For all tests: studies leave their reports out, which most tests do not read; those that do take this back.

The key that marks a user's folders is the tests' own.
"""

import os
import tempfile

os.environ["SIMCLINIC_NO_REPORT"] = "1"
os.environ.setdefault("XDG_STATE_HOME", os.path.join(tempfile.gettempdir(), "simclinic-tests"))  # noqa: PTH118
