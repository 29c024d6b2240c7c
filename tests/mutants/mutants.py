"""Slips that somebody could make in the core, each with the tests that must notice it.

The README and the docs promise these things; a promise whose test cannot fail is none.
"""

from __future__ import annotations

from dataclasses import dataclass

SWEEP = "tests/test_sweep.py"
HOSTILE = "tests/test_sweep_adversarial.py"
SLIPS = "tests/scenarios/test_scenarios_slips.py"
ABSENCE = "tests/test_absence.py"
FAN_OUT = "tests/test_fan_out.py"
CHANGES = "tests/test_changes.py"
RECORDS = "tests/test_records.py"
CLIENT = "tests/http/test_http_client.py"
BODIES = "tests/http/test_reply_bodies.py"
RETRY = "tests/http/test_retry_policy.py"
GATE = "tests/http/test_rate_gate.py"
HOSTS = "tests/http/test_hosts.py"
SECRET = "tests/http/test_secret.py"
POLICY = "tests/test_privacy_policy.py"
ERASED = "tests/personal/test_erasures_last.py"
OPENING = "tests/test_opening.py"
PUBLISH = "tests/crash/test_crash_publish.py"
WAREHOUSE = "tests/scenarios/test_scenarios_warehouse.py"


@dataclass(frozen=True)
class Mutant:
    """One slip: in `file`, `old` becomes `new`; at least one of `tests` must fail."""

    name: str
    file: str
    old: str
    new: str
    tests: str


