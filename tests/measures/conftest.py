import pytest

from simclinic.scenario import from_toml
from tests.measures.paper import CLINIC


@pytest.fixture(scope="session")
def scenario():
    """The clinic on paper."""
    return from_toml(CLINIC)
