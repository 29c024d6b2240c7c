{#- Linear percentile. Cast first: over a decimal DuckDB rounds the interpolated value to the decimal's own scale. -#}
{% macro percentile(share, value) -%}
percentile_cont({{ share }}) within group (order by {{ hiring_elt.as_double(value) }})
{%- endmacro %}

{#- The same for a duration: not shown over fewer than min_n cases, as the figures of `spread`. -#}
{% macro guarded_percentile(share, days) -%}
case when count({{ days }}) >= {{ var('min_n') }} then {{ hiring_elt.percentile(share, days) }} end
{%- endmacro %}
