"""What a clinic knows on a morning: its records cut at midnight, written as a panel.

Of a patient the clinic knows the dates of referral and infusions, and the next appointment. Whoever gave up the
series, did not respond, or declined boosters is known to have left; whoever left the booster programme is not: they
have merely not been heard of.
"""

import csv
import datetime as dt
import io

import numpy as np

from simclinic import records as r
from simclinic.scenario.panel import COLUMNS


def known(scenario, records, *, exact=True, name="P{}".format):
    """Give the patients a clinic knows of when `run.start` begins, as rows of a panel, and which they are.

    Parameters
    ----------
    exact
        Write times of infusions to the second; else their dates.
    name
        Makes an identifier of a row of the patients table.

    Returns
    -------
    rows, patients
        The panel, a dictionary each, and the row of each in the patients table.
    """
    patients, visits = records.patients, records.visits
    count = len(patients["day"])
    done = (visits["outcome"] == r.COMPLETED) & (visits["left"] < 0)
    given, boosters = (
        np.bincount(visits["patient"][done & (visits["kind"] == kind)], minlength=count)
        for kind in (r.INDUCTION, r.BOOSTER)
    )
    last = np.full(count, -np.inf)
    np.maximum.at(last, visits["patient"][done], visits["left"][done])
    ahead = (visits["booked"] < 0) & (visits["appointment"] >= 0) & ~(visits["decided"] < 0)
    coming = np.full(count, np.inf)
    np.minimum.at(coming, visits["patient"][ahead], visits["appointment"][ahead])
    gone = (patients["left"] < 0) & (patients["reason"] != r.LEFT_PROGRAMME)
    here = np.flatnonzero((patients["ready"] < 0) & ~gone)
    midnight = dt.datetime.combine(scenario.run.start, dt.time())

    def moment(minutes, form):
        return (midnight + dt.timedelta(minutes=float(minutes))).isoformat(timespec=form)

    rows = []
    for one in here.tolist():
        protocol = records.protocols[patients["protocol"][one]]
        series = scenario.protocols[protocol].infusions
        stage = "waiting" if not given[one] else "series" if given[one] < series else "maintained"
        infused = "" if np.isinf(last[one]) else moment(last[one], "seconds")
        rows.append(
            {
                "patient": name(one),
                "stage": stage,
                "referred_on": moment(patients["referred"][one], "minutes")[:10],
                "protocol": protocol,
                "infusions_done": int(given[one]),
                "last_infusion_on": infused if exact else infused[:10],
                "boosters_done": int(boosters[one]),
                "next_appointment": "" if np.isinf(coming[one]) else moment(coming[one], "minutes"),
            }
        )
    return rows, here


def written(rows):
    """Write a panel as a file's text."""
    file = io.StringIO()
    sheet = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    sheet.writeheader()
    sheet.writerows(rows)
    return file.getvalue()
