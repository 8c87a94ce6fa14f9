"""Whether two commits give the same bytes: every table, figure and document of a fixed set of studies.

`python -m tests.bytes BASE` holds the working tree against a commit, `python -m tests.bytes BASE OTHER` one commit
against another. Both are run on this machine, and no figure is stored. What is new is listed and allowed; what is
missing or different fails.
"""
