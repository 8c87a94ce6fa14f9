"""Planted bugs of its small packages, see :mod:`tests.mutation.mutants`."""

from tests.mutation.mutant import Mutant

PAUSES = ("model/test_pauses_on_paper.py",)
OWN_KPIS = ("plugins/test_own_kpis.py",)
TRUST = "store/test_trust.py::"

MUTANTS = (
    Mutant(
        "the hash of other code is taken",
        "kept.py",
        "if head == _head(key, content):",
        'if head.endswith(_head(key, content).rpartition(b" ")[2]):',
        (TRUST + "test_the_hash_that_is_kept_is_taken_for_the_same_files_only",),
    ),
    Mutant(
        "a damaged file that was kept is taken",
        "kept.py",
        "if head == _head(key, content):",
        'if head.startswith(key.encode() + b" "):',
        ("test_kept.py",),
    ),
    Mutant(
        "versions are compared by their first number",
        "program.py",
        'return version.split(".")[:2]',
        'return version.split(".")[:1]',
        (TRUST + "test_versions_are_the_same_up_to_their_third_number",),
    ),
    Mutant(
        "the code's hash leaves out what a list holds",
        "program.py",
        "            elif not _is_text(each):\n",
        "            elif not _is_text(each) and field != 'elts':\n",
        (TRUST + "test_what_is_the_same_program",),
    ),
    Mutant(
        "the end of a pipe is Ctrl-C",
        "cli/main.py",
        "        if isinstance(abort.__cause__, EOFError):",
        "        if isinstance(abort.__cause__, ZeroDivisionError):",
        ("faults/test_workers.py::test_an_end_of_file_is_no_ctrl_c",),
    ),
    Mutant(
        "SIGTERM has the status of Ctrl-C",
        "cli/interrupt.py",
        "    return 128 + _received\n",
        "    return 130\n",
        ("faults/test_interrupted.py::test_a_batch_system_or_a_closed_terminal_is_obeyed_as_ctrl_c_is",),
    ),
    Mutant(
        "pause: parts of a run leave it where it was",
        "records.py",
        '_DAY_TIMES = ("opening", "closing", "last_out", "shift_from", "shift_to", "pause_from", "pause_to")',
        '_DAY_TIMES = ("opening", "closing", "last_out", "shift_from", "shift_to")',
        PAUSES,
    ),
    Mutant(
        "a signal in a finalizer is lost",
        "cli/interrupt.py",
        "    again.start()\n",
        "",
        ("faults/test_interrupted.py::test_a_signal_in_a_finalizer_is_obeyed",),
    ),
    Mutant(
        "screen: streams are not guarded",
        "cli/screen.py",
        "self.unguarded.write(visible(text))",
        "self.unguarded.write(text)",
        ("cli/test_screen.py::test_whatever_writes_is_guarded",),
    ),
    Mutant(
        "screen: a line feed in a name makes a line",
        "cli/screen.py",
        'f"{one_line(line)}\\n" for line in lines',
        'f"{visible(line)}\\n" for line in lines',
        ("cli/test_screen.py::test_names_on_the_command_line",),
    ),
    Mutant(
        "reading: a file is read whatever its size",
        "reading.py",
        "elif status.st_size > most_bytes:",
        "elif False:",
        ("reading/test_reading.py::test_a_file_of_a_terabyte_is_not_even_begun",),
    ),
    Mutant(
        "reading: a pipe is read to its end",
        "reading.py",
        "            left -= len(part)\n",
        "            left = most_bytes + 1\n",
        ("reading/test_reading.py::test_a_pipe_that_never_ends_is_read_no_further",),
    ),
    Mutant(
        "reading: the open file is not looked at again",
        "reading.py",
        "        _check(status, most_bytes, pipes, remedy)\n        parts",
        "        parts",
        (
            "reading/test_reading.py::test_a_file_that_another_replaces_between_looking_and_opening_is_refused",
        ),
    ),
    Mutant(
        "text that is missing counts as another",
        "parquet/bounded.py",
        "[rows] == 1]",
        "[rows] >= 0]",
        ("reading/test_parquet.py::test_the_limit_counts_each_text_as_often_as_it_is_there",),
    ),
    Mutant(
        "each text counts once",
        "parquet/bounded.py",
        "np.bincount(known, minlength=len(texts))",
        "np.minimum(np.bincount(known, minlength=len(texts)), 1)",
        ("reading/test_parquet.py::test_the_limit_counts_each_text_as_often_as_it_is_there",),
    ),
    Mutant(
        "reading: rows of a Parquet file are not counted",
        "parquet/bounded.py",
        "if size.rows > most_rows",
        "if False",
        ("reading/test_parquet.py::test_a_table_beyond_a_bound_is_refused_with_what_it_has",),
    ),
    Mutant(
        "errors of several steps: only the first is said",
        "errors.py",
        "if len(self._errors) == 1:",
        "if self._errors:",
        ("cli/test_all_at_once.py",),
    ),
    Mutant(
        "errors of several steps: any other error is held back",
        "errors.py",
        "if not isinstance(error, SimclinicError):",
        "if error is None:",
        ("cli/test_all_at_once.py",),
    ),
    Mutant(
        "plan: what is wrong with --over is said only of a valid scenario",
        "cli/plan.py",
        "        read_levels(over)\n",
        "        pass\n",
        ("cli/test_all_at_once.py",),
    ),
    Mutant(
        "an interrupted report is not spoken of",
        "cli/study_report.py",
        "    except KeyboardInterrupt:\n",
        "    except ZeroDivisionError:\n",
        ("studies/test_interrupted_search.py",),
    ),
    Mutant(
        "parts: opening hours stay where they were",
        "records.py",
        '_DAY_TIMES = ("opening", "closing", "last_out", "shift_from", "shift_to", "pause_from", "pause_to")',
        '_DAY_TIMES = ("last_out", "shift_from", "shift_to", "pause_from", "pause_to")',
        ("experiment/test_parts.py::test_weeks_of_the_parts_are_those_of_the_whole",),
    ),
    Mutant(
        "own figures: another module may take a registered name",
        "plugins.py",
        "if before is not None and before.module != entry.module:",
        "if before is not None and before.module == '':",
        OWN_KPIS,
    ),
    Mutant(
        "own figures: of two packages that offer a name, one is taken",
        "plugins.py",
        "    if len(points) > 1:\n",
        "    if len(points) > 2:\n",
        OWN_KPIS,
    ),
)
