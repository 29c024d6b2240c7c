"""Which tests show which scenario: T1 to T60, a line of the catalogue each.

`tests/test_scenario_table.py` holds the table to the tests there are: each named test exists, each number stands here
once. A scenario without a test is a gap, and stands in `GAPS` with what is missing; one that is shown in part stands in
both.
"""

from __future__ import annotations

HTTP = "http/test_http_client.py"
BODIES = "http/test_reply_bodies.py"
FOREIGN = "foreign/test_foreign_reading.py"
ABSENCE = "scenarios/test_scenarios_absence.py"
FAULTS = "scenarios/test_scenarios_faults.py"
LISTS = "scenarios/test_scenarios_lists.py"
PARTIAL = "scenarios/test_scenarios_partial.py"
REQUESTS = "scenarios/test_scenarios_requests.py"
SECRETS = "scenarios/test_scenarios_secrets.py"
WAREHOUSE = "scenarios/test_scenarios_warehouse.py"

SCENARIOS: dict[str, tuple[str, ...]] = {
    # Lists that move while they are read.
    "T1": (
        "test_sweep_adversarial.py::test_every_order_under_every_churn_200_times",
        "test_sweep_adversarial.py::test_strictly_sorted_lists_are_proven_and_others_are_not",
        "test_sweep_adversarial.py::test_whatever_the_list_does_proven_means_complete",
    ),
    "T2": ("test_sweep.py::test_a_row_deleted_just_behind_the_cursor_hides_nothing_though_the_count_agrees",),
    "T3": ("test_sweep.py::test_a_purge_at_the_head_in_mid_sweep_hides_nothing_at_thrice_the_requests",),
    "T4": ("test_sweep.py::test_all_unread_rows_edited_once_are_seen_though_each_moves_to_the_head",),
    "T5": (
        "test_sweep.py::test_a_list_whose_order_is_not_strict_is_never_proven",
        "test_sweep.py::test_rows_that_change_places_are_noticed_and_read_forward_and_backward",
        "test_sweep_refreshes.py::test_refreshes_under_churn_mark_nothing_falsely_and_end_at_the_truth",
    ),
    "T6": ("test_sweep.py::test_a_page_size_of_the_server_s_own_is_noticed_and_proves_nothing",),
    "T7": (
        f"{REQUESTS}::test_60_refreshes_under_churn_mark_nothing_falsely_and_end_at_the_truth_in_the_warehouse",
        "test_sweep_refreshes.py::test_60_refreshes_under_churn_mark_nothing_falsely_and_end_at_the_truth",
    ),
    # Rows that are not seen.
    "T8": (f"{ABSENCE}::test_a_scope_that_is_lost_costs_its_stream_a_reading_and_no_row_or_version",),
    "T9": (
        f"{ABSENCE}::test_an_owner_who_sees_a_tenth_of_the_rows_trips_the_breaker_and_marks_nothing",
        f"{ABSENCE}::test_when_few_rows_are_hidden_the_changed_role_alone_suspends_the_absences",
    ),
    "T10": (f"{ABSENCE}::test_a_list_that_is_suddenly_empty_changes_nothing",),
    "T11": (
        f"{ABSENCE}::test_an_organization_that_is_hidden_trips_the_breaker_for_every_stream",
        f"{ABSENCE}::test_accepted_absences_mark_exactly_the_rows_that_answer_404",
    ),
    "T12": (
        f"{ABSENCE}::test_a_deleted_lead_costs_one_get_between_canaries_and_comes_back_when_shown",
        f"{ABSENCE}::test_with_a_grace_only_a_404_long_enough_after_the_first_one_marks",
    ),
    "T13": (
        f"{ABSENCE}::test_a_row_that_cannot_be_asked_for_stays",
        f"{ABSENCE}::test_a_role_that_changes_while_the_refresh_runs_suspends_the_absences",
    ),
    "T14": (
        f"{REQUESTS}::test_a_silent_step_change_of_an_open_candidate_is_seen_at_once_and_one_of_a_closed_one_by_the_audit",
        f"{REQUESTS}::test_a_silent_step_change_of_any_closed_candidate_shows_within_24_refreshes",
    ),
    # Crashes, disks, readers, other processes.
    "T15": (
        "crash/test_crash_points.py::test_a_kill_in_any_phase_leaves_the_old_warehouse_or_the_new_one",
        "crash/test_crash_points.py::test_a_kill_at_every_crash_point_leaves_the_old_warehouse_or_the_new_one",
    ),
    "T16": ("crash/test_crash_points.py::test_50_kills_at_random_times_in_a_row_and_one_good_run_equal_the_truth",),
    "T17": ("postgres/test_postgres_readers.py::test_a_kill_at_a_statement_leaves_old_or_new_and_one_run_heals",),
    "T18": (
        "crash/test_crash_full_disk.py::test_a_disk_that_fills_up_while_the_lists_are_read_ends_in_7",
        "crash/test_crash_full_disk.py::test_files_that_stop_growing_at_any_size_end_in_7_or_not_at_all",
        "crash/test_crash_full_disk.py::test_a_disk_that_is_full_from_some_step_on_ends_in_7_and_costs_nothing",
        "crash/test_crash_full_disk.py::test_a_disk_that_is_full_from_any_step_on_ends_in_7_and_costs_nothing",
    ),
    "T19": (f"{WAREHOUSE}::test_a_reader_who_keeps_the_file_open_hinders_nobody_and_keeps_what_it_sees",),
    "T20": (
        f"{WAREHOUSE}::test_a_writer_of_another_program_is_named_and_nothing_is_published",
        f"{WAREHOUSE}::test_tables_of_analysts_survive_refreshes",
        f"{WAREHOUSE}::test_a_table_made_during_the_refresh_is_kept_and_nothing_is_published",
    ),
    "T21": (f"{WAREHOUSE}::test_of_several_refreshes_at_once_one_runs",),
    "T22": ("crash/test_crash_readers.py::test_ten_readers_through_30_refreshes_see_whole_refreshes_and_no_error",),
    "T23": (
        "crash/test_crash_signals.py::test_a_refresh_that_waits_for_a_reply_is_stopped",
        "crash/test_crash_signals.py::test_a_refresh_that_waits_between_tries_is_stopped",
        "crash/test_crash_signals.py::test_a_refresh_that_builds_its_models_is_stopped",
        "crash/test_crash_signals.py::test_a_refresh_is_stopped_in_every_phase",
    ),
    "T24": (
        f"{WAREHOUSE}::test_rests_of_dead_runs_are_removed_and_a_stale_lock_file_is_ignored",
        f"{WAREHOUSE}::test_a_log_that_a_killed_writer_left_is_folded_in",
    ),
    "T25": (f"{REQUESTS}::test_an_unchanged_truth_makes_no_version_and_asks_for_open_work_and_audit_only",),
    "T26": (
        f"{WAREHOUSE}::test_a_warehouse_of_an_older_format_gets_its_new_tables_and_columns",
        "test_opening.py::test_a_warehouse_of_a_newer_format_is_refused_and_both_versions_are_named",
        "test_opening.py::test_every_command_that_writes_refuses_a_newer_format",
    ),
    # Faults of the source.
    "T27": (
        "http/test_rate_on_the_wire.py::test_a_storm_of_refusals_is_weathered_below_the_limit",
        "http/test_retry_policy.py::test_a_429_waits_as_long_as_it_says_or_backs_off",
        f"{FAULTS}::test_a_source_that_never_answers_properly_ends_in_8_and_publishes_nothing",
    ),
    "T28": (
        f"{FAULTS}::test_faults_that_pass_cost_nothing_but_requests",
        f"{FAULTS}::test_a_source_that_never_answers_properly_ends_in_8_and_publishes_nothing",
    ),
    "T29": (f"{BODIES}::test_a_body_cut_at_any_byte_is_never_accepted",),
    "T30": (
        f"{PARTIAL}::test_replies_of_another_shape_fail_their_own_streams_only",
        f"{FAULTS}::test_when_all_lists_have_another_shape_nothing_is_published",
        f"{BODIES}::test_what_is_no_json_is_asked_again_then_named_by_its_kind",
    ),
    "T31": (
        f"{BODIES}::test_a_gzip_bomb_is_stopped_in_little_memory",
        f"{BODIES}::test_a_body_of_a_gigabyte_is_stopped_at_the_cap",
        f"{BODIES}::test_a_hundred_thousand_levels_are_counted_in_no_time",
        f"{BODIES}::test_a_reply_that_drips_ends_at_the_deadline",
    ),
    "T32": (f"{FAULTS}::test_a_redirect_is_not_followed_and_its_target_hears_nothing",),
    "T33": (
        f"{FAULTS}::test_an_address_that_is_not_allowed_is_refused_before_a_socket_opens",
        "http/test_hosts.py::test_any_other_base_url_is_a_matter_of_settings_and_is_not_repeated",
    ),
    "T34": (f"{FAULTS}::test_a_key_that_is_refused_at_every_request_ends_in_3",),
    "T35": (
        f"{PARTIAL}::test_every_set_of_lost_scopes_costs_its_streams_alone",
        f"{FAULTS}::test_a_key_that_opens_no_stream_ends_in_3",
        f"{FAULTS}::test_a_403_for_want_of_a_scope_on_every_list_ends_in_3",
    ),
    "T36": (
        f"{HTTP}::test_an_id_stays_one_segment_of_the_path",
        "http/test_hosts.py::test_an_id_that_is_accepted_comes_out_of_the_path_as_it_went_in",
        f"{FOREIGN}::test_an_id_that_cannot_stand_in_a_path_costs_its_own_rows_alone",
        "test_any_reply.py::test_a_thousand_readings_of_made_up_replies_end_in_a_harvest_or_in_an_error_of_ours",
    ),
    "T37": (
        "test_any_reply.py::test_ten_thousand_replies_end_in_rows_in_quarantine_or_in_errors_of_ours",
        "test_any_reply.py::test_a_thousand_readings_of_made_up_replies_end_in_a_harvest_or_in_an_error_of_ours",
        f"{BODIES}::test_whatever_the_bytes_the_checks_end_in_a_verdict",
    ),
    "T38": (
        "crash/test_crash_any_order.py::test_whatever_the_order_a_good_refresh_is_the_truth_and_nothing_else_is_published",
    ),
    # Records, values, words.
    "T40": (
        f"{PARTIAL}::test_a_bad_record_costs_itself_and_a_bad_value_costs_itself",
        "test_records.py::test_one_bad_record_costs_one_record",
    ),
    "T41": (
        f"{PARTIAL}::test_a_new_field_and_a_new_word_are_told_and_change_nothing",
        f"{PARTIAL}::test_a_field_that_is_gone_from_all_records_is_told_and_one_that_is_gone_from_one_is_null",
    ),
    "T42": (f"{PARTIAL}::test_times_are_kept_as_instants_in_utc_and_what_is_none_is_set_aside",),
    "T43": (f"{PARTIAL}::test_every_script_comes_back_byte_for_byte",),
    "T44": (
        f"{PARTIAL}::test_a_page_from_before_an_edit_does_not_undo_it",
        "test_absence.py::test_an_older_version_is_asked_by_id_and_the_answer_holds",
    ),
    "T45": (
        "proofs/test_models_equal_the_oracle.py::test_three_companies_read_daily_and_weekly_give_the_same_tables_twice",
    ),
    # Secrets and personal data.
    "T46": (f"{SECRETS}::test_neither_the_key_nor_the_person_is_found_after",),
    "T47": (f"{SECRETS}::test_sockets_go_to_the_configured_hosts_only",),
    "T48": (f"{WAREHOUSE}::test_every_file_is_private_whatever_the_umask",),
    "T49": (
        f"{SECRETS}::test_the_work_folder_holds_neither_key_nor_person_at_any_time",
        "personal/test_personal_refresh.py::test_no_withheld_value_is_written_anywhere",
    ),
    "T50": (
        "personal/test_personal_refresh.py::test_an_erased_person_does_not_come_back_by_refresh_edit_or_restored_file",
        "personal/test_erase.py::test_an_erased_person_is_in_no_row_and_no_byte_and_others_stay",
    ),
    "T51": (
        "test_privacy_policy.py::test_tokens_differ_by_key_and_by_domain",
        "test_privacy_policy.py::test_spellings_of_one_value_have_one_token",
        "test_privacy_policy.py::test_spellings_of_different_values_have_different_tokens",
    ),
    "T52": (f"{LISTS}::test_no_cell_of_a_csv_file_is_a_formula",),
    "T53": (f"{LISTS}::test_no_text_of_the_api_does_anything_but_be_stored",),
    "T54": (
        "personal/test_personal_refresh.py::test_retention_takes_no_name_while_the_key_is_narrowed",
        "personal/test_retention.py::test_nothing_is_blanked_while_the_key_is_narrowed",
    ),
    # As a whole.
    "T55": ("crash/test_crash_soak.py::test_200_refreshes_with_faults_and_kills_end_at_the_truth",),
    "T57": (
        f"{REQUESTS}::test_a_quiet_list_costs_the_requests_that_were_promised",
        f"{REQUESTS}::test_requests_are_within_5_percent_of_the_forecast_and_counted_right",
        "test_sweep.py::test_a_quiet_sorted_list_costs_what_the_plan_says",
    ),
    "T59": (
        "test_install.py::test_the_lock_and_a_wheel_are_enough_to_refresh_and_build",
        "test_lock_file.py::test_every_entry_of_a_lock_is_one_exact_version_with_hashes_and_no_place_to_take_it_from",
        "test_lock_file.py::test_what_runs_here_is_what_is_locked_with_all_it_asks_for_and_free_to_use",
    ),
    "T60": ("mutants/test_mutants.py::test_a_slip_is_noticed",),
}

GAPS: dict[str, str] = {
    "T17": "each statement is killed on PostgreSQL; on DuckDB the crash points of T15 stand for it",
    "T39": "the facts about dlt and DuckDB are not measured again one by one",
    "T45": "1,000 worlds: three and twenty companies are compared",
    "T52": "cells are looked at by the rules of spreadsheets; no spreadsheet was started",
    "T55": "200 refreshes, not 1,000",
    "T56": "1,000,000 candidates",
    "T58": "nothing was released yet; a warehouse as older versions made it is migrated by T26",
    "T59": "known weaknesses of the locked versions: `make audit` asks an index; none that knows them was in reach",
}
