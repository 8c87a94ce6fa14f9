"""What studies find, as data: the documents that `--json` prints and results folders keep, and the kinds of study.

Tables and pages for people are made from documents and from nothing else, so that the two cannot disagree.
"""
