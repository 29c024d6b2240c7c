"""What goes wrong, what then happens, with which exit status, and the tests that show it: held true by a test.

In 1-4 and 7-9 the published warehouse is unchanged to the byte; in 5 and 6 what is safe is published; 6 wins over 5.
"""

from __future__ import annotations

from dataclasses import dataclass

POINTS = "tests/crash/test_crash_points.py"
PUBLISH = "tests/crash/test_crash_publish.py"
DISK = "tests/crash/test_crash_full_disk.py"
SIGNALS = "tests/crash/test_crash_signals.py"
FAULTS = "tests/scenarios/test_scenarios_faults.py"
PARTIAL = "tests/scenarios/test_scenarios_partial.py"
ABSENCE = "tests/scenarios/test_scenarios_absence.py"
WAREHOUSE = "tests/scenarios/test_scenarios_warehouse.py"
LISTS = "tests/scenarios/test_scenarios_lists.py"
OPENING = "tests/test_opening.py"
RETRY = "tests/http/test_retry_policy.py"
BODIES = "tests/http/test_reply_bodies.py"
CLIENT = "tests/http/test_http_client.py"
NETWORK = "tests/http/test_http_network.py"
ENDS_IN_8 = "test_a_source_that_never_answers_properly_ends_in_8_and_publishes_nothing"


@dataclass(frozen=True)
class Row:
    """One kind of trouble."""

    fault: str
    behaviour: str
    exit: str
    tests: tuple[str, ...]


