"""The drawing code in a report is the installed one, also where its packed form was kept."""

import base64
import gzip
import sys

from simclinic.report.page import bundle


def test_the_packed_code_is_that_of_the_installed_plotly(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(bundle, "__file__", str(tmp_path / "bundle.py"))
    for code in (b"draw()", b"redraw()", b"redraw()"):
        monkeypatch.setattr(bundle, "_plotly_js", lambda code=code: code)
        made = bundle.bundle.__wrapped__()
        assert gzip.decompress(base64.b64decode(made.packed)) == code
        assert made.source == bundle.source_of(code)
