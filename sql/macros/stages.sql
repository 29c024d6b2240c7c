{#- The rank of a canonical stage; `unknown` and whatever is no stage has none. -#}
{% macro stage_rank(stage) -%}
case {{ stage }}
        when 'lead' then 0
        when 'applied' then 1
        when 'screening' then 2
        when 'assessment' then 3
        when 'interview' then 4
        when 'offer' then 5
        when 'hired' then 6
    end
{%- endmacro %}

{#- The canonical stage of a rank. -#}
{% macro stage_of_rank(rank) -%}
case {{ rank }}
        when 0 then 'lead'
        when 1 then 'applied'
        when 2 then 'screening'
        when 3 then 'assessment'
        when 4 then 'interview'
        when 5 then 'offer'
        when 6 then 'hired'
    end
{%- endmacro %}
