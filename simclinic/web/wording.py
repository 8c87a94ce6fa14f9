"""Sentences of studies in the words of the page: what the command line calls by an option is a field here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from simclinic.report.page.page import held

LABELS: Mapping[str, Mapping[str, str]] = {
    "how-many": {
        "from": "First level, % of what the plan carries on paper",
        "step": "Step from level to level, % of the same",
        "at-most": "Most replications at a level",
        "alpha": "Chance that the number is too high, %",
    },
    "cheapest": {"at-most": "Most replications of a plan"},
    "hire": {"at-most": "Most replications of a plan"},
    "template": {
        "grid": "Minutes between possible starts",
        "slack": "Slack to try",
        "at-most": "Most replications of a way to book",
    },
}
"""What the fields of a question are called, by the option that each of them gives."""

_YEARS = r"Ask for most years: --target '[^']*'"

_SAID = (
    (r"simclinic check says why", "“My clinic” says why"),
    (
        r'make a scenario without `weeks` and `every` for the usual week\. With booking\.types = "open" any',
        "make a clinic without them for the usual week. With “open” in the field “Starts” of “My clinic”, any",
    ),
    (
        r"demand\.referrals_per_week and boosters\.attrition above 0 would help",
        "More referrals, and a share of patients who leave after a booster, would help",
    ),
    (
        r"changes\.(\S+) changes [a-z ]+: a template is for one plan, so leave the change out, or make a scenario",
        r"from \1 on the plan is another one, and a template is for one plan: leave it out, or make a clinic",
    ),
    (r", such as --slack ([\d,]+)", r"; write \1 into the field “Slack to try”, for example"),
    (r"--from begins lower", "a smaller number in “First level” begins lower"),
    (r"--panel begins with those patients", "“Forecast” begins with those patients"),
    (
        r"`?simclinic report`? with --simulate draws them, if you trust its source",
        "ask “Does it cope?” again, and they are drawn",
    ),
    (r"run\.warm_up_weeks = (\d+)", r"\1 weeks of warm-up"),
    (r" Choose another folder with --out\.", " Rename or remove this folder, and ask again."),
    (r"give the same command again to go on", "ask again to go on"),
    (r"when that is mended, the same command goes on", "when that is mended, ask again to go on"),
)
"""Sentences that name an option which is no field, and what the page says."""


def sentence(line: str) -> str:
    """Write a line with a capital and a full stop."""
    return f"{line[:1].upper()}{line[1:]}{'' if line.endswith(('.', '!', '?')) else '.'}"


def wording(question: str) -> Callable[[str], str]:
    """Return what says a sentence of a study in the words of the page.

    Parameters
    ----------
    question
        Whose fields are named: one of :data:`simclinic.web.questions.QUESTIONS`.
    """
    labels = LABELS.get(question, {})
    most_years = (
        "Ask for most years: write “in 80 %” behind its limit, such as “10 in 80 %”"
        if question == "how-many"
        else "Ask for most years in the clinic's file, such as “<= 10 in 80%”"
    )

    def field(match: re.Match[str]) -> str:
        label = labels.get(match[1])
        if label is None:
            return match[1].replace("-", " ")
        begins = match.string[: match.start()].rstrip()[-1:] in ("", ".")
        return f"{'A' if begins else 'a'} larger number in “{label}”"

    def said(line: str) -> str:
        line = re.sub(_YEARS, most_years, line)
        for pattern, words in _SAID:
            line = re.sub(pattern, words, line)
        return held(re.sub(r"(?<!\w)--([a-z][a-z-]*)", field, line))

    return said
