{#-
    Per group `by`: the time by which half of those ever hired had been, by the Aalen-Johansen estimate.

    `followed` has one row per case: days_unseen (from when on it could have been seen), days_followed (until it closed,
    or could no longer be followed), is_closed, is_hired. Other closings compete with the hire; they do not censor it.
    Windows only: no row is joined to the moments it lived through.
-#}
{% macro survival_median(followed, by) -%}
{%- set keys = by | join(', ') -%}
{%- set before = 'over (partition by ' ~ keys ~ ' order by at_days rows between unbounded preceding and 1 preceding)' -%}
    with

    comings_and_goings as (

        select
            {{ keys }},
            days_unseen as at_days,
            1 as count_in,
            0 as count_out,
            0 as count_closed,
            0 as count_hired

        from {{ followed }}

        union all

        select
            {{ keys }},
            days_followed as at_days,
            0 as count_in,
            1 as count_out,
            case when is_closed then 1 else 0 end as count_closed,
            case when is_hired then 1 else 0 end as count_hired

        from {{ followed }}

    ),

    moments as (

        select
            {{ keys }},
            at_days,
            {{ hiring_elt.as_double('sum(count_in)') }} as count_in,
            {{ hiring_elt.as_double('sum(count_out)') }} as count_out,
            {{ hiring_elt.as_double('sum(count_closed)') }} as count_closed,
            {{ hiring_elt.as_double('sum(count_hired)') }} as count_hired

        from comings_and_goings
        group by {{ keys }}, at_days

    ),

    -- At risk at a moment: came in strictly before it, and had not gone before it.
    risk_sets as (

        select
            *,
            sum(count_in - count_out) {{ before }} as count_at_risk

        from moments

    ),

    -- A product over rows is the sum of logarithms; a factor of 0, which has none, is counted beside.
    stays as (

        select
            *,
            coalesce(
                sum(
                    case
                        when count_closed > 0 and count_closed < count_at_risk then ln(1.0 - count_closed / count_at_risk)
                        else 0.0
                    end
                ) {{ before }},
                0.0
            ) as log_staying,
            coalesce(
                sum(case when count_closed > 0 and count_closed >= count_at_risk then 1 else 0 end) {{ before }}, 0
            ) as count_emptied

        from risk_sets

    ),

    incidence as (

        select
            *,
            sum(
                case when count_hired > 0 and count_emptied = 0 then exp(log_staying) * count_hired / count_at_risk else 0.0 end
            ) over (
                partition by {{ keys }} order by at_days rows between unbounded preceding and current row
            ) as share_hired_by

        from stays

    ),

    halves as (

        select
            *,
            max(share_hired_by) over (partition by {{ keys }}) / 2 as half_of_share_hired

        from incidence

    )

    select
        {{ keys }},
        {{ hiring_elt.as_int('sum(count_in)') }} as n_survival,
        case
            -- Without a hire the curve lies flat at 0, and its half is no instant.
            when sum(count_hired) >= greatest(1, {{ var('min_n') }}) then
                min(case when count_closed > 0 and share_hired_by >= half_of_share_hired - 1e-9 then at_days end)
        end as survival_median_days

    from halves
    group by {{ keys }}
{%- endmacro %}
