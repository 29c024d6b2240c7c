{#-
    Four columns of a rate, k of n: `<name>_rate` (null below min_n), `_rate_n`, and Wilson's bounds at 95 %, `_rate_low`
    and `_rate_high`, which are null only when n is 0 (greatest and least alone would turn that null into 0 and 1).
-#}
{% macro bounded_rate(name, k, n) -%}
{%- set z = 1.959964 -%}
{%- set count = hiring_elt.as_double(n) -%}
{%- set share = '(' ~ hiring_elt.as_double(k) ~ ' / ' ~ count ~ ')' -%}
{%- set middle = share ~ ' + ' ~ z * z / 2 ~ ' / ' ~ count -%}
{%- set reach = z ~ ' * sqrt(' ~ share ~ ' * (1.0 - ' ~ share ~ ') / ' ~ count ~ ' + ' ~ z * z / 4 ~ ' / (' ~ count ~ ' * ' ~ count ~ '))' -%}
{%- set scale = '(1.0 + ' ~ z * z ~ ' / ' ~ count ~ ')' -%}
case when {{ n }} >= {{ var('min_n') }} and {{ n }} > 0 then {{ share }} end as {{ name }}_rate,
coalesce({{ n }}, 0) as {{ name }}_rate_n,
case when {{ n }} > 0 then greatest(0.0, ({{ middle }} - {{ reach }}) / {{ scale }}) end as {{ name }}_rate_low,
case when {{ n }} > 0 then least(1.0, ({{ middle }} + {{ reach }}) / {{ scale }}) end as {{ name }}_rate_high
{%- endmacro %}
