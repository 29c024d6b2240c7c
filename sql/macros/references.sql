{#-
    A DuckDB view keeps the text it was made with, and the catalog is called after the file: named with its catalog, a
    table is not found any more once the file is renamed or attached under another name. So the catalog is left out.
-#}
{% macro ref() -%}
    {{ return(hiring_elt.without_catalog(builtins.ref(*varargs, **kwargs))) }}
{%- endmacro %}

{% macro source() -%}
    {{ return(hiring_elt.without_catalog(builtins.source(*varargs))) }}
{%- endmacro %}

{% macro without_catalog(relation) -%}
    {{ return(relation if hiring_elt.needs_database(relation) else relation.include(database=false)) }}
{%- endmacro %}

{#- A schema called as the file is would be ambiguous without its catalog; a table of another database needs it. -#}
{% macro needs_database(relation) -%}
    {{ return(
        target.type != 'duckdb' or relation.database != target.database or relation.schema == relation.database
    ) }}
{%- endmacro %}
