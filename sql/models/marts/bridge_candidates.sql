-- One row per pair of a Talent-Ray and a Tailed candidate who share a pseudonym of e-mail address or telephone number.
with

candidates as (

    select * from {{ ref('dim_candidates') }}

),

-- Tokens only: where values are stored in the clear nobody asked for people to be matched.
tokens as (

    {% for kind in ['email', 'phone'] -%}
    select
        candidate_id,
        platform,
        account,
        '{{ kind }}' as kind,
        {{ kind }} as token

    from candidates
    where
        {{ kind }} like 'v1:%'
        and length({{ kind }}) = 29
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

holders as (

    select
        platform,
        kind,
        token,
        count(distinct candidate_id) as count_holders

    from tokens
    group by platform, kind, token

),

matches as (

    select
        talent_ray.candidate_id as talent_ray_candidate_id,
        talent_ray.account as talent_ray_account,
        tailed.candidate_id as tailed_candidate_id,
        tailed.account as tailed_account,
        talent_ray.kind,
        talent_ray_holders.count_holders as count_talent_ray_candidates,
        tailed_holders.count_holders as count_tailed_candidates

    from tokens as talent_ray
    inner join tokens as tailed
        on
            talent_ray.kind = tailed.kind
            and talent_ray.token = tailed.token
            and tailed.platform = 'tailed'
    inner join holders as talent_ray_holders
        on
            talent_ray.kind = talent_ray_holders.kind
            and talent_ray.token = talent_ray_holders.token
            and talent_ray_holders.platform = 'talent_ray'
    inner join holders as tailed_holders
        on
            tailed.kind = tailed_holders.kind
            and tailed.token = tailed_holders.token
            and tailed_holders.platform = 'tailed'
    where talent_ray.platform = 'talent_ray'

),

pairs as (

    select
        talent_ray_candidate_id,
        talent_ray_account,
        tailed_candidate_id,
        tailed_account,
        max(case when kind = 'email' then 1 else 0 end) = 1 as has_same_email,
        max(case when kind = 'phone' then 1 else 0 end) = 1 as has_same_phone,
        min(count_talent_ray_candidates) as count_talent_ray_candidates,
        min(count_tailed_candidates) as count_tailed_candidates

    from matches
    group by talent_ray_candidate_id, talent_ray_account, tailed_candidate_id, tailed_account

)

select
    talent_ray_candidate_id,
    tailed_candidate_id,
    talent_ray_account,
    tailed_account,
    has_same_email,
    has_same_phone,
    {{ as_int('count_talent_ray_candidates') }} as count_talent_ray_candidates,
    {{ as_int('count_tailed_candidates') }} as count_tailed_candidates,
    case
        when count_talent_ray_candidates > 1 or count_tailed_candidates > 1 then 'ambiguous'
        when has_same_email and has_same_phone then 'sure'
        when has_same_email then 'likely'
        else 'possible'
    end as how_sure

from pairs
