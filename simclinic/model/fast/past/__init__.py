"""The years before a steady start, followed by compiled code.

The modules have the names of those of :mod:`simclinic.past`, and each function names the one that it mirrors. There
all patients are followed together, one infusion after another; here one patient after another. What each patient
does depends on the patient alone, so the results are the same bit for bit. Python can run these modules as they
are, slowly; :mod:`simclinic.model.fast.compiled` has them compiled with the engine.
"""
