"""Studies, one for each command: load, simulate, store, report.

This package connects experiments, results folders and reports.
"""
