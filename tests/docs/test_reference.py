"""The reference pages say what the program does."""

import json
import re

import pytest

import simclinic
from simclinic.measures import KPIS
from simclinic.records import DAY_COLUMNS, LIMITS, OUTCOMES, PATIENT_COLUMNS, REASONS, VISIT_COLUMNS
from simclinic.report.text.summary import COLUMNS
from simclinic.results.document import as_json
from simclinic.scenario import baseline
from simclinic.scenario.tables import as_tables
from simclinic.studies.check import check
from simclinic.studies.run_options import RunOptions
from simclinic.studies.template import template as find_template
from tests.docs.pages import ROOT, blocks, tables
from tests.docs.reference import PAGES, PARTS, rewritten, written


@pytest.mark.parametrize("page", PARTS)
def test_what_comes_from_the_program_is_up_to_date(page):
    there = (PAGES / page).read_text(encoding="utf-8")
    assert there == rewritten(page), "run `python -m tests.docs`"


def first_column(page: str, heading: str) -> list[str]:
    """Names in backticks in the first column of the tables below a heading of level two."""
    text = (ROOT / page).read_text(encoding="utf-8")
    begin = text.index(f"\n## {heading}")
    end = text.find("\n## ", begin + 1)
    rows = [
        line.split("|")[1] for line in text[begin : end if end > 0 else None].splitlines() if line[:1] == "|"
    ]
    return [name for cell in rows for name in re.findall(r"`([^`]+)`", cell)]


RECORDS = "docs/reference/records.md"


@pytest.mark.parametrize(
    ("heading", "columns"),
    [
        ("`records.patients`", [*PATIENT_COLUMNS]),
        ("`records.visits`", [*VISIT_COLUMNS, "step_start", "step_end"]),
        (
            "`records.days`",
            [
                *DAY_COLUMNS,
                *("rostered", "present", "shift_from", "shift_to"),
                *("pause_from", "pause_to"),
            ],
        ),
    ],
)
def test_every_column_of_the_records_is_told(heading, columns):
    assert sorted(first_column(RECORDS, heading)) == sorted(columns)


@pytest.mark.parametrize("codes", [OUTCOMES, REASONS, LIMITS])
def test_codes_are_told_in_their_order(codes):
    assert ", ".join(codes) in (ROOT / RECORDS).read_text(encoding="utf-8")


SMALL = ("run.history_weeks=60", "run.history_delay_days=1", "run.warm_up_weeks=2", "run.weeks=2")


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    clinic = simclinic.baseline().change(*SMALL)
    return clinic.run(2, out=tmp_path_factory.mktemp("results") / "small")


def test_every_file_of_a_results_folder_is_told(result):
    there = {
        re.sub(r"part-\d+", "part-*", path.relative_to(result.folder).as_posix())
        for path in result.folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }
    assert set(first_column("docs/reference/results.md", "Files")) == there


def test_manifest_and_summary_are_told(result):
    manifest = json.loads((result.folder / "manifest.json").read_text())
    # What only some folders have is described below the table.
    assert set(first_column("docs/reference/results.md", "`manifest.json`")) == set(manifest) - {"past"}
    assert set(first_column("docs/reference/results.md", "`summary.csv`")) == set(COLUMNS)


def keys(document, example, where="") -> None:
    """Hold the keys of a JSON example to those of a document."""
    if isinstance(example, dict) and document is not None:  # with few futures there is no range
        # Of the key figures the page shows one.
        some = where.endswith("/kpis")
        assert set(example) <= set(document) if some else set(example) == set(document), where
        for name, inner in example.items():
            keys(document[name], inner, f"{where}/{name}")
    elif isinstance(example, list):
        assert isinstance(document, list), where
        if example and document:
            keys(document[0], example[0], f"{where}/0")
    elif example is not None and document is not None:
        assert isinstance(example, type(document)) or isinstance(document, int | float), where


