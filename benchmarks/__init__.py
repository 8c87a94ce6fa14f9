"""How fast the simulator is: `python -m benchmarks`."""
