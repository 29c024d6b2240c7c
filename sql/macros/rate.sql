{#-
    Four columns `<name>_rate`, `_rate_n`, `_rate_low`, `_rate_high`: k of n with its Wilson bounds at 95 %.
    The rate is null below `min_n`, the bounds only when n is 0.
-#}
{% macro rate(name, k, n) -%}
{%- set z = 1.959964 -%}
{%- set share = '(' ~ hiring_elt.as_double(k) ~ ' / nullif(' ~ hiring_elt.as_double(n) ~ ', 0))' -%}
{%- set count = 'nullif(' ~ hiring_elt.as_double(n) ~ ', 0)' -%}
{%- set middle = '(' ~ share ~ ' + ' ~ z * z / 2 ~ ' / ' ~ count ~ ')' -%}
{%- set spread = '(' ~ z ~ ' * sqrt(' ~ share ~ ' * (1.0 - ' ~ share ~ ') / ' ~ count ~ ' + ' ~ z * z / 4 ~ ' / (' ~ count ~ ' * ' ~ count ~ ')))' -%}
{%- set scale = '(1.0 + ' ~ z * z ~ ' / ' ~ count ~ ')' -%}
case when {{ n }} >= {{ var('min_n') }} then {{ share }} end as {{ name }}_rate,
{{ hiring_elt.as_int('coalesce(' ~ n ~ ', 0)') }} as {{ name }}_rate_n,
greatest(0.0, {{ middle }} / {{ scale }} - {{ spread }} / {{ scale }}) as {{ name }}_rate_low,
least(1.0, {{ middle }} / {{ scale }} + {{ spread }} / {{ scale }}) as {{ name }}_rate_high
{%- endmacro %}
