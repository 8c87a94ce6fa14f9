"""Differences made by hand, as a comparison's document has them."""

from simclinic.measures import KPIS


def differing(name, mean, ci, *, p_holm=None, n=10, ratio=2.0):
    return {
        "mean": mean,
        "sd": None if ci is None else 1.0,
        "ci": ci,
        "n": n,
        "p": p_holm,
        "p_holm": p_holm,
        "variance_ratio": ratio,
        "verdict": "told",
        "unit": KPIS[name].unit,
    }


def between(**kpis):
    return {"from": "Old <b>plan</b>", "to": "New & long", "kpis": kpis}


def figure(name, mean, ci=None):
    ci = [mean * 0.9, mean * 1.1] if ci is None and mean is not None else ci
    return {"mean": mean, "sd": 1.0, "ci": ci, "p10": mean, "p90": mean, "n": 10, "unit": KPIS[name].unit}


def compared(**means):
    kpis = {name: value if isinstance(value, dict) else figure(name, value) for name, value in means.items()}
    return {"name": "Old <b>plan</b>", "scenario": "Old", "stable": True, "warnings": [], "kpis": kpis}
