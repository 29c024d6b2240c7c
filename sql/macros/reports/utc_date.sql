{#- The day of an instant on a clock so many hours ahead of UTC; made of seconds, for not all engines know `at time zone`. -#}
{% macro utc_date(instant, hours_ahead) -%}
{%- set seconds = dbt.datediff(hiring_elt.as_instant("'1970-01-01 00:00:00+00'"), instant, 'second') -%}
{%- set days = hiring_elt.as_int('floor((' ~ seconds ~ ' + ' ~ hours_ahead * 3600 ~ ') / 86400.0)') -%}
cast({{ dbt.dateadd('day', days, "cast('1970-01-01' as date)") }} as date)
{%- endmacro %}
