{#-
    Counts of one check per account (and `detail`, if given): rows looked at (all, or those `among`), rows failed, and
    when failing rows were seen.
-#}
{% macro quality_check(check_name, rows, failed, observed_at, detail=none, among=none) -%}
    select
        platform,
        account,
        '{{ check_name }}' as check_name,
        {{ hiring_elt.as_text(detail or 'null') }} as detail,
        count(*) as count_checked,
        count(case when {{ failed }} then 1 end) as count_failed,
        min(case when {{ failed }} then {{ observed_at }} end) as first_observed_at,
        max(case when {{ failed }} then {{ observed_at }} end) as last_observed_at

    from {{ rows }}
    {%- if among %}
    where {{ among }}
    {%- endif %}
    group by platform, account{{ ', ' ~ detail if detail }}
{%- endmacro %}
