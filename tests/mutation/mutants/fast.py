"""Planted bugs of `model/fast` and of what it mirrors: two engines must agree."""

from tests.mutation.mutant import Mutant

SAME = ("model/fast/test_same_tables.py",)
WALKS_IN = ("model/fast/test_same_tables.py::test_of_several_types_of_visit_who_walk_in",)
ON_PAPER = ("model/test_wider_on_paper.py",)
WIDE = ("model/fast/test_same_tables.py::test_of_several_types_of_visit",)

CACHE = ("model/fast/test_cache.py",)

COMPILING = ("experiment/test_compiling.py",)

TIES = ("model/fast/test_ties_on_paper.py",)

MUTANTS = (
    Mutant(
        "fast: a patient who is booked for a consult is ready for a series",
        "model/fast/inputs.py",
        '    table["ready"][table["stage"] == CONSULTING] = np.nan\n',
        "",
        ("model/test_consults_from_today.py",),
    ),
    Mutant(
        "fast: a booked consult begins a series of the week",
        "model/fast/desk.py",
        "        if v.kind == INDUCTION and v.number == 1:\n            begin_series(w, index)",
        "        if v.number == 1:\n            begin_series(w, index)",
        ("past/test_consults_of_the_past.py",),
    ),
    Mutant(
        "fast: a booked consult that is moved begins a series of the week",
        "model/fast/requests.py",
        "what == EXISTING and v.kind == INDUCTION and",
        "what == EXISTING and",
        ("past/test_consults_of_the_past.py",),
    ),
    Mutant(
        "fast: it is not known when a booked consult was asked for",
        "model/fast/simulate.py",
        "            me.asked = t.requested\n",
        "            me.asked = NAN\n",
        ("past/test_consults_of_the_past.py",),
    ),
    Mutant(
        "fast: those who stay between two shifts are on site for every visit",
        "model/fast/staff.py",
        "and (begun != 0 or not of.teams(w)[role].between))",
        "and True)",
        ("model/test_borders_on_paper.py",),
    ),
    Mutant(
        "ties: a relapse at a check-in is noticed at the next one",
        "model/programme.py",
        "    return max(relapsed, last + ceil((relapsed - last) / every) * every)\n",
        "    return max(relapsed, last + (floor((relapsed - last) / every) + 1) * every)\n",
        TIES,
    ),
    Mutant(
        "ties: a booster missed at a check-in is asked for at once",
        "model/programme.py",
        "    return since + (floor((clinic.env.now - since) / every) + 1) * every\n",
        "    return since + ceil((clinic.env.now - since) / every) * every\n",
        TIES,
    ),
    Mutant(
        "ties: what ends with the simulation has ended",
        "model/fast/tables.py",
        "    end[end >= end_of_time] = np.nan\n"
        '    table["step_start"], table["step_end"] = start, end\n'
        "    note_ends",
        "    end[end > end_of_time] = np.nan\n"
        '    table["step_start"], table["step_end"] = start, end\n'
        "    note_ends",
        TIES,
    ),
    Mutant(
        "ties: who comes first is served after who comes as the doors open",
        "model/fast/clock.py",
        "    key = ((priority + 1) << 48) + c.eid\n",
        "    key = ((priority + 1) << 48) - c.eid\n",
        TIES,
    ),
    Mutant(
        "compiling: every worker compiles for itself",
        "experiment/compiling.py",
        "        if workers > 1 and why is not None:\n",
        "        if workers > 2 and why is not None:\n",
        COMPILING,
    ),
    Mutant(
        "compiling: short work has the engine compiled",
        "experiment/compiling.py",
        "            if self._ahead >= LONG and self._process is None:\n",
        "            if self._ahead and self._process is None:\n",
        COMPILING,
    ),
    Mutant(
        "compiling: compiling goes on after the study",
        "experiment/executors/base.py",
        "        self.compiler.stop()\n",
        "",
        COMPILING,
    ),
    Mutant(
        "compiling: the manifest says SimPy though the engine was compiled meanwhile",
        "store/run_folder.py",
        '        if begun["name"] == "simpy" and engine_of(self._scenario).name == "fast":\n',
        '        if begun["name"] == "fast" and engine_of(self._scenario).name == "fast":\n',
        COMPILING,
    ),
    Mutant(
        "compiling: a damaged engine is loaded",
        "kept.py",
        "        if head == _head(key, content):\n",
        "        if head.startswith(key.encode()):\n",
        CACHE,
    ),
    Mutant(
        "compiling: an engine is kept before it is known to load",
        "model/fast/compiled.py",
        "            _LOADED[file] = _load(code)  # before it is kept: what cannot be loaded is not\n"
        "            with contextlib.suppress(OSError):\n"
        "                keep(file, _digest(), code)\n",
        "            with contextlib.suppress(OSError):\n"
        "                keep(file, _digest(), code)\n"
        "            _LOADED[file] = _load(code)\n",
        CACHE,
    ),
    Mutant(
        "compiling: it goes on after an interrupt",
        "model/fast/build.py",
        "            process.kill()\n",
        "            pass\n",
        CACHE,
    ),
    Mutant(
        "compiling: all is said to be done before the code is there",
        "model/fast/build.py",
        "                    progress(min(count, FUNCTIONS - 1), FUNCTIONS)\n",
        "                    progress(min(count, FUNCTIONS), FUNCTIONS)\n",
        CACHE,
    ),
    Mutant(
        "compiling: the reason of a failure is lost",
        "model/fast/build.py",
        "            [*_, why] = said.splitlines()",
        "            [why, *_] = said.splitlines()",
        CACHE,
    ),
    Mutant(
        "compiling: an interrupted write leaves a part",
        "kept.py",
        "    except BaseException:\n",
        "    except OSError:\n",
        CACHE,
    ),
    Mutant(
        "compiling: random numbers of a round too few",
        "model/fast/philox.py",
        "_ROUNDS = 10\n",
        "_ROUNDS = 9\n",
        ("model/fast/test_philox.py",),
    ),
    Mutant(
        "fast: one unit in the last place of a moment",
        "model/fast/visit.py",
        "    start_step(w, me.seen, me.now)\n",
        "    start_step(w, me.seen, me.now * (1 + 2**-52))\n",
        SAME,
    ),
    Mutant(
        "fast: ties in the queue of events reversed",
        "model/fast/clock.py",
        "    key = ((priority + 1) << 48) + c.eid\n",
        "    key = ((priority + 1) << 48) - c.eid\n",
        SAME,
    ),
    Mutant(
        "fast: a patient who leaves does not send nurses home after their shift",
        "model/fast/team.py",
        "    elif team.overtime and team.inside == 0:\n",
        "    elif team.overtime and team.inside < 0:\n",
        SAME,
    ),
    Mutant(
        "fast: a nurse's hands are taken for one more task",
        "model/fast/team.py",
        "    of.pools(w)[2 * role].capacity = hands\n",
        "    of.pools(w)[2 * role].capacity = hands + 1\n",
        SAME,
    ),
    Mutant(
        "fast: the highest free chair first",
        "model/fast/pools.py",
        "    for k in range((here.highest >> 6) + 1):\n        if freed[k] != ZERO:",
        "    for k in range((here.highest >> 6) + 1):\n        if here.used > 2 and freed[k] != ZERO:",
        SAME,
    ),
    Mutant(
        "fast: nurses who stay begin further visits",
        "model/fast/pools.py",
        "    if of.teams(w)[0].between and not begun:\n        return False\n",
        "",
        SAME,
    ),
    Mutant(
        "fast: a chain prefers a day too few",
        "model/fast/book.py",
        "        keep_until(first, best - r.prefer - 1)\n",
        "        keep_until(first, best - r.prefer)\n",
        SAME,
    ),
    Mutant(
        "fast: a missed infusion is rebooked on its own day",
        "model/fast/desk.py",
        "    first = missed.day if missed.outcome == NO_SHOW else missed.day + 1\n",
        "    first = missed.day\n",
        SAME,
    ),
    Mutant(
        "fast: a missed booster is asked for a check-in later",
        "model/fast/programme.py",
        "    return float(since + (np.floor((of.clinic(w)[0].now - since) / every) + 1) * every)\n",
        "    return float(since + (np.floor((of.clinic(w)[0].now - since) / every) + 2) * every)\n",
        SAME,
    ),
    Mutant(
        "fast: a relapse is noticed at once",
        "model/fast/programme.py",
        "    if at_once or relapsed == INF:\n        return relapsed\n    every",
        "    if at_once or relapsed < INF:\n        return relapsed\n    every",
        SAME,
    ),
    Mutant(
        "fast: a relapse before the booster is forgotten",
        "model/fast/programme.py",
        "            me.relapses += 1\n            of.visits(w)[me.last_visit].relapsed = me.relapse\n",
        "            me.relapses += 1\n",
        SAME,
    ),
    Mutant(
        "fast: patience is counted from the arrival before opening",
        "model/fast/visit.py",
        "note_patience(w, me.seen, c.now + of.episodes",
        "note_patience(w, me.seen, c.now + 1 + of.episodes",
        SAME,
    ),
    Mutant(
        "fast: the earliest start instead of the panel's",
        "model/fast/desk.py",
        "        near = t.appointment if t.timed else NAN\n",
        "        near = NAN\n",
        SAME,
    ),
    Mutant(
        "simpy alone: boosters are asked for a day earlier",
        "model/programme.py",
        "index(env.now) + timetable.scenario.booking.booster_notice_days\n",
        "index(env.now)\n",
        SAME,
    ),
    Mutant(
        "simpy alone: the last in the chairs' queue is the first",
        "model/pools.py",
        "        return self.queue.popitem(last=False)[0]\n",
        "        return self.queue.popitem()[0]\n",
        SAME,
    ),
    Mutant(
        "fast: the queue for a place besides the chairs knows no priorities",
        "model/fast/any_visit.py",
        "of.line_of(w)[v.plan, v.kind], row",
        "of.line_of(w)[v.plan, v.kind] if s.place == 0 else 0, row",
        ("model/test_who_comes_first.py",),
    ),
    Mutant(
        "fast: patients on standby are tried by number",
        "model/fast/standby.py",
        "    return asked < later or (asked == later and p < other)\n",
        "    return p < other\n",
        SAME,
    ),
    Mutant(
        "fast: the start that a moved patient leaves is not offered",
        "model/fast/standby.py",
        "            put(freed, moved)\n",
        "            drop(freed, day)\n",
        SAME,
    ),
    Mutant(
        "simpy alone: new patients on standby give up a day early",
        "model/standby.py",
        "            if self._latest(patient) < index:\n",
        "            if self._latest(patient) <= index:\n",
        SAME,
    ),
    Mutant(
        "fast: a visit fits where half of what it needs is free",
        "model/fast/open_day.py",
        "            if planes[row, word] & bits != bits:\n",
        "            if planes[row, word] & bits == ZERO:\n",
        WIDE,
    ),
    Mutant(
        "fast: nobody who must be on the premises is waited for",
        "model/fast/staff.py",
        "                if not _is_on_site(w, role, t.begun):\n",
        "                if False:\n",
        WIDE,
    ),
    Mutant(
        "fast: staff are taken for whom an earlier request waits",
        "model/fast/staff.py",
        "    if of.clinic(w)[0].staff_n > 0 and (_kept(w) & wanted) != 0:\n",
        "    if False:\n",
        WALKS_IN,
    ),
    Mutant(
        "fast: starts are converted however far ahead",
        "model/fast/wide_book.py",
        "    return bool(convert_days != NONE and day - of.clinic(w)[0].today <= convert_days)\n",
        "    return bool(convert_days != NONE)\n",
        WIDE,
    ),
    Mutant(
        "fast: a converted visit uses up no other start",
        "model/fast/wide_book.py",
        "            free[k] &= ~used_up[k]\n",
        "            pass\n",
        ("model/test_typed_starts_on_paper.py",),
    ),
    Mutant(
        "fast: starts of other types keep nothing",
        "model/fast/wide_book.py",
        "    if listed == 0 and others and not converts:\n",
        "    if listed == 0 and others and converts:\n",
        WIDE,
    ),
    Mutant(
        "fast: a role goes home before the last step that needs it",
        "model/fast/any_visit.py",
        "                last = others[k, 0]\n    return int(last)\n",
        "                last = others[k, 0] - 1\n    return int(last)\n",
        WIDE,
    ),
    Mutant(
        "fast: cleaning lasts a minute longer",
        "model/fast/any_visit.py",
        "            push(w, c.now + _length(w, row, t.step), 1, CLEAN_UP, k)\n",
        "            push(w, c.now + 1.0 + _length(w, row, t.step), 1, CLEAN_UP, k)\n",
        WIDE,
    ),
    Mutant(
        "simpy alone: a role is not expected for a late patient",
        "model/any_visit.py",
        "    appointment.expected = True\n",
        "    appointment.expected = False\n",
        WIDE,
    ),
    Mutant(
        "fast: a waiting request keeps hands although its watching cannot be had",
        "model/fast/staff.py",
        "        if watched or pool & 1:\n",
        "        if True:\n",
        ON_PAPER,
    ),
    Mutant(
        "fast: the first role that comes is given away before the others are there",
        "model/fast/days.py",
        "                c.changing = 1 if again else 0\n",
        "                c.changing = 0\n",
        ON_PAPER,
    ),
    Mutant(
        "simpy alone: the lobby has one place fewer",
        "model/any_visit.py",
        "        if limit is not None and clinic.in_the_room >= limit:\n",
        "        if limit is not None and clinic.in_the_room + 1 >= limit:\n",
        WALKS_IN,
    ),
)
