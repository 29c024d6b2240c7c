-- By stage, the weekly flows are the sums of the daily ones.
with

weekly as (

    select
        platform,
        account,
        stage,
        {% for flow in ['entered', 'left_forward', 'left_back', 'rejected', 'withdrawn', 'hired', 'vanished'] -%}
        sum(count_{{ flow }}) as count_{{ flow }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('rpt_pipeline_trend') }}
    group by platform, account, stage

),

daily as (

    select
        platform,
        account,
        stage,
        {% for flow in ['entered', 'left_forward', 'left_back', 'rejected', 'withdrawn', 'hired', 'vanished'] -%}
        sum(count_{{ flow }}) as count_{{ flow }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('fct_pipeline_daily') }}
    group by platform, account, stage

)

(select * from weekly except select * from daily)
union all
(select * from daily except select * from weekly)
