"""All randomness, which does not depend on the clock.

The running model draws nothing: it reads a :class:`~simclinic.sampling.draws.Draws`. The random inputs of a
patient depend only on the identity of the patient and on the experiment (seed and replication), never on other
patients. The same patient therefore has the same random inputs under every plan (common random numbers), and a
difference between two plans is due to the plans.
"""

from simclinic.sampling.draws import Draws, draw

__all__ = ["Draws", "draw"]
