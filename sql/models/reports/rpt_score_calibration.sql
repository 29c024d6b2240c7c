-- One row per account, kind of score and band of ten: what became of closed applications with such a first score.
with

applications as (

    select * from {{ ref('fct_applications') }}

),

first_scores as (

    select * from {{ ref('fct_first_scores') }}

),

scored_applications as (

    select
        applications.platform,
        applications.account,
        first_scores.score_kind,
        first_scores.first_score as score,
        applications.outcome,
        applications.furthest_stage_rank,
        case when first_scores.is_observed_first then 1 else 0 end as count_observed_first

    from applications
    inner join first_scores
        on applications.application_id = first_scores.application_id
    where applications.is_closed

),

judged as (

    select
        *,
        case when outcome = 'hired' then 1 else 0 end as is_hired,
        case when furthest_stage_rank >= 4 then 1 else 0 end as is_interviewed,
        greatest(0, least(9, {{ as_int('floor(score / 10)') }})) as score_band,
        -- Equal scores share the mean of the ranks they take up together.
        rank() over (partition by platform, account, score_kind order by score)
        + (count(*) over (partition by platform, account, score_kind, score) - 1) / 2.0 as average_rank

    from scored_applications

),

rank_sums as (

    select
        platform,
        account,
        score_kind,
        {{ as_double('count(*)') }} as n_scored,
        {{ as_double('sum(is_hired)') }} as n_hired,
        {{ as_double('sum(is_interviewed)') }} as n_interviewed,
        {{ as_double('sum(is_hired * average_rank)') }} as ranks_of_hired,
        {{ as_double('sum(is_interviewed * average_rank)') }} as ranks_of_interviewed

    from judged
    group by platform, account, score_kind

),

-- The chance that a random one of those hired had a higher score than a random one of the others.
discrimination as (

    select
        platform,
        account,
        score_kind,
        (ranks_of_hired - n_hired * (n_hired + 1) / 2) / nullif(n_hired * (n_scored - n_hired), 0) as auc_hire,
        (ranks_of_interviewed - n_interviewed * (n_interviewed + 1) / 2)
        / nullif(n_interviewed * (n_scored - n_interviewed), 0) as auc_interview

    from rank_sums

),

bands as (

    select
        platform,
        account,
        score_kind,
        score_band,
        avg({{ as_double('score') }}) as mean_score,
        count(*) as n_closed,
        {{ as_int('sum(is_interviewed)') }} as count_interviewed,
        {{ as_int('sum(is_hired)') }} as count_hired,
        {{ as_int('sum(count_observed_first)') }} as n_observed_first

    from judged
    group by platform, account, score_kind, score_band

)

select
    bands.platform,
    bands.account,
    bands.score_kind,
    {{ as_int('bands.score_band') }} as score_band,
    bands.mean_score,
    bands.n_closed,
    {{ bounded_rate('interview', 'bands.count_interviewed', 'bands.n_closed') }},
    {{ bounded_rate('hire', 'bands.count_hired', 'bands.n_closed') }},
    discrimination.auc_hire,
    discrimination.auc_interview,
    bands.n_observed_first

from bands
left join discrimination
    on
        bands.platform = discrimination.platform
        and bands.account = discrimination.account
        and bands.score_kind = discrimination.score_kind
