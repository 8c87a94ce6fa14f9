"""One page for a study: a question, its answer, and everything behind it, in one file that needs no network."""

from __future__ import annotations

from simclinic.report.page.page import Assumption, Block, Page, render

__all__ = ["Assumption", "Block", "Page", "render"]