MUTANTS = (
    # The sweep
    Mutant("windows do not overlap", "connector/sweep/window.py", "OVERLAP_ROWS = 2", "OVERLAP_ROWS = 0", SWEEP),
    Mutant(
        "the count ends the list",
        "connector/sweep/chain.py",
        "more = piece.is_full or falls_short",
        "more = falls_short",
        f"{SWEEP}::test_a_wrong_count_never_ends_a_list",
    ),
    Mutant(
        "a changed row is an anchor",
        "connector/sweep/reading.py",
        "map(self.rank.get, compress(piece.ids, piece.same))",
        "map(self.rank.get, piece.ids)",
        f"{SLIPS}::test_a_row_that_moves_to_the_tail_links_no_window_to_what_was_read_before",
    ),
    Mutant(
        "the head is not read again",
        "connector/sweep/chain.py",
        "    yield from catch_up_head(reading)\n",
        "    yield from ()\n",
        f"{SWEEP} {HOSTILE}::test_no_sweep_of_a_hostile_list_is_proven_that_missed_a_row",
    ),
    Mutant(
        "an unsorted list is proven",
        "connector/sweep/planner.py",
        "not reading.order_broken and reading.order.known is not None",
        "not reading.order_broken",
        f"{SWEEP}::test_a_list_whose_order_is_not_strict_is_never_proven",
    ),
    Mutant(
        "page sizes are believed",
        "connector/sweep/reading.py",
        "size_honoured = length <= window.size and reply.page_size in (None, window.size)",
        "size_honoured = True",
        f"{SWEEP}::test_a_page_size_of_the_server_s_own_is_noticed_and_proves_nothing",
    ),
    Mutant(
        "the tail is asked ahead",
        "connector/sweep/chain.py",
        "if later.end > self.total - self.largest or",
        "if later.end > self.total or",
        f"{SWEEP}::test_windows_asked_ahead_never_reach_the_tail",
    ),
    Mutant(
        "a gap is forgotten",
        "connector/sweep/chain.py",
        'reading.gaps.append("the list shifted farther than could be followed")',
        "reading.advances += 0",
        f"{SWEEP} {HOSTILE}",
    ),
    Mutant(
        "a limit of depth is the end of the list",
        "connector/sweep/chain.py",
        "            reading.depth_limit = self.farthest_end\n            reading.is_barred = True\n"
        '            reading.gaps.append(f"the server gives nothing behind row {self.farthest_end}")\n',
        "            reading.arrive()\n            reading.depth_limit = self.farthest_end\n",
        f"{SWEEP}::test_a_depth_limit_is_told_and_what_lies_before_it_is_read",
    ),
    # Absences
    Mutant(
        "no canary is asked",
        "connector/absence/settle.py",
        '        self.suspended = "a row that is in the list does not answer by its id"\n        return False',
        "        return True",
        f"{ABSENCE}::test_a_404_counts_only_between_living_canaries_and_under_one_principal",
    ),
    Mutant(
        "whatever is no 200 is a 404",
        "connector/absence/settle.py",
        "self.undecided[row] = answer.status",
        "self.missing.append(row)",
        f"{ABSENCE}::test_a_row_that_neither_answers_nor_is_missing_stays",
    ),
    Mutant(
        "a row that answers is gone all the same",
        "connector/absence/settle.py",
        "self.rescued[row] = answer.record",
        "self.missing.append(row)",
        f"{ABSENCE}::test_a_row_that_answers_by_id_is_rescued",
    ),
    Mutant(
        "the breaker is off",
        "connector/absence/assess.py",
        "if len(absent) > limit:",
        "if False:",
        f"{ABSENCE}::test_the_breaker_trips_above_20_rows_and_5_percent",
    ),
    Mutant(
        "a hidden organization is not noticed",
        "connector/absence/assess.py",
        "            if hidden:",
        "            if False:",
        f"{ABSENCE}::test_the_breaker_trips_when_all_rows_of_one_organization_are_hidden",
    ),
    Mutant(
        "the breaker stops nothing",
        "connector/absence/assess.py",
        "return not self.tripped or self.accepted >= self.count",
        "return True",
        f"{ABSENCE}::test_a_breaker_in_one_stream_marks_nothing_in_any",
    ),
    Mutant(
        "any number accepts",
        "connector/absence/assess.py",
        "return not self.tripped or self.accepted >= self.count",
        "return not self.tripped or self.accepted > 0",
        f"{ABSENCE}::test_accepting_fewer_than_are_absent_lifts_nothing",
    ),
    Mutant(
        "/me is not compared again",
        "connector/absence/settle.py",
        "elif now[case.name] != case.fingerprint:",
        "elif False:",
        f"{ABSENCE}::test_a_404_counts_only_between_living_canaries_and_under_one_principal",
    ),
    Mutant(
        "the role of last time is not compared",
        "connector/absence/settle.py",
        "elif case.baseline != case.fingerprint and self.ruling.accepted < len(self.missing):",
        "elif False:",
        f"{ABSENCE}::test_under_another_role_than_last_time_missing_rows_stay_until_accepted",
    ),
    Mutant(
        "a role is no part of who somebody is",
        "connector/absence/assess.py",
        'parts = [base_url.rstrip("/").lower(), user_id, user_role, sorted(set(scopes))]',
        'parts = [base_url.rstrip("/").lower(), user_id, sorted(set(scopes))]',
        f"{ABSENCE}::test_a_rotated_key_of_the_same_user_has_the_same_fingerprint",
    ),
    Mutant(
        "an empty reply is believed",
        "connector/absence/assess.py",
        "    if not seen:\n",
        "    if False:\n",
        f"{SLIPS}::test_an_empty_reply_suspends_before_anything_is_asked_unless_it_was_accepted",
    ),
    Mutant(
        "the rows of an empty list are not asked for",
        "connector/absence/settle.py",
        '            self.suspended = "the list was empty, but not when it was asked again"\n'
        '        elif self.case.evidence == "by_id":\n',
        '            self.suspended = "the list was empty, but not when it was asked again"\n        elif False:\n',
        f"{ABSENCE}::test_a_row_of_an_accepted_empty_list_stays_when_it_answers_by_its_id",
    ),
    Mutant(
        "a reading that did not end is believed",
        "connector/absence/assess.py",
        "    if not reached_end:\n",
        "    if False:\n",
        f"{SLIPS}::test_a_reading_that_did_not_come_to_the_end_suspends_before_anything_is_asked",
    ),
    Mutant(
        "the grace is not waited for",
        "connector/absence/settle.py",
        "if first is None or case.at - first < self.grace:",
        "if False:",
        f"{ABSENCE}::test_within_the_grace_a_404_is_noted_and_only_a_later_one_marks",
    ),
    Mutant(
        "one reading is enough where two are needed",
        "connector/absence/settle.py",
        "if not (case.is_complete and self._was_missed_twice(note)):",
        "if False:",
        f"{ABSENCE}::test_a_row_that_cannot_be_asked_by_id_must_be_missing_from_two_complete_readings_in_a_row",
    ),
    # Fan-out
    Mutant(
        "the audit takes ten days longer",
        "connector/fan_out.py",
        "AUDIT_SHARE = 1 / 24",
        "AUDIT_SHARE = 1 / 240",
        f"{FAN_OUT}::test_the_audit_reads_every_closed_parent_within_24_refreshes",
    ),
    Mutant(
        "a silent change teaches nothing",
        "connector/fan_out.py",
        "GROWTH_AFTER_SILENT_CHANGE = 4",
        "GROWTH_AFTER_SILENT_CHANGE = 1",
        f"{FAN_OUT}::test_the_audit_grows_fourfold_on_a_silent_change_and_is_halved_after_24_clean_refreshes",
    ),
    Mutant(
        "a parent that was never read is not owed",
        "connector/fan_out.py",
        "if one in changed or one not in last_read]",
        "if one in changed]",
        f"{FAN_OUT}::test_a_parent_that_was_never_read_is_owed",
    ),
    Mutant(
        "the budget is not kept",
        "connector/fan_out.py",
        "order=order[:limit],",
        "order=order,",
        f"{FAN_OUT}::test_what_the_budget_leaves_comes_first_next_time",
    ),
    Mutant(
        "the longest unread does not come first",
        "connector/fan_out.py",
        "sorted(seconds, key=seconds.__getitem__)",
        "sorted(seconds)",
        f"{FAN_OUT}::test_changed_parents_come_first_then_open_work_then_the_longest_unread",
    ),
    # Versions
    Mutant(
        "the hash leaves the key out",
        "connector/changes.py",
        '"_extra", "_key"])',
        '"_extra"])',
        f"{SLIPS}::test_one_record_of_two_accounts_never_shares_a_hash",
    ),
    Mutant(
        "the hash leaves visibility out",
        "connector/changes.py",
        'f"{table.name}:0:")',
        'f"{table.name}:1:")',
        f"{CHANGES}::test_a_tombstone_keeps_the_last_values_and_differs_from_the_visible_row",
    ),
    Mutant(
        "the hash runs values together",
        "connector/changes.py",
        'f"{name}=", length, ":", values, ""',
        'f"{name}=", values, ""',
        f"{CHANGES}::test_two_different_rows_of_one_key_never_share_a_hash",
    ),
    Mutant(
        "rows that did not change are sent",
        "connector/changes.py",
        "kept = rows.filter(differs)",
        "kept = rows",
        f"{CHANGES}::test_only_new_and_changed_rows_are_sent",
    ),
    Mutant(
        "keys are run together",
        "connector/stored_rows.py",
        "return [_ENCODE([account, *row]).decode() for row in zip(*parts, strict=True)]",
        'return ["".join([account, *row]) for row in zip(*parts, strict=True)]',
        f"{RECORDS}::test_two_natural_keys_never_share_a_key_text",
    ),
    Mutant(
        "the last reading of a record wins, however old",
        "connector/stored_rows.py",
        'if "updated_at" in table.column_names:',
        "if False:",
        f"{RECORDS}::test_the_newest_of_two_readings_of_a_record_wins_then_the_last",
    ),
    # HTTP
    Mutant(
        "redirects are not known for what they are",
        "connector/http/client.py",
        "if status in _REDIRECTS:",
        "if False:",
        f"{CLIENT}::test_a_redirect_is_told_by_its_host_and_not_followed",
    ),
    Mutant(
        "other methods and hosts leave",
        "connector/http/transport.py",
        'if request.method != "GET" or (url.scheme, url.host, url.port) != self._origin:',
        "if False:",
        f"{CLIENT}::test_nothing_but_get_to_the_host_of_the_settings_leaves",
    ),
    Mutant(
        "after a 401 the next request goes out",
        "connector/http/client.py",
        "            self._key_refused = refused\n",
        "",
        f"{CLIENT}::test_after_a_401_nothing_more_is_asked",
    ),
    Mutant(
        "a key shows itself",
        "connector/http/secret.py",
        "        return MASK\n\n    __str__",
        "        return self._value or MASK\n\n    __str__",
        SECRET,
    ),
    Mutant(
        "known keys are not masked",
        "connector/http/secret.py",
        "text = text.replace(value, MASK)",
        "text = text.replace(value, value)",
        f"{SECRET}::test_texts_are_masked_of_known_keys_and_of_whatever_looks_like_one",
    ),
    Mutant(
        "ids are not encoded",
        "connector/http/hosts.py",
        'return quote(value, safe="")',
        "return value",
        f"{HOSTS} {CLIENT}::test_an_id_stays_one_segment_of_the_path",
    ),
    Mutant(
        "two dots are an id",
        "connector/http/hosts.py",
        'value in {"", ".", ".."}',
        'value in {""}',
        f"{HOSTS}::test_an_id_that_cannot_stand_in_a_path_is_refused",
    ),
    Mutant(
        "http goes anywhere",
        "connector/http/hosts.py",
        'if parts.scheme != "https":',
        "if False:",
        f"{HOSTS}::test_any_other_base_url_is_a_matter_of_settings_and_is_not_repeated",
    ),
    Mutant(
        "a host that ends alike is allowed",
        "connector/http/hosts.py",
        'host.endswith(pattern[1:]) if pattern.startswith("*.")',
        'host.endswith(pattern[2:]) if pattern.startswith("*.")',
        f"{HOSTS}::test_any_other_base_url_is_a_matter_of_settings_and_is_not_repeated",
    ),
    Mutant(
        "a cut compressed body is taken",
        "connector/http/body.py",
        "if not inflate.eof or inflate.unused_data:",
        "if False:",
        f"{BODIES}::test_something_behind_the_end_of_a_compressed_body_is_not_accepted "
        f"{BODIES}::test_a_body_cut_at_any_byte_is_never_accepted",
    ),
    Mutant(
        "a body may be as large as it likes",
        "connector/http/body.py",
        '        if size > max_bytes:\n            raise BadBody(f"a body above {max_bytes:,} bytes")\n',
        "",
        f"{BODIES}::test_a_body_of_a_gigabyte_is_stopped_at_the_cap",
    ),
    Mutant(
        "Retry-After is not heard",
        "connector/http/client.py",
        "wait = self.too_many.seconds(response.headers, at)",
        "wait = None",
        f"{RETRY}::test_a_429_waits_as_long_as_it_says_or_backs_off",
    ),
    Mutant(
        "a day is slept through",
        "connector/http/retry.py",
        "return self.wait_seconds is not None and self.wait_seconds > LONGEST_RETRY_AFTER_SECONDS",
        "return False",
        f"{RETRY}::test_a_wait_above_ten_minutes_ends_the_run_in_place_of_sleeping",
    ),
    Mutant(
        "the gate lets one too many through",
        "connector/http/rate_limit.py",
        "if len(held) >= allowed:",
        "if len(held) > allowed:",
        f"{GATE}::test_a_refusal_closes_the_gate_for_all_then_opens_it_a_fifth_narrower_and_evenly_spaced "
        f"{GATE}::test_no_window_of_the_server_ever_holds_more_than_the_limit",
    ),
    Mutant(
        "the gate counts from the sending, not from the reply",
        "connector/http/rate_limit.py",
        "                slots[ticket.slot] = until\n",
        "                slots[ticket.slot] = ticket.sent_at + self._hold\n",
        f"{GATE}::test_a_request_on_its_way_counts_until_a_window_after_its_reply",
    ),
    Mutant(
        "what another process sent is not looked for",
        "connector/http/shared_file.py",
        "if is_recent and os.pread(self._descriptor, _HEAD.size, 0) == self._head_written:",
        "if is_recent:",
        f"{GATE}::test_several_gates_on_one_file_share_one_limit",
    ),
    Mutant(
        "what another process gave back is not looked for",
        "connector/http/shared_file.py",
        "is_recent = now < self._read_whole_at + _READ_WHOLE_AFTER_SECONDS",
        "is_recent = True",
        f"{GATE}::test_what_another_process_gave_back_is_seen_within_a_second",
    ),
    # Versions
    Mutant(
        "a version that is sent as it is ends",
        "pipelines/duckdb_file.py",
        " and kept._key = arrived._key and kept._row_hash <> arrived._row_hash",
        " and kept._key = arrived._key",
        "tests/test_versions_added.py::test_a_row_changes_goes_comes_back_and_is_sent_as_it_is_and_each_version_ends_where_the_next_begins",
    ),
    Mutant(
        "a version that is there is added again",
        "pipelines/duckdb_file.py",
        '" and kept._row_hash = arrived._row_hash)"',
        '" and false)"',
        "tests/test_versions_added.py::test_a_row_changes_goes_comes_back_and_is_sent_as_it_is_and_each_version_ends_where_the_next_begins",
    ),
    # Personal data
    Mutant(
        "tokens need no key",
        "connector/privacy.py",
        "digest = hmac.digest(secret, domain",
        'digest = hmac.digest(b"", domain',
        f"{POLICY}::test_tokens_differ_by_key_and_by_domain",
    ),
    Mutant(
        "the erased come again with the lists",
        "pipelines/personal/incoming.py",
        "kept.append(rows.filter(pc.invert(theirs)))",
        "kept.append(rows)",
        f"{ERASED}::test_what_the_lists_bring_again_is_dropped_before_it_is_written",
    ),
    Mutant(
        "the erased stay in kept warehouses",
        "pipelines/personal/care.py",
        "        if self._keeps_nothing_old:\n            return forget_kept(live)\n",
        "",
        f"{ERASED}::test_kept_warehouses_go_with_the_person",
    ),
    Mutant(
        "the erased stay in the bytes",
        "pipelines/personal/care.py",
        "            rebuild(self.session.copy.path, self.session.work)\n",
        "            pass\n",
        "tests/personal/test_erase.py::test_an_erased_person_is_in_no_row_and_no_byte_and_others_stay",
    ),
    Mutant(
        "names are blanked under a narrowed key",
        "pipelines/personal/retention.py",
        "if unsettled(connection, platform, account, harvests):",
        "if False:",
        "tests/personal/test_retention.py::test_nothing_is_blanked_while_the_key_is_narrowed",
    ),
    # Publishing
    Mutant(
        "the file is not synced before the rename",
        "pipelines/publish.py",
        "            _sync(self.path)\n",
        "",
        f"{PUBLISH}::test_the_copy_is_synced_then_renamed_then_its_folder_is_synced",
    ),
    Mutant(
        "the working folder is kept",
        "pipelines/publish.py",
        "        finally:\n            remove()\n",
        "        finally:\n            pass\n",
        f"{PUBLISH}::test_after_a_publish_nothing_but_the_file_and_the_lock_is_left",
    ),
    Mutant(
        "rests of dead runs are kept",
        "pipelines/publish.py",
        "        remove_rests(live)\n",
        "",
        f"{PUBLISH}::test_what_a_dead_run_left_is_removed_also_when_the_name_holds_signs_of_patterns",
    ),
    Mutant(
        "somebody else's change is overwritten",
        "pipelines/publish.py",
        "if identity(self.live) != self.copied or wal_of(self.live).exists():",
        "if False:",
        f"{PUBLISH}::test_a_change_by_somebody_else_is_kept_and_nothing_is_published",
    ),
    Mutant(
        "a log of a killed writer is left where it is",
        "pipelines/publish.py",
        "    fold_in(live)\n    # A reader's lock",
        "    # A reader's lock",
        f"{PUBLISH}::test_a_log_that_a_killed_writer_left_is_folded_in_before_the_copy",
    ),
    Mutant(
        "the lock is a file with a process id in it",
        "pipelines/lock.py",
        "fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)",
        "os.fstat(descriptor)",
        f"{PUBLISH}::test_only_one_holds_the_lock_and_the_other_is_told_who",
    ),
    Mutant(
        "a folder of everyone's is fine",
        "pipelines/publish.py",
        "if mode & 0o002 and not mode & 0o1000:",
        "if False:",
        f"{PUBLISH}::test_a_folder_that_everyone_may_write_to_is_refused",
    ),
    Mutant(
        "what a newer program wrote is worked on",
        "pipelines/duckdb_file.py",
        "                refuse_newer(session.query, self.place)\n",
        "",
        f"{OPENING}::test_a_warehouse_of_a_newer_format_is_refused_and_both_versions_are_named",
    ),
    Mutant(
        "a damaged file is taken for a held one",
        "pipelines/opening.py",
        'LOCK_IN_WORDS: Final = "could not set lock"',
        'LOCK_IN_WORDS: Final = "lock"',
        f"{OPENING}::test_a_file_that_is_no_warehouse_is_refused_and_kept",
    ),
    Mutant(
        "two open versions are published",
        "pipelines/verify.py",
        "open_versions > 1",
        "open_versions > 9",
        f"{WAREHOUSE}::test_rows_that_contradict_each_other_are_not_published",
    ),
    Mutant(
        "a key without an open version is published",
        "pipelines/verify.py",
        "open_versions = 0 and",
        "open_versions < 0 and",
        f"{WAREHOUSE}::test_a_key_that_lost_its_open_version_in_the_load_is_not_published",
    ),
    Mutant(
        "who came late to write is overwritten",
        "pipelines/opening.py",
        "            return False",
        "            return True",
        f"{OPENING}::test_who_came_to_write_while_we_worked_is_named_and_nothing_is_published",
    ),
    Mutant(
        "what is beyond a piece is lost",
        "connector/reading/harvest.py",
        "batches.append(batch.slice(room))",
        "pass",
        "tests/test_harvest.py::test_rows_are_handed_over_in_order_in_pieces_of_one_size_each_part_for_itself",
    ),
    Mutant(
        "a key more is counted than there is",
        "connector/http/keys_twice.py",
        "return len(parts) * len(objects) + deeper",
        "return (len(parts) + 1) * len(objects) + deeper",
        "tests/http/test_reply_bodies.py::test_a_key_that_stands_twice_is_noticed_in_objects_and_not_in_texts",
    ),
)
