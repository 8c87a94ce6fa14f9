"""Keyword arguments that calls share: declared once, seen by `help`, and refused where there are none such."""

import inspect

import pytest

import simclinic
from simclinic.api.options import BacktestOptions, CompareOptions, ExportOptions, StudyOptions
from simclinic.api.temporary_folder import in_folder
from simclinic.studies.execution import Execution, ExecutionOptions

CALLS = {
    "Clinic.run": (simclinic.Clinic.run, StudyOptions),
    "Clinic.compare": (simclinic.Clinic.compare, CompareOptions),
    "Clinic.forecast": (simclinic.Clinic.forecast, ExecutionOptions),
    "compare": (simclinic.compare, StudyOptions),
    "sweep": (simclinic.sweep, StudyOptions),
    "calibrate": (simclinic.calibrate, ExportOptions),
    "backtest": (simclinic.backtest, BacktestOptions),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_signature_lists_every_option(name):
    call, options = CALLS[name]
    parameters = inspect.signature(call).parameters
    assert set(options.__annotations__) <= set(parameters)
    assert all(each.kind is not each.VAR_KEYWORD for each in parameters.values())


def test_defaults_are_those_of_an_execution():
    parameters = inspect.signature(simclinic.Clinic.run).parameters
    for name in ExecutionOptions.__annotations__:
        assert parameters[name].default == getattr(Execution(), name)
    assert inspect.signature(simclinic.Clinic.compare).parameters["at_most"].default == 1000


@pytest.mark.parametrize("name", ["compare", "sweep", "calibrate", "backtest"])
def test_an_option_that_there_is_not_is_refused(name):
    call, _ = CALLS[name]
    with pytest.raises(TypeError, match="'workesr'"):
        call("nothing", workesr=2, **({"cut": "2025-07-07"} if name == "backtest" else {}))


class Made:
    """An object that can be watched."""


def test_a_temporary_folder_goes_with_the_object_and_a_named_one_stays(tmp_path):
    seen = []

    def make(folder):
        seen.append(folder)
        return Made()

    first = in_folder(None, make)
    assert seen[0].is_dir()
    del first
    assert not seen[0].exists()
    in_folder(tmp_path, make)
    assert seen[1] == tmp_path
    assert tmp_path.is_dir()


def test_a_temporary_folder_goes_if_nothing_comes_of_it():
    seen = []

    def make(folder):
        seen.append(folder)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        in_folder(None, make)
    assert not seen[0].exists()
