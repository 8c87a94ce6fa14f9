"""The compiled engine: the usual program of the clinic once more, over arrays of numbers.

The modules have the names of those of :mod:`simclinic.model`, and each function names the one that it mirrors. The
two engines read the same timetable and the same random inputs, and write the same three tables bit for bit. Python
can run these modules as they are, slowly; :mod:`simclinic.model.fast.compiled` has them compiled by numba.
"""
