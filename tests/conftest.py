"""For all tests: studies leave their reports out, which most tests do not read; those that do take this back."""

import os

os.environ["SIMCLINIC_NO_REPORT"] = "1"
