"""Estimated settings, one module for each subject: each `learn` adds its settings to the findings.

An export does not show everything apart: a return is observed, a relapse is not. Response, relapse, uptake of
boosters and attrition are therefore one share and one distribution, and the settings that would count any of them a
second time are made neutral.
"""
