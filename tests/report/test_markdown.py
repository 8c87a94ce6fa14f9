"""Somebody's words stay words in Markdown: read by a parser, they are the text that was given, and nothing else."""

import json
import re

import pytest
from markdown_it import MarkdownIt

from simclinic.report.stress_des import Study, stress_des
from simclinic.report.text.markdown import block, code, words
from simclinic.scenario import from_toml
from tests.report.test_stress_des import known

EVIL = [
    "[a](javascript:alert(1))",
    "![a](https://example.org/a.png)",
    "<https://example.org> https://example.org www.example.org a@example.org HTTP://EXAMPLE.ORG",
    "<script>alert(1)</script> <img src=x onerror=alert(1)> &lt;b&gt; &#106;",
    "*a* **b** __c__ _d_ ~~e~~ `f` ``g`` $x$ ~h~ ![^1] [^1]: [[x]]",
    "# heading",
    "- item",
    "1. item",
    "12) item",
    "> quote",
    "| a | b |",
    "===",
    "```sh",
    "~~~",
    "[a]: javascript:alert(1)",
    "a\\[b](javascript:alert(1))",
    "a\\`b` [c](d)",
    "`|`@`",
    "a@b``c```d",
    "\\",
]
PARSER = MarkdownIt("gfm-like", {"linkify": False, "html": True})


def read(markdown):
    """What a reader shows, and what it is made of."""
    tokens = PARSER.parse(markdown)
    parts = [part for token in tokens for part in (token.children or [token])]
    return "".join(part.content for part in parts), {part.type for part in parts}


@pytest.mark.parametrize("text", EVIL)
@pytest.mark.parametrize("before", ["", "The question: ", "- ", "| a |\n| --- |\n| "])
def test_words_are_words(text, before):
    shown, kinds = read(before + words(text))
    shown = shown.replace("\\|", "|")  # in code outside of a table it keeps its backslash
    assert shown.endswith(" ".join(text.split()))
    expected = {"paragraph_open", "paragraph_close", "text", "text_special", "code_inline", "inline"}
    if before == "- ":
        expected |= {"bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close"}
    if before.startswith("|"):
        expected |= {
            kind for kind in kinds if re.fullmatch(r"(table|thead|tbody|tr|td|th)_(open|close)", kind)
        }
    assert kinds <= expected
    # what readers link by themselves stands in code
    bare = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", words(text))
    assert not re.search(r"://|www\.|@", bare, re.IGNORECASE)


@pytest.mark.parametrize("text", EVIL)
def test_code_is_code(text):
    shown, kinds = read(f"a {code(text)}")
    assert (shown.replace("\\|", "|"), "code_inline" in kinds) == (f"a {text}", True)
    (fence,) = (token for token in PARSER.parse(block("sh", text, f"{text}\n```\n# no")) if token.content)
    assert (fence.type, fence.content) == ("fence", f"{text}\n{text}\\n```\\n# no\n")


def test_no_character_is_hidden():
    for write in (words, code, lambda text: block("", text)):
        assert r"\x1b[8m\u202e" in write("a\x1b[8m\u202e").replace("\\\\", "\\").replace("\\[", "[")


@pytest.mark.parametrize("study", ["run", "compare", "sweep"])
def test_the_checklist_is_inert(study):
    """Whatever the scenario and the files of its folder say, the checklist has no link in it."""
    evil = " ".join(EVIL).replace("```sh", "``` sh")
    scenario = from_toml(f"name = {json.dumps(evil[:190])}\ndescription = {json.dumps(evil)}")
    manifest = known(scenario, study) | {
        "started": evil,
        "ended": evil,
        "done": evil,
        "planned": evil,
        "seed": evil,
        "python": evil,
        "packages": {evil: evil},
        "code_version": evil,
        "key_scheme": evil,
        "scenario_hash": evil,
        "arguments": {"scenario": f"{evil}\n```\n# Forged\n"},
        "scenarios": [evil],
    }
    summary = {"replications": evil, "design": evil, "points": evil, "factors": {evil: {"levels": [evil]}}}
    text = stress_des(Study((scenario,), manifest, summary))
    _, kinds = read(text)
    assert not {"link_open", "image", "html_inline", "html_block", "s_open"} & kinds
    plain = stress_des(Study((from_toml("name = 'a'\ndescription = 'b'"),), known(scenario, study), {}))
    assert re.findall(r"^#+ [1-6].*", text, re.MULTILINE) == re.findall(r"^#+ [1-6].*", plain, re.MULTILINE)
    headings = [token for token in PARSER.parse(text) if token.type == "heading_open"]
    assert len(headings) == len([token for token in PARSER.parse(plain) if token.type == "heading_open"])
