-- One row per account that anything was read from: when it was first and last seen.
with

readings as (

    select
        account,
        _observed_at,
        _dlt_valid_from

    from {{ source('tailed', 'candidates') }}

    union all

    select
        account,
        _observed_at,
        _dlt_valid_from

    from {{ source('tailed', 'jobs') }}

    union all

    select
        account,
        _observed_at,
        _dlt_valid_from

    from {{ source('tailed', 'applications') }}

)

select
    'tailed' as platform,
    account,
    {{ whole_second('min(_observed_at)') }} as first_observed_at,
    {{ whole_second('max(_observed_at)') }} as last_observed_at

from readings
{%- if var('as_of') %}
where _dlt_valid_from <= {{ as_instant("'" ~ var('as_of') ~ "'") }}
{%- endif %}
group by account
