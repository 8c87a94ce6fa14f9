"""Results of studies as data: the documents of `--json` and of results folders, and the kinds of study.

Tables and pages are made from these documents only, so that they cannot disagree with the JSON.
"""
