"""The report of each study: its answer, warnings, figures and tables; one module for each command."""
