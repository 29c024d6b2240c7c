{#- The names of our types per engine; what is not named here is what DuckDB and Postgres agree on. -#}
{% macro type_text() %}{{ return(adapter.dispatch('type_text', 'hiring_elt')()) }}{% endmacro %}
{% macro default__type_text() %}text{% endmacro %}
{% macro spark__type_text() %}string{% endmacro %}

{% macro type_instant() %}{{ return(adapter.dispatch('type_instant', 'hiring_elt')()) }}{% endmacro %}
{% macro default__type_instant() %}timestamp with time zone{% endmacro %}
{% macro spark__type_instant() %}timestamp{% endmacro %}

{% macro type_double() %}{{ return(adapter.dispatch('type_double', 'hiring_elt')()) }}{% endmacro %}
{% macro default__type_double() %}double precision{% endmacro %}
{% macro spark__type_double() %}double{% endmacro %}

{% macro as_text(expression) %}cast({{ expression }} as {{ hiring_elt.type_text() }}){% endmacro %}
{% macro as_instant(expression) %}cast({{ expression }} as {{ hiring_elt.type_instant() }}){% endmacro %}
{% macro as_double(expression) %}cast({{ expression }} as {{ hiring_elt.type_double() }}){% endmacro %}
{% macro as_int(expression) %}cast({{ expression }} as bigint){% endmacro %}
{% macro as_bool(expression) %}cast({{ expression }} as boolean){% endmacro %}

{#- The name on this engine of a type that a model declares. -#}
{% macro type_of(declared) -%}
{%- if declared == 'text' -%}{{ hiring_elt.type_text() }}
{%- elif declared == 'timestamp with time zone' -%}{{ hiring_elt.type_instant() }}
{%- elif declared == 'double precision' -%}{{ hiring_elt.type_double() }}
{%- else -%}{{ declared }}
{%- endif -%}
{%- endmacro %}