TABLE = (
    Row(
        "SIGKILL, out of memory, power cut in any phase",
        "the old file stays (in the rename: old or new, both whole); the next run cleans up and needs nothing",
        "-",
        (
            f"{POINTS}::test_a_kill_in_any_phase_leaves_the_old_warehouse_or_the_new_one",
            f"{POINTS}::test_a_kill_at_every_crash_point_leaves_the_old_warehouse_or_the_new_one",
            f"{POINTS}::test_50_kills_at_random_times_in_a_row_and_one_good_run_equal_the_truth",
            f"{PUBLISH}::test_the_copy_is_synced_then_renamed_then_its_folder_is_synced",
        ),
    ),
    Row(
        "SIGTERM, SIGINT",
        "asks no more, closes, cleans up within 10 seconds",
        "143, 130",
        (
            f"{SIGNALS}::test_a_refresh_that_waits_for_a_reply_is_stopped",
            f"{SIGNALS}::test_a_refresh_that_waits_between_tries_is_stopped",
            f"{SIGNALS}::test_a_refresh_is_stopped_in_every_phase",
            f"{SIGNALS}::test_a_refresh_that_builds_its_models_is_stopped",
        ),
    ),
    Row(
        "a disk that is full, that becomes full, that only reads; a file that may not grow",
        "the message names the bytes; the published file is untouched, rests are removed",
        "7",
        (
            f"{DISK}::test_a_disk_without_room_for_the_copy_is_refused_before_anything_is_asked",
            f"{DISK}::test_a_disk_that_fills_up_while_the_lists_are_read_ends_in_7",
            f"{DISK}::test_a_disk_that_is_full_from_some_step_on_ends_in_7_and_costs_nothing",
            f"{DISK}::test_a_disk_that_only_reads_ends_in_7_before_anything_is_asked",
            f"{DISK}::test_a_file_that_may_not_grow_ends_in_7",
        ),
    ),
    Row(
        "a reader holds the file",
        "no effect: it reads on in the old one",
        "0",
        (f"{WAREHOUSE}::test_a_reader_who_keeps_the_file_open_hinders_nobody_and_keeps_what_it_sees",),
    ),
    Row(
        "another program writes the file, or changed it meanwhile; a second refresh",
        "nothing is published, who it is is said",
        "4",
        (
            f"{WAREHOUSE}::test_a_writer_of_another_program_is_named_and_nothing_is_published",
            f"{WAREHOUSE}::test_a_table_made_during_the_refresh_is_kept_and_nothing_is_published",
            f"{WAREHOUSE}::test_of_several_refreshes_at_once_one_runs",
            f"{WAREHOUSE}::test_a_refresh_waits_for_the_lock_as_long_as_it_was_told",
        ),
    ),
    Row(
        "429",
        "all threads of the key wait as long as Retry-After says; then just below the limit",
        "8 once the budget is spent",
        (
            f"{RETRY}::test_a_429_waits_as_long_as_it_says_or_backs_off",
            f"{NETWORK}::test_a_429_closes_the_gate_for_all_and_is_not_counted_against_other_faults",
            "tests/http/test_rate_on_the_wire.py::test_a_storm_of_refusals_is_weathered_below_the_limit",
        ),
    ),
    Row(
        "Retry-After absent, negative, past, no time at all; above ten minutes",
        "backs off 1 to 60 seconds; ends instead of sleeping",
        "8",
        (
            f"{RETRY}::test_retry_after_is_understood_or_taken_as_absent",
            f"{RETRY}::test_a_wait_above_ten_minutes_ends_the_run_in_place_of_sleeping",
            f"{FAULTS}::{ENDS_IN_8}",
        ),
    ),
    Row(
        "500, 502, 503, 504, no connection, a reset one, no reply in time, a dripping one",
        "asked again, at most five times and within one budget",
        "8",
        (
            f"{CLIENT}::test_a_passing_fault_is_asked_again",
            f"{CLIENT}::test_no_connection_and_a_reset_one_are_asked_again",
            f"{BODIES}::test_a_reply_that_drips_ends_at_the_deadline",
            f"{FAULTS}::test_faults_that_pass_cost_nothing_but_requests",
            f"{FAULTS}::test_a_source_that_is_away_ends_in_8",
            f"{FAULTS}::{ENDS_IN_8}",
        ),
    ),
    Row(
        "400, 501, another 4xx on a list",
        "not asked again; the stream fails, nothing of it is absent",
        "5",
        (f"{PARTIAL}::test_a_list_that_refuses_the_request_fails_alone_and_is_not_asked_again",),
    ),
    Row(
        "JSON that is cut, of a wrong length, of bad UTF-8, NaN, doubled keys, too deep; HTML; a bomb; a huge body",
        "bounded in time and memory, asked again; the message shows little of it, masked",
        "8",
        (
            f"{BODIES}::test_a_body_cut_at_any_byte_is_never_accepted",
            f"{BODIES}::test_what_is_no_json_is_asked_again_then_named_by_its_kind",
            f"{BODIES}::test_a_gzip_bomb_is_stopped_in_little_memory",
            f"{BODIES}::test_a_body_of_a_gigabyte_is_stopped_at_the_cap",
            f"{BODIES}::test_doubled_keys_odd_numbers_depth_and_cuts_fail_the_checks",
            f"{LISTS}::test_what_is_shown_of_a_broken_body_is_short_and_plain",
            f"{FAULTS}::{ENDS_IN_8}",
        ),
    ),
    Row(
        "another shape: `data` null or an object, a list at the top, an error inside a 200",
        "the contract is broken: the stream's rows stay, nothing of it is absent",
        "5, of all streams 8",
        (
            f"{PARTIAL}::test_replies_of_another_shape_fail_their_own_streams_only",
            f"{FAULTS}::test_when_all_lists_have_another_shape_nothing_is_published",
        ),
    ),
    Row(
        "a certificate nobody trusts; a redirect",
        "not asked again, not followed, no switch to skip the check (a file of own authorities is allowed)",
        "8",
        (
            f"{NETWORK}::test_a_certificate_nobody_trusts_ends_the_run_at_once_and_a_trusted_one_does_not",
            f"{FAULTS}::test_a_redirect_is_not_followed_and_its_target_hears_nothing",
        ),
    ),
    Row(
        "http, or a host that is not allowed, in the settings",
        "refused before a socket opens",
        "2",
        (
            f"{FAULTS}::test_an_address_that_is_not_allowed_is_refused_before_a_socket_opens",
            f"{FAULTS}::test_a_setting_that_is_wrong_is_named_and_nothing_is_asked",
        ),
    ),
    Row(
        "401 at any request",
        "stops, discards, says how to renew the key",
        "3",
        (
            f"{FAULTS}::test_a_key_that_is_refused_at_any_request_ends_in_3",
            f"{CLIENT}::test_after_a_401_nothing_more_is_asked",
        ),
    ),
    Row(
        "403 for want of a scope; on all streams; on one id",
        "skips the stream, keeps its rows, names the scopes; the same; keeps the row, counts it",
        "5; 3; 5",
        (
            f"{PARTIAL}::test_a_lost_scope_is_named_and_costs_its_streams_alone",
            f"{FAULTS}::test_a_key_that_opens_no_stream_ends_in_3",
            f"{FAULTS}::test_a_403_for_want_of_a_scope_on_every_list_ends_in_3",
            f"{ABSENCE}::test_a_row_that_cannot_be_asked_for_stays",
        ),
    ),
    Row(
        "the key's owner sees less: demoted, an organization hidden",
        "no row is marked",
        "6 or 5",
        (
            f"{ABSENCE}::test_an_owner_who_sees_a_tenth_of_the_rows_trips_the_breaker_and_marks_nothing",
            f"{ABSENCE}::test_an_organization_that_is_hidden_trips_the_breaker_for_every_stream",
            f"{ABSENCE}::test_when_few_rows_are_hidden_the_changed_role_alone_suspends_the_absences",
        ),
    ),
    Row(
        "no rows where there were some",
        "nothing is absent",
        "5",
        (f"{ABSENCE}::test_a_list_that_is_suddenly_empty_changes_nothing",),
    ),
    Row(
        "a new field, a new word",
        "name and type go to meta.drift, the value to _extra in the profile full; never a column",
        "0",
        (f"{PARTIAL}::test_a_new_field_and_a_new_word_are_told_and_change_nothing",),
    ),
    Row(
        "a field gone from one record; from all",
        "null, and a row of meta.drift",
        "0; 5",
        (
            f"{PARTIAL}::test_a_field_that_is_gone_from_all_records_is_told_and_one_that_is_gone_from_one_is_null",
            f"{PARTIAL}::test_a_list_inside_records_that_is_gone_marks_none_of_its_rows",
        ),
    ),
    Row(
        "the id gone from all records",
        "nothing is published",
        "9",
        (f"{FAULTS}::test_a_list_whose_records_lost_their_ids_is_not_published",),
    ),
    Row(
        "one bad record, one bad value",
        "goes to meta.quarantine, masked by its class; the rest loads",
        "5",
        (f"{PARTIAL}::test_a_bad_record_costs_itself_and_a_bad_value_costs_itself",),
    ),
    Row(
        "an id in two windows; twice in one",
        "normal; the order is broken, the newest wins",
        "0",
        (
            f"{LISTS}::test_one_id_on_two_records_of_a_page_is_one_row_the_newest",
            "tests/test_sweep.py::test_an_id_twice_in_a_window_breaks_the_order",
            "tests/test_records.py::test_the_newest_of_two_readings_of_a_record_wins_then_the_last",
        ),
    ),
    Row(
        "odd times: in the future, no offset, +03:00, year 1, year 9999; a local clock that is off",
        "kept as UTC; never a high-water mark; the hash decides, the platform's clock dates",
        "0, what is no time 5",
        (
            f"{PARTIAL}::test_times_are_kept_as_instants_in_utc_and_what_is_none_is_set_aside",
            f"{PARTIAL}::test_another_way_to_write_the_same_instants_makes_no_version",
            f"{CLIENT}::test_without_a_readable_date_the_local_clock_serves_with_the_last_known_offset",
        ),
    ),
    Row(
        "any Unicode; a text of 20 megabytes",
        "as it was sent; cut to the cap, which is said",
        "0",
        (
            f"{PARTIAL}::test_every_script_comes_back_byte_for_byte",
            f"{LISTS}::test_a_text_of_20_megabytes_is_cut_to_its_cap_and_that_is_said",
            f"{LISTS}::test_no_text_of_the_api_does_anything_but_be_stored",
        ),
    ),
    Row(
        "a count that is wrong, negative, capped; that is no number",
        "never ends a list; another shape",
        "0; 5",
        (
            f"{LISTS}::test_a_wrong_count_ends_no_list_and_costs_no_row",
            f"{LISTS}::test_a_count_that_is_no_number_is_another_shape",
        ),
    ),
    Row(
        "a page past the end: empty, 400, 404, the last page again; the same before the end",
        "the end of the list; a limit of depth: unproven, how far is said",
        "0; 5",
        (
            f"{LISTS}::test_whatever_a_page_past_the_end_answers_it_is_the_end",
            f"{LISTS}::test_a_depth_limit_is_told_and_no_row_behind_it_is_marked",
        ),
    ),
    Row(
        "a warehouse of an older format; of a newer one; with damaged notes",
        "gets what is new, in the copy; is refused; costs knowledge and no row",
        "0; 2; 5, then 0",
        (
            f"{WAREHOUSE}::test_a_warehouse_of_an_older_format_gets_its_new_tables_and_columns",
            f"{OPENING}::test_a_warehouse_of_a_newer_format_is_refused_and_both_versions_are_named",
            f"{OPENING}::test_a_file_of_a_newer_duckdb_is_refused_as_such",
            f"{WAREHOUSE}::test_damaged_notes_cost_knowledge_and_no_row",
        ),
    ),
)
