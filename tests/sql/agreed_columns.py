"""The columns of every mart and report, as they were agreed: what people's queries and dashboards rest on.

    "candidate_id applied@ reach% days_to_hire^ source_id:text"

`x@` is an event (x_at, x_not_before, x_not_after), `x%` a rate (x_rate and its n, low and high), `x^` the spread of a
duration (n_x, median_x, p75_x, p90_x). A type stands only where the name does not tell it.
"""

from __future__ import annotations

import re

INSTANT, NUMBER, WHOLE, FLAG, DAY, TEXT = (
    "timestamp with time zone",
    "double precision",
    "bigint",
    "boolean",
    "date",
    "text",
)
_SHORT = {"instant": INSTANT, "num": NUMBER, "int": WHOLE, "bool": FLAG, "date": DAY, "text": TEXT}
_FAMILIES = {
    "@": ("{}_at", "{}_not_before", "{}_not_after"),
    "%": ("{}_rate", "{}_rate_n", "{}_rate_low", "{}_rate_high"),
    "^": ("n_{}", "median_{}", "p75_{}", "p90_{}"),
}
_TYPES = (
    (r".*_rate_n", WHOLE),
    (r"(count|n)_.*", WHOLE),
    (r"(days|hours|median|mean|share|p75|p90)_.*|.*_rate(_low|_high)?|.*_score", NUMBER),
    (r".*_(at|not_before|not_after)", INSTANT),
    (r"(is|has)_.*", FLAG),
    (r".*_(day|month)|week_start", DAY),
)
_ROLE = "role_name department organization_id"

