"""Special functions are scipy's own, and are loaded without what scipy loads beside them."""

import re
import subprocess
import sys
from pathlib import Path

import simclinic
from simclinic import ufuncs

PACKAGE = Path(simclinic.__file__).parent
USED = sorted(
    {
        name
        for file in PACKAGE.rglob("*.py")
        for name in re.findall(r"\bspecial\.([a-z]\w*)\(", file.read_text())
    }
)

LIGHT = """
import sys
from simclinic.ufuncs import special
assert "scipy.special" not in sys.modules, "a stand-in was left behind"
assert not {"numpy.f2py", "numpy.testing"} & set(sys.modules), "loaded more than the functions"
from scipy import special as whole, stats
for name in sys.argv[1:]:
    assert getattr(special, name) is getattr(whole, name), name
assert whole.logsumexp([0.0, 0.0]) > 0.69
assert abs(stats.norm.cdf(1.96) - 0.975) < 1e-4
assert whole._ufuncs is special
"""


def test_they_are_scipys_functions_alone():
    assert len(USED) > 10
    subprocess.run([sys.executable, "-c", LIGHT, *USED], check=True, timeout=120)


def test_where_scipy_is_built_otherwise_the_whole_package_is_loaded(monkeypatch):
    from scipy import special

    load = ufuncs.importlib.import_module

    def other(name):
        if name.endswith("._ufuncs"):
            raise ImportError(name)
        return load(name)

    monkeypatch.delitem(sys.modules, "scipy.special")
    monkeypatch.setattr(
        ufuncs.importlib, "import_module", lambda name: other(name) if "_" in name else special
    )
    assert ufuncs._loaded() is special
    assert "scipy.special" not in sys.modules  # no stand-in: the next import finds the package


def test_a_package_that_is_there_is_used():
    from scipy import special

    assert ufuncs._loaded() is special


def test_no_other_module_loads_the_whole_package():
    """A single one would make every run pay for it."""
    named = re.compile(
        r"^\s*(?:from scipy import .*\bspecial\b|import scipy\.special|from scipy\.special )", re.MULTILINE
    )
    found = [
        file.relative_to(PACKAGE).as_posix()
        for file in PACKAGE.rglob("*.py")
        if named.search(file.read_text())
    ]
    assert found == ["ufuncs.py"]
