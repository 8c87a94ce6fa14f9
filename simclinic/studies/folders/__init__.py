"""Results folders: one module for each kind of study, with its table for the terminal and its report.

Each module has `text(results)` and `page(folder, manifest_data, options)`; :mod:`simclinic.results.kinds` names the
modules.
"""
