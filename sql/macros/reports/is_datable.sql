{#- Whether an event has a date: its bounds are known and close enough together. -#}
{% macro is_datable(event) -%}
(
    {{ event }}_at is not null
    and {{ event }}_not_before is not null
    and {{ event }}_not_after is not null
    and {{ hiring_elt.days_between(event ~ '_not_before', event ~ '_not_after') }} <= {{ var('datable_within_days') }}
)
{%- endmacro %}
