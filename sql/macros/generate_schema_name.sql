{#- A model's schema is the one it names (not `<target>_<name>`), after the prefix of a build beside the tables in use. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ var('schema_prefix', '') ~ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
