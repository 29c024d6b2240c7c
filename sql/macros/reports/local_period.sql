{#- The first day of the month or week (Monday) in which an instant falls in the report's time zone. -#}
{% macro local_period(part, instant) -%}
cast({{ dbt.date_trunc(part, hiring_elt.local_date(instant)) }} as date)
{%- endmacro %}
