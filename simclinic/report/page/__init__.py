"""A report as one HTML file that needs no network: question, answer, figures, tables and assumptions."""

from __future__ import annotations

from simclinic.report.page.page import Assumption, Block, Page, render

__all__ = ["Assumption", "Block", "Page", "render"]
