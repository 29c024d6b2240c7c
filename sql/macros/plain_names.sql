{#- The schema of views with plain names. It has no personal columns, so that it may be granted as a whole. -#}
{% macro answers_schema() -%}
    {{ return(var('schema_prefix', '') ~ 'answers') }}
{%- endmacro %}

{#- A view on the report just built, named without its `rpt_`. -#}
{% macro named_plainly() -%}
    create or replace view {{ hiring_elt.answers_schema() }}.{{ this.identifier | replace('rpt_', '') }} as
    select * from {{ this if hiring_elt.needs_database(this) else this.include(database=false) }}
{%- endmacro %}
