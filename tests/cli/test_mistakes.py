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
    result = simclinic(written, "x.toml")
    assert result.status == 2
    assert f"No such command '{written}'. Did you mean '{meant}'?" in result.err


def test_what_is_like_no_command_gets_the_list(simclinic):
    result = simclinic("xyzzy")
    assert result.status == 2
    assert all(name in result.err for name in COMMANDS)


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
            result = simclinic(without, option, "x", "y")
            assert result.status == 2
            assert "--help'?" not in result.err
            assert f"No such option '{option}'." in result.err
            assert all(name in result.err.partition("No such option")[2] for name in names), (
                option,
                without,
                result.err,
            )


def test_panel_where_there_is_none(simclinic):
    result = simclinic("check", "--panel", "p.csv", "x.toml")
    assert "'check' does not have it" in result.err
    assert "forecast" in result.err.partition("does not have it")[2]


@pytest.mark.parametrize(
    ("arguments", "message"),
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
def test_a_misspelt_option(simclinic, arguments, message):
    result = simclinic(*arguments)
    assert result.status == 2
    assert message in result.err
    assert "Did you mean '--help'" not in result.err


def test_one_scenario_too_many(simclinic):
    result = simclinic("run", "a.toml", "b.toml")
    assert result.status == 2
    assert "'run' takes one scenario; check and compare take several." in result.err
    assert "take several" not in simclinic("results", "a", "b").err


@pytest.mark.parametrize("columns", [60, 80, 100])
def test_no_summary_of_a_command_is_cut(simclinic, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    result = simclinic("--help")
    assert "..." not in result.out.partition("Commands:")[2]
    running = " ".join(result.out.split())
    for name in COMMANDS:
        command = simclinic_group.get_command(click.Context(simclinic_group), name)
        first = command.short_help or " ".join(command.help.partition("\n\n")[0].split())
        assert f"{name} {first}" in running
    assert max(map(len, result.out.splitlines())) <= columns
