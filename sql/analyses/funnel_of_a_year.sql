-- Of those who applied in the last twelve months, how many reached each stage, role by role?
pivot (
    select
        role_name,
        stage,
        count_reached
    from answers.hiring_funnel
    where cohort_month >= (select max(cohort_month) - interval 12 month from answers.hiring_funnel)
)
on stage in ('applied', 'screening', 'assessment', 'interview', 'offer', 'hired')
using sum(count_reached)
order by applied desc
