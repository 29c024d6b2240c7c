-- An application in the pipeline stands in exactly one visit, any other in none; a visit is open until it is left.
with

visits as (

    select * from {{ ref('fct_application_steps') }}

),

applications as (

    select * from {{ ref('fct_applications') }}

),

current_counts as (

    select
        application_id,
        count(case when is_current then 1 end) as count_current,
        count(
            case
                when not is_after_close and (exit_type = 'open') <> (left_at is null) then 1
                when not is_after_close and is_current <> (left_at is null) then 1
                when is_after_close and (exit_type is not null or is_current) then 1
                when days_in_step < 0 or days_so_far < 0 or days_to_decide < 0 then 1
            end
        ) as count_odd

    from visits
    group by application_id

)

select applications.application_id
from applications
left join current_counts
    on applications.application_id = current_counts.application_id
where
    coalesce(current_counts.count_odd, 1) > 0
    or current_counts.count_current <> case when applications.is_in_pipeline then 1 else 0 end