def test_json_examples_have_the_programs_keys(result, tmp_path):
    run, compared, planned, shown, scored, followed, checked = (
        json.loads(block.text) for block in blocks("docs/reference/json.md") if block.language == "json"
    )
    keys(json.loads(as_json(result.document)), run)
    protocols = ["twice-weekly", "thrice-weekly"]
    clinic = simclinic.baseline().change('run.begin="empty"', "run.warm_up_weeks=4", "run.weeks=6")
    steady = simclinic.baseline().change(
        "run.history_weeks=8", "run.history_delay_days=0", "run.warm_up_weeks=4", "run.weeks=6"
    )
    actual = steady.compare(protocols=protocols, replications=2).document
    keys(json.loads(as_json(actual)), compared)
    small = simclinic.baseline().change(*SMALL).scenario
    stored = RunOptions(out=tmp_path / "template")
    template = find_template(small, every=30, slack="10", at_most=20, options=stored).document
    keys(json.loads(as_json(template)), planned)
    panel = str(ROOT / "scenarios" / "data" / "panel.csv")
    forecast = clinic.forecast(panel, weeks=2, replications=2).document
    # Totals and laws are cut short in the example: bands are all alike.
    shown["laws"][0]["weeks"] = shown["weeks"]
    assert set(shown["total"]) <= set(forecast["total"])
    shown["total"] = shown["laws"][0]["total"] = forecast["total"]
    keys(json.loads(as_json(forecast)), shown)
    visits = ROOT / "scenarios" / "data" / "visits.csv"
    held = simclinic.backtest(visits, cut="2025-07-07", weeks=1, replications=2).document
    keys(json.loads(as_json(held | {"warnings": []})), scored)
    past = simclinic.backtest(visits, cut="2025-07-07", weeks=4, replications=2, out=tmp_path / "past")
    tracked = dict(simclinic.track(past.folder, visits, whole_history=True).document)
    boosters = dict(tracked["figures"][1]) | {"in_a_row": followed["figures"][0]["in_a_row"]}
    keys(json.loads(as_json(tracked | {"figures": [boosters], "warnings": []})), followed)
    keys(json.loads(as_json(check([str(ROOT / "scenarios" / "baseline.toml")]))), checked)


# -- the evidence --------------------------------------------------------------------------------------------

EVIDENCE = "docs/background/evidence.md"
OF_NO_CONSEQUENCE = re.compile(
    r"run\.engine|name|description|changes|uncertainty|own\.kpis|targets\.(own|visits|roles|places)|finance\.currency|visit\.steps\.\w+\.(chair|patient)"
    r"|visits|roles|places|shifts\.\w+\.role|visit\.steps\.\w+\.(claims|probability|from_infusion)|protocols\.[\w-]+\.visit"
    r"|visit\.steps\.(infusion|recovery|discharge|turnover)\.first_visit_extra_minutes"
    r"|visit\.complications\..+\.(step|from_infusion|to_infusion)"
)
"""Settings that hold no figure, or none that somebody chose."""


def settings(tables, below=""):
    for name, value in tables.items():
        address = f"{below}{name}"
        if isinstance(value, dict) and value and "dist" not in value and address != "demand.protocol_mix":
            yield from settings(value, f"{address}.")
        else:
            yield address, value


DEFAULTS = dict(settings(as_tables(baseline())))


def evidence_rows():
    for table in tables(EVIDENCE):
        if table[0][:2] == ["setting", "default"]:
            for row in table[1:]:
                yield row[0].strip("`"), row[1].strip("`"), row[3]


def test_every_default_has_its_evidence():
    listed = {address for address, _, _ in evidence_rows()}
    missing = [
        address
        for address in DEFAULTS
        if not OF_NO_CONSEQUENCE.fullmatch(address)
        and not any(f"{address}.".startswith(f"{row}.") for row in listed)
    ]
    assert missing == []


def test_the_evidence_gives_the_defaults_that_hold():
    for address, default, _ in evidence_rows():
        if default.startswith("none;"):  # such as a target, which is used where one is needed
            assert address not in DEFAULTS
        elif default:
            assert written(DEFAULTS[address]) == default, address


def test_every_default_says_where_it_stands():
    for address, _, standing in evidence_rows():
        assert standing.split(",")[0] in ("seen", "recalled", "assumed"), address


def test_kpis_named_in_prose_exist():
    for name in re.findall(
        r"`(\w+_(?:mean|share|per_week|p90))`", (ROOT / "docs/how-to/warnings.md").read_text()
    ):
        assert name in KPIS
