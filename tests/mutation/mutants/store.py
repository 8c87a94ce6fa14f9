"""Planted bugs of `store`, see :mod:`tests.mutation.mutants`."""

from tests.mutation.mutant import Mutant

OWN_KPIS = ("plugins/test_own_kpis.py",)
TRUST = "store/test_trust.py::"
ATOMIC = "store/test_atomic.py::"

MUTANTS = (
    Mutant(
        "a part is taken whatever its digest",
        "store/tables.py",
        "    matches = digests is None or digests.get(name) == sha256(content)\n",
        "    matches = True\n",
        (TRUST + "test_a_column_renamed_in_a_footer_is_damage_and_made_again",),
    ),
    Mutant(
        "a part that the manifest does not know is no part",
        "store/tables.py",
        "    if not matches and encode_columns(decode(content, name)) != content:\n",
        "    if not matches:\n",
        (TRUST + "test_a_part_that_the_manifest_does_not_know_is_adopted_if_it_is_whole",),
    ),
    Mutant(
        "a read that fails is damage",
        "store/tables.py",
        "    except FileNotFoundError as error:\n        raise DamagedError",
        "    except OSError as error:\n        raise DamagedError",
        (TRUST + "test_a_read_that_fails_is_no_damage",),
    ),
    Mutant(
        "columns with other names are adopted",
        "store/part_files.py",
        "            if tuple(columns) != columns_of(name, self.own):\n",
        "            if len(columns) != len(columns_of(name, self.own)):\n",
        (TRUST + "test_a_part_that_the_manifest_does_not_know_is_set_aside_if_its_columns_are_others",),
    ),
    Mutant(
        "a part may hold what belongs elsewhere",
        "store/part_files.py",
        "            if size is not None and replication // size != self.number:\n",
        "            if size is not None and replication < 0:\n",
        (TRUST + "test_a_part_in_anothers_place_is_set_aside",),
    ),
    Mutant(
        "what was set aside before is written over",
        "store/atomic.py",
        'if f"{last}.damaged-{n}" not in taken)',
        "if n)",
        (ATOMIC + "test_what_is_set_aside_is_kept_beside_what_was_set_aside_before",),
    ),
    Mutant(
        "a link to a folder is followed",
        "store/atomic.py",
        'flags |= getattr(os, "O_NOFOLLOW", 0) | ',
        "flags |= ",
        (ATOMIC + "test_writing_never_follows_a_link",),
    ),
    Mutant(
        "a temporary file that is there is taken",
        "store/atomic.py",
        "os.O_WRONLY | os.O_CREAT | os.O_EXCL)",
        "os.O_WRONLY | os.O_CREAT | os.O_TRUNC)",
        (ATOMIC + "test_a_temporary_file_that_is_there_is_not_taken",),
    ),
    Mutant(
        "temporary files of others are swept up",
        "store/atomic.py",
        "if _TEMPORARY.fullmatch(entry.name):",
        'if entry.name.endswith(".tmp"):',
        (ATOMIC + "test_what_a_killed_writer_left_is_swept_up",),
    ),
    Mutant(
        "a manifest without its digest is one of before",
        "store/manifest.py",
        "signed = DIGEST in manifest or FILES in manifest",
        "signed = DIGEST in manifest",
        (TRUST + "test_a_manifest_that_lost_its_digest_is_no_manifest_of_before",),
    ),
    Mutant(
        "files are synced one after another",
        "store/atomic.py",
        "with ThreadPoolExecutor(len(contents)) as threads:",
        "with ThreadPoolExecutor(1) as threads:",
        (ATOMIC + "test_files_are_synced_at_the_same_time",),
    ),
    Mutant(
        "nobody is told of a file that could not be written beside others",
        "store/atomic.py",
        "        each.result()\n",
        "        each.exception()\n",
        (ATOMIC + "test_what_cannot_be_written_beside_others_is_told",),
    ),
    Mutant(
        "a part exists before all of its tables do",
        "store/part_files.py",
        "*others, runs = contents",
        "runs, *others = contents",
        (ATOMIC + "test_the_table_without_which_a_part_does_not_exist_is_written_last",),
    ),
    Mutant(
        "a manifest of which another was read is taken as it was written",
        "store/manifest.py",
        "sha256(text) not in _AS_WRITTEN",
        "not _AS_WRITTEN",
        (TRUST + "test_a_manifest_that_lost_its_digest_is_no_manifest_of_before",),
    ),
    Mutant(
        "a stranger's scenario is everybody's",
        "store/user_mark.py",
        "    return hmac.compare_digest(marked, mark(digest))\n",
        "    return bool(marked)\n",
        (TRUST + "test_a_strangers_run_is_simulated_only_if_somebody_says_so",),
    ),
    Mutant(
        "a path in a manifest may lead out of the folder",
        "store/manifest_schema.py",
        '_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"',
        '_NAME = r"[A-Za-z0-9_.-]+"',
        (TRUST + "test_what_no_manifest_may_say_is_refused",),
    ),
    Mutant(
        "own figures: a folder is continued with another version",
        "store/manifest.py",
        "            if before != supplier:\n",
        "            if before == '':\n",
        OWN_KPIS,
    ),
    Mutant(
        "own figures: what a folder needs is not looked for",
        "store/manifest.py",
        "if group not in plugins.WHAT or not plugins.known(group, name):",
        "if group not in plugins.WHAT:",
        OWN_KPIS,
    ),
    Mutant(
        "replications of clinics with types of visit, roles or places are damaged",
        "store/tables.py",
        '"runs": figures_of(scenario)[len(KPIS) :]',
        '"runs": tuple(scenario.own.kpis)',
        ("studies/test_reuse.py::test_runs_of_a_clinic_with_roles_and_types_of_visit_are_found_again",),
    ),
)
