"""Links that lead out of the project lead somewhere."""

import socket
import subprocess
import sys

import pytest

from tests.docs.pages import ROOT


@pytest.mark.long
def test_external_links(tmp_path):
    pytest.importorskip("sphinx", reason="needs the extra `docs`")
    try:
        socket.create_connection(("github.com", 443), timeout=5).close()
    except OSError:
        pytest.skip("no network")
    subprocess.run(
        [sys.executable, "-m", "sphinx", "-b", "linkcheck", "-q", "-c", "docs", ".", str(tmp_path)],
        cwd=ROOT,
        check=True,
    )
