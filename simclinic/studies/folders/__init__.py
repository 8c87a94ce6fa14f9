"""Results folders, read again: a module for each kind of study, with its table for a terminal and its report.

Each has `text(held, summary)` and `page(folder, manifest, options)`; :mod:`simclinic.results.kinds` names them.
"""
