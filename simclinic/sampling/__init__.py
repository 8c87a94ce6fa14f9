"""All randomness, drawn before the clock starts.

The running model draws nothing: it reads a :class:`~simclinic.sampling.draws.Draws`. Whatever is random about a
patient depends only on who the patient is and which experiment this is, never on what happened to others; so
the same patient has the same random inputs under every staffing plan, and a difference between two plans is a
difference between the plans.
"""

from simclinic.sampling.draws import Draws, draw

__all__ = ["Draws", "draw"]
