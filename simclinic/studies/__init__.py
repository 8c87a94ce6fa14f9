"""One study for each wish of a user: load, simulate, store, report.

The only place that joins experiments, results folders and reports.
"""
