{#- What dbt's Spark adapter leaves undone; dbt finds these before its own. -#}

{#- The declared columns of a model, by the names that Spark has for the declared types. -#}
{% macro spark__get_empty_schema_sql(columns) %}
    select
    {% for name in columns %}
        cast(null as {{ hiring_elt.type_of(columns[name]['data_type']) }}) as {{ name }}{{ ', ' if not loop.last }}
    {%- endfor %}
{% endmacro %}

{#- Rows of a seed as literals: the adapter's own way breaks at an apostrophe and writes `None` for an empty cell. -#}
{% macro spark__load_csv_rows(model, agate_table) %}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- set statements = [] -%}
    {%- for chunk in agate_table.rows | batch(1000) -%}
        {%- set statement -%}
            insert into {{ this.render() }} values
            {% for row in chunk -%}
            (
                {%- for name in agate_table.column_names -%}
                {%- set cell = row[loop.index0] -%}
                {%- set kind = types.get(name, adapter.convert_type(agate_table, loop.index0)) -%}
                cast(
                    {%- if cell is none %}null{% else %}'{{ cell | string | replace('\\', '\\\\') | replace("'", "\\'") }}'{% endif %}
                    as {{ kind }}){{ ', ' if not loop.last }}
                {%- endfor -%}
            ){{ ', ' if not loop.last }}
            {% endfor -%}
        {%- endset -%}
        {%- do adapter.add_query(statement, abridge_sql_log=true) -%}
        {%- do statements.append(statement) -%}
    {%- endfor -%}
    {{ return(statements[0] if statements else '') }}
{% endmacro %}
