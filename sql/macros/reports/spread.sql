{#- The spread of a duration over its finished cases: n always, the three figures only from min_n cases on. -#}
{% macro spread(name, days) -%}
count({{ days }}) as n_{{ name }},
{{ hiring_elt.guarded_percentile(0.5, days) }} as median_{{ name }},
{{ hiring_elt.guarded_percentile(0.75, days) }} as p75_{{ name }},
{{ hiring_elt.guarded_percentile(0.9, days) }} as p90_{{ name }}
{%- endmacro %}
