-- The stage counts of an open role add up to its applications in the pipeline; no open role is missing.
select
    roles.role_id

from {{ ref('dim_roles') }} as roles
left join {{ ref('rpt_open_roles') }} as open_roles
    on roles.role_id = open_roles.role_id
where
    roles.is_visible
    and roles.role_state = 'open'
    and (
        open_roles.role_id is null
        or open_roles.count_applied
        + open_roles.count_screening
        + open_roles.count_assessment
        + open_roles.count_interview
        + open_roles.count_offer
        + open_roles.count_unknown
        <> roles.count_in_pipeline
    )
