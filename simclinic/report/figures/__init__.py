"""Figures, one a file: tables in, plotly figures out."""
