"""Wrong words on the command line: each answered once, with what was probably meant."""

import click
import pytest

from simclinic.cli.group import COMMANDS, simclinic_group


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("runn", "run"), ("RUN", "run"), ("chekc", "check"), ("compar", "compare"), ("sweeep", "sweep"),
        ("fore", "forecast"), ("callibrate", "calibrate"), ("result", "results"), ("simulate", "run"),
    ],
)  # fmt: skip
def test_a_misspelt_command_gets_a_suggestion(simclinic, written, meant):
    said = simclinic(written, "x.toml")
    assert said.status == 2
    assert f"No such command '{written}'. Did you mean '{meant}'?" in said.err


def test_what_is_like_no_command_gets_the_list(simclinic):
    said = simclinic("xyzzy")
    assert said.status == 2
    assert all(name in said.err for name in COMMANDS)


def test_a_file_without_a_command_is_told_so(simclinic, scenario):
    assert f"simclinic run {scenario}" in simclinic(scenario).err


def every_option():
    for name in COMMANDS:
        command = simclinic_group.get_command(click.Context(simclinic_group), name)
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                yield from ((name, option) for option in parameter.opts if option.startswith("--"))


def test_an_option_of_other_commands_is_told_with_all_that_have_it(simclinic):
    """Every option of every command, given to one that does not have it: none is met with a guess."""
    having = {}
    for name, option in every_option():
        having.setdefault(option, []).append(name)
    for option, names in having.items():
        for without in COMMANDS:
            if without in names:
                continue
            said = simclinic(without, option, "x", "y")
            assert said.status == 2
            assert "--help'?" not in said.err
            assert f"No such option '{option}'." in said.err
            assert all(name in said.err.partition("No such option")[2] for name in names), (
                option,
                without,
                said.err,
            )


def test_panel_where_there_is_none(simclinic):
    said = simclinic("check", "--panel", "p.csv", "x.toml")
    assert "'check' does not have it" in said.err
    assert "forecast" in said.err.partition("does not have it")[2]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["compare", "--kpi", "x"], "Did you mean '--kpis'?"),
        (["results", "--jsn", "x"], "Did you mean '--json'?"),
        (["compare", "--replication", "3"], "Did you mean '--replications'? report"),
        (["check", "--panl", "x"], "Did you mean '--panel'?"),
        (["--replications", "3", "run"], "It comes after a command: run"),
        (["run", "--foobarbaz"], "No such option '--foobarbaz'.\n"),
        (["run", "-x"], "No such option '-x'"),
    ],
)
def test_a_misspelt_option(simclinic, arguments, told):
    said = simclinic(*arguments)
    assert said.status == 2
    assert told in said.err
    assert "Did you mean '--help'" not in said.err


def test_one_scenario_too_many(simclinic):
    said = simclinic("run", "a.toml", "b.toml")
    assert said.status == 2
    assert "'run' takes one scenario; check and compare take several." in said.err
    assert "take several" not in simclinic("results", "a", "b").err


@pytest.mark.parametrize("columns", [60, 80, 100])
def test_no_summary_of_a_command_is_cut(simclinic, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    said = simclinic("--help")
    assert "..." not in said.out.partition("Commands:")[2]
    running = " ".join(said.out.split())
    for name in COMMANDS:
        command = simclinic_group.get_command(click.Context(simclinic_group), name)
        first = command.short_help or " ".join(command.help.partition("\n\n")[0].split())
        assert f"{name} {first}" in running
    assert max(map(len, said.out.splitlines())) <= columns
