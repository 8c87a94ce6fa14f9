"""What a visitor meets first: README, links, versions."""

import importlib.metadata
import itertools
import re
import tomllib

import pytest

from simclinic.version import VERSION
from tests.docs.pages import NAMES, ROOT

RUN = (
    "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt . "
    "&& .venv/bin/simclinic run scenarios/baseline.toml"
)
TEST = "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt -e '.[test]' && .venv/bin/pytest -n auto"


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_readme_holds_exactly_the_two_commands():
    commands = [line for line in read("README.md").splitlines() if line.startswith("python3 -m venv ")]
    assert commands == [RUN, TEST]


def without_code(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(text: str) -> set[str]:
    """Anchors of a page's headings, as GitHub and GitLab make them."""
    headings = re.findall(r"^#+ (.+)$", without_code(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", NAMES)
def test_links_resolve(name):
    here = ROOT / name
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(read(name))):
        if target.startswith(("https://", "http://")):
            continue
        path, _, anchor = target.partition("#")
        file = (here.parent / path).resolve() if path else here
        assert file.exists(), f"{name}: {target}"
        if anchor:
            assert anchor in anchors(file.read_text(encoding="utf-8")), f"{name}: {target}"


def test_every_page_can_be_reached():
    result, ahead = set(), [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        if page in result or page.suffix != ".md":
            continue
        result.add(page)
        targets = re.findall(r"\]\(([^)\s#]+)[^)]*\)", without_code(page.read_text(encoding="utf-8")))
        ahead += [(page.parent / target).resolve() for target in targets if not target.startswith("http")]
    assert {ROOT / name for name in NAMES} == result


def test_constraints_are_names_and_versions():
    for line in read("constraints.txt").splitlines():
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9A-Za-z.]*", line), line


def test_constraints_cover_every_requirement():
    def plain(name: str) -> str:
        return re.sub(r"[-_.]+", "-", name).lower()

    pinned = {plain(line.partition("==")[0]) for line in read("constraints.txt").splitlines()}
    project = tomllib.loads(read("pyproject.toml"))["project"]
    asked = [*project["dependencies"], *itertools.chain(*project["optional-dependencies"].values())]
    names = {plain(re.match(r"[A-Za-z0-9._-]+", requirement)[0]) for requirement in asked}
    assert names <= pinned


def test_versions_agree():
    assert f"\nversion: {VERSION}\n" in read("CITATION.cff")
    assert f"\n## {VERSION}" in read("CHANGELOG.md")
    assert importlib.metadata.version("simclinic") == VERSION
