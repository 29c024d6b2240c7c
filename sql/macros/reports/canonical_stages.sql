{#- The stages an application can reach, with their rank. -#}
{% macro canonical_stages() -%}
{%- for stage in ['applied', 'screening', 'assessment', 'interview', 'offer', 'hired'] %}
    select '{{ stage }}' as stage, {{ loop.index }} as stage_rank
{%- if not loop.last %}
    union all
{%- endif %}
{%- endfor %}
{%- endmacro %}
