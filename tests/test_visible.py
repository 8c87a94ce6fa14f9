"""Every character that a terminal obeys, or nobody sees, is written out; all others stay as they are."""

import sys
import unicodedata

import pytest

from simclinic.errors import Problem, ScenarioError, SimclinicError
from simclinic.visible import one_line, visible

SEEN = {0x600, 0x601, 0x602, 0x603, 0x604, 0x605, 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
"""Format characters of Arabic, Syriac and Kaithi that have a shape of their own."""


def hides(code):
    kind = unicodedata.category(chr(code))
    hieroglyphs = 0x13430 <= code <= 0x1345F  # they place the signs beside them
    return kind in ("Cc", "Cf", "Cs", "Zl", "Zp") and code not in SEEN and not hieroglyphs


def test_no_character_of_unicode_goes_through_unseen():
    for code in range(sys.maxunicode + 1):
        shown = visible(chr(code))
        if hides(code) and chr(code) not in "\n\t":
            assert shown.isascii(), hex(code)
            assert shown.isprintable(), hex(code)
            assert shown[0] == "\\", hex(code)
        elif unicodedata.category(chr(code))[0] in "LNPSMZ" and len(shown) > 1:
            # letters and marks that have no ink
            assert "FILLER" in (name := unicodedata.name(chr(code))) or any(
                word in name for word in ("INHERENT", "JOINER", "VARIATION SELECTOR", "VOWEL SEPARATOR")
            ), name


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", r"\x1b[2J"),
        ("\x9b2J", r"\u009b2J"),
        ("\x7f", r"\x7f"),
        ("a\r\nb\tc", "a\\x0d\nb\tc"),
        ("\u202egpj.exe\u2066\u2069\u200e\u200f\u061c", r"\u202egpj.exe\u2066\u2069\u200e\u200f\u061c"),
        ("\u2028\u2029\u200b\u200d\ufeff\u0085", r"\u2028\u2029\u200b\u200d\ufeff\u0085"),
        ("\udc9b\udfff\U000e0041", r"\x9b\udfff\U000e0041"),
        ("Zoë Müller – 中文 العربية €", "Zoë Müller – 中文 العربية €"),
    ],
)
def test_as_python_writes_them(text, shown):
    assert visible(text) == shown
    assert visible(shown) == shown


def test_somebodys_words_stay_in_their_line():
    assert one_line("a\nError: b\tc") == r"a\nError: b\tc"


def test_an_error_is_safe_wherever_it_is_printed():
    assert str(SimclinicError("a\x1b[2J\nb: is wrong")) == r"a\x1b[2J\nb: is wrong"
    assert str(SimclinicError("one\n- two", "three")) == "- one\\n- two\n- three"
    wrong = ScenarioError([Problem("must be\n\x9b so", file="a\nb.toml", line=3)])
    assert str(wrong) == r"a\nb.toml:3: must be\n\u009b so"
