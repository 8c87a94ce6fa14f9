"""Packages as pip would install them: a module and its metadata, on the path of this process and of workers."""

import importlib
import os
import shutil
import sys
import tomllib

import pytest

from simclinic import plugins
from tests.command_line import scenario, simclinic
from tests.docs.pages import ROOT

__all__ = ["scenario", "simclinic"]

EXTRAS = ROOT / "docs" / "examples" / "clinic-extras"


@pytest.fixture(autouse=True)
def forgotten(monkeypatch):
    """Every test begins without anything registered, and leaves nothing behind."""
    monkeypatch.setattr(plugins, "_registered", {})
    plugins.offered.cache_clear()
    yield
    plugins.offered.cache_clear()


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install a package: its modules by name, and its entry points by group."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")]))
    before = set(sys.modules)

    def installed(name, version, modules, points):
        for old in site.glob(f"{name.replace('-', '_')}-*.dist-info"):
            shutil.rmtree(old)
        for module, text in modules.items():
            (site / f"{module}.py").write_text(text)
            sys.modules.pop(module, None)
        info = site / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        lines = [
            f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in some.items())
            for group, some in points.items()
        ]
        (info / "entry_points.txt").write_text("\n".join(lines))
        importlib.invalidate_caches()
        plugins.offered.cache_clear()
        plugins._registered.clear()
        return info

    yield installed
    for module in set(sys.modules) - before:
        if str(getattr(sys.modules[module], "__file__", "")).startswith(str(site)):
            del sys.modules[module]


@pytest.fixture
def uninstall(tmp_path):
    def uninstalled():
        for info in (tmp_path / "site").glob("*.dist-info"):
            shutil.rmtree(info)
        importlib.invalidate_caches()
        plugins.offered.cache_clear()
        plugins._registered.clear()

    return uninstalled


@pytest.fixture
def extras(install):
    """The package of the documentation, installed as its pyproject.toml says."""
    project = tomllib.loads((EXTRAS / "pyproject.toml").read_text())["project"]

    def at(version=None):
        module = (EXTRAS / "clinic_extras.py").read_text()
        return install(
            project["name"], version or project["version"], {"clinic_extras": module}, project["entry-points"]
        )

    at()
    return at
