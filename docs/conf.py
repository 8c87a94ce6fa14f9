"""Settings of the documentation site: `python -m sphinx -W -q -c docs . build/docs`.

The source folder is the project's own, so that links to README, scenarios and tests are checked, too. The pages are
those that are read in the repository; the lists of links in `index.md` become the navigation.
"""

import re

from sphinx.application import Sphinx

from simclinic.version import VERSION

project = "simclinic"
author = "The simclinic developers"
copyright = "2026, The simclinic developers"  # noqa: A001
release = version = VERSION

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
root_doc = "docs/index"
include_patterns = ["*.md", "docs/**"]
exclude_patterns = ["build", ".venv"]
suppress_warnings = ["misc.highlighting_failure"]  # outputs of commands are no code

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4

autodoc_typehints = "description"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
default_role = "code"  # docstrings write code in single backticks
smartquotes = False

html_theme = "furo"
html_title = f"simclinic {VERSION}"
html_copy_source = False
html_show_sourcelink = False

NAVIGATION = ("docs/index", "docs/background/decisions/README")
"""Pages whose lists of links are the navigation."""


def navigation(page: str) -> str:
    """Return the tables of contents that a page's lists of links stand for, one for each bold heading."""
    trees, caption, entries = [], "", list[str]()
    for line in [*page.splitlines(), "**"]:
        if line.startswith("**"):
            if entries:
                title = [f":caption: {caption}"] if caption else []
                trees.append("\n".join([":::{toctree}", ":hidden:", *title, "", *entries, ":::"]))
            caption, entries = line.strip("* …"), []
        elif re.match(r"- |\d+\. |  ", line):
            entries += [link for link in re.findall(r"\]\(([^)#]+\.md)\)", line) if link not in entries]
    return "\n\n".join(trees)


def add_navigation(_app: Sphinx, document: str, source: list[str]) -> None:
    """Add the navigation to the pages that list the others."""
    if document in NAVIGATION:
        source[0] += "\n" + navigation(source[0])


def keep_colon(
    _app: Sphinx, what: str, _name: str, _object: object, _options: object, lines: list[str]
) -> None:
    """Keep napoleon from reading "Rows: a, b" in the docstring of a property as a type and its description."""
    if what == "property" and lines:
        lines[0] = lines[0].replace(": ", " – ")


def setup(app: Sphinx) -> None:
    """Connect the navigation, and what is done to docstrings before napoleon reads them."""
    app.connect("source-read", add_navigation)
    app.connect("autodoc-process-docstring", keep_colon, priority=400)