MARTS: dict[str, str] = {
    "dim_candidates": "candidate_id source_id full_name email phone candidate_status created_at updated_at is_visible"
    " vanished@ is_stub first_applied_at count_applications count_leads",
    "dim_roles": "role_id source_id role_name organization_id role_status role_state priority department location"
    " work_type role_level is_public target_hire_count:int salary_min:int salary_max:int salary_currency salary_period"
    " opened@ closed@ days_on_hold is_visible is_stub count_applications count_in_pipeline count_hires",
    "dim_role_steps": "role_step_id role_id step_name step_type step_order:int stage stage_rank:int stage_basis"
    " validation_type passing_score is_required is_skippable is_visible is_stub",
    "dim_tests": "test_id source_id test_name test_type category language target_persona duration_minutes:int"
    " is_global count_organizations is_visible created_at updated_at",
    "dim_organizations": "organization_id source_id organization_name count_roles count_open_roles count_tests"
    " count_leads",
    "dim_dates": "date_day week_start month_start:date quarter_start:date year:int day_of_week:int is_weekend"
    " is_business_day",
    "fct_applications": "application_id candidate_id role_id organization_id lead_id is_sourced application_status"
    " outcome furthest_stage last_stage current_stage furthest_stage_rank:int current_role_step_id is_in_pipeline"
    " is_closed is_visible is_approved overall_fit_score first_overall_fit_score resume_fit_score lead_created_at"
    " applied@ screening@ assessment@ interview@ offer@ offer_answered@ hired@ rejected@ withdrawn@ vanished@ closed@"
    " offer_outcome reason first_observed_at days_to_screening days_to_interview days_to_offer days_to_hire"
    " days_to_close days_to_hire_low days_to_hire_high days_to_answer_offer days_in_pipeline days_in_current_step"
    " count_visits count_skipped count_moves_back count_reopened has_conflict",
    "fct_application_steps": "visit_id application_id role_id role_step_id stage stage_rank:int step_order:int"
    " visit_number:int position:int entered@ left@ exit_type days_in_step days_so_far completed_at decided_at decision"
    " days_to_decide validation_score reason is_skipped is_current is_after_close is_stage_entry is_stage_exit"
    " is_entry_datable is_exit_datable",
    "fct_application_changes": "change_id application_id role_step_id attribute old_value new_value changed@"
    " is_datable",
    "fct_leads": "lead_id candidate_id primary_role_id lead_status created_at screened@ assigned@ converted@"
    " resume_fit_score overall_fit_score count_roles count_organizations count_applications has_applied has_interviewed"
    " is_hired hired_at applied_at days_to_convert is_visible vanished@",
    "fct_screenings": "screening_id batch_id lead_id role_id candidate_id application_id batch_status member_status"
    " resume_fit_score overall_fit_score passing_score is_recommended screened@ has_interviewed is_hired is_closed"
    " is_visible",
    "fct_pipeline_daily": "date_day role_id stage count_opening count_entered count_left_forward count_left_back"
    " count_rejected count_withdrawn count_hired count_vanished count_closing count_undated_in count_undated_out"
    " is_reconstructed",
    "fct_analytics_snapshots": "snapshot_row_id snapshot_id metric role_id period_start:date period_end:date"
    " captured_at value:num",
    "fct_first_scores": "application_id score_kind first_score first_observed_at is_observed_first",
}
REPORTS: dict[str, str] = {
    "rpt_hiring_funnel": f"cohort_month role_id stage {_ROLE} stage_rank:int is_stage_in_role count_applications"
    " count_reached n_open n_unknown n_vanished n_closed count_reached_closed count_passed_closed count_lost reach%"
    " pass%",
    "rpt_stage_activity": f"week_start role_id stage {_ROLE} count_applications_entered count_entered"
    " count_left_forward count_left_back count_rejected count_withdrawn count_hired count_vanished",
    "rpt_time_to_hire": "hired_month level level_id days_to_hire^ median_days_to_hire_low median_days_to_hire_high"
    " n_undated n_in_pipeline survival_median_days:num n_survival",
    "rpt_time_in_step": f"role_id role_step_id {_ROLE} step_name step_order:int stage days_in_step^ days_to_decide^"
    " n_open median_days_so_far count_skipped count_left_forward count_left_back count_rejected count_withdrawn"
    " count_hired count_vanished count_undated share_of_time",
    "rpt_time_to_fill": "filled_month level level_id days_to_fill^ median_days_to_first_hire median_days_on_hold"
    " count_roles_filled count_hires n_unfilled n_undated",
    "rpt_open_roles": f"role_id {_ROLE} opened_at days_open target_hire_count:int count_hires count_remaining"
    " count_applied count_screening count_assessment count_interview count_offer count_unknown count_applications_30d"
    " last_movement_at days_since_movement expected_hires:num coverage:num",
    "rpt_aging_applications": f"application_id role_id role_step_id stage {_ROLE} days_in_pipeline"
    " days_in_current_step typical_p90_days:num stalled_rule is_stalled is_entry_datable",
    "rpt_sourcing_conversion": f"cohort_month primary_role_id {_ROLE} count_leads count_screened count_assigned"
    " count_converted count_applied count_interviewed count_hired convert% apply% hire% days_to_convert^ days_observed",
    "rpt_screening_quality": f"batch_id role_id {_ROLE} count_members count_scored count_recommended count_closed"
    " mean_resume_fit_score median_resume_fit_score recommend% precision% recall%",
    "rpt_score_calibration": "score_kind score_band:int mean_score n_closed interview% hire% auc_hire:num"
    " auc_interview:num n_observed_first",
    "rpt_offer_outcomes": f"extended_month role_id {_ROLE} count_extended count_accepted count_declined"
    " count_rescinded n_pending n_unknown acceptance% decline% days_to_answer^",
    "rpt_rejection_reasons": f"closed_month role_id last_stage outcome reason {_ROLE} count_applications share:num",
    "rpt_pipeline_trend": "week_start organization_id stage count_opening count_entered count_left_forward"
    " count_left_back count_rejected count_withdrawn count_hired count_vanished count_undated_in count_undated_out"
    " count_closing mean_stock little_days:num is_partial_week",
    "rpt_analytics_reconciliation": f"metric role_id period_start:date period_end:date {_ROLE} our_metric"
    " vendor_value:num our_value:num our_value_low:num our_value_high:num difference:num explanation",
    "rpt_data_quality": "check_name detail severity count_checked count_failed share_failed first_observed_at"
    " last_observed_at",
    "rpt_freshness": "resource last_refresh_at last_complete_at last_verdict hours_behind count_declared"
    " count_distinct count_visible count_refreshes_30d longest_gap_hours_30d:num median_bound_hours_30d:num"
    " count_stale_parents",
}


def spelt_out(columns: str) -> list[tuple[str, str]]:
    """(name, type) of every column, families spelt out."""
    found = []
    for word in columns.split():
        stem, _, kind = word.partition(":")
        names = [name.format(stem[:-1]) for name in _FAMILIES.get(stem[-1], ())] or [stem]
        found += [(name, _SHORT[kind] if kind else _type_of(name)) for name in names]
    return found


def _type_of(name: str) -> str:
    return next((kind for pattern, kind in _TYPES if re.fullmatch(pattern, name)), TEXT)
