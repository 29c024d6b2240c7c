{#- Values as text, the same on every engine: `2026-03-01T08:00:00Z`, `85`, `85.5`, `true`. -#}
{% macro instant_text(expression) %}{{ return(adapter.dispatch('instant_text', 'hiring_elt')(expression)) }}{% endmacro %}

{% macro default__instant_text(expression) -%}
to_char({{ expression }} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
{%- endmacro %}

{% macro duckdb__instant_text(expression) -%}
strftime(make_timestamp(epoch_us({{ expression }})), '%Y-%m-%dT%H:%M:%SZ')
{%- endmacro %}

{% macro spark__instant_text(expression) -%}
date_format(to_utc_timestamp({{ expression }}, current_timezone()), "yyyy-MM-dd'T'HH:mm:ss'Z'")
{%- endmacro %}

{% macro number_text(expression) -%}
trim(trailing '.' from trim(trailing '0' from {{ hiring_elt.as_text('cast(' ~ expression ~ ' as decimal(18, 6))') }}))
{%- endmacro %}

{% macro flag_text(expression) -%}
case when {{ expression }} then 'true' when not {{ expression }} then 'false' end
{%- endmacro %}
