{#-
    The checks that count rows of one relation: check, severity, rows looked at (and which among them), when one fails,
    when it was seen; the last, if given, is the column that a check is told apart by.
    steps_out_of_order: first entered after a step that comes later in the order; a second visit is a move back.
-#}
{% macro quality_checks() -%}
{{ return([
    ('conflicting_outcome', 'warning', 'applications', none, 'has_conflict', 'first_observed_at'),
    ('stub_role', 'warning', 'observed_roles', none, 'is_stub', 'first_observed_at'),
    ('stub_candidate', 'warning', 'candidates', none, 'is_stub', 'first_applied_at'),
    ('stub_step', 'warning', 'observed_role_steps', none, 'is_stub', 'first_observed_at'),
    ('application_without_steps', 'info', 'observed_applications', none, 'count_steps = 0', 'first_observed_at'),
    ('steps_out_of_order', 'info', 'path_visits', none, 'visit_number = 1 and step_order < previous_step_order', 'entered_not_after'),
    ('role_stages_out_of_order', 'warning', 'staged_roles', none, 'has_stages_out_of_order', 'first_observed_at'),
    ('visit_after_close', 'warning', 'visits', 'not is_skipped', 'is_after_close', 'entered_not_after'),
    (
        'open_application_on_closed_role', 'warning', 'observed_applications', 'is_in_pipeline',
        "role_state in ('filled', 'closed')", 'first_observed_at'
    ),
    ('undated_entry', 'info', 'path_visits', none, 'not is_entry_datable', 'entered_not_after'),
    ('undated_close', 'warning', 'applications', 'is_closed', 'not ' ~ hiring_elt.is_datable('closed'), 'first_observed_at'),
    (
        'wide_bounds', 'info', 'events', 'not_before is not null',
        hiring_elt.days_between('not_before', 'not_after') ~ ' > ' ~ var('datable_within_days'), 'not_after'
    ),
    ('negative_duration', 'error', 'durations', none, 'is_negative', 'observed_at', 'duration_name'),
    ('score_out_of_range', 'error', 'scores', none, 'score < 0 or score > 100', 'observed_at', 'score_name'),
    ('lead_with_unknown_candidate', 'warning', 'lead_candidates', none, 'is_unknown', 'created_at'),
    ('unproven_sweep', 'warning', 'read_sweeps', none, 'is_unproven', 'ended_at', 'resource'),
]) }}
{%- endmacro %}
