"""The page of `simclinic serve`: screens in a browser on this machine that call studies and show their results."""
