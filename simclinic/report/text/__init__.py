"""Sentences and tables for people: in a terminal, in Markdown, and rows for spreadsheets."""
