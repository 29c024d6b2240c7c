{#-
    Text id of a record: `<platform>:<account>:<part>[:<part>...]`.
    `%` and `:` inside a part are escaped, so that two records cannot share an id; a part that is missing reads `(none)`.
-#}
{% macro entity_id(platform, account, parts) -%}
'{{ platform }}:' || {{ hiring_elt.id_part(account) }}
{%- for part in parts %} || ':' || {{ hiring_elt.id_part(part) }}{% endfor %}
{%- endmacro %}

{% macro id_part(expression) -%}
coalesce(replace(replace({{ hiring_elt.as_text(expression) }}, '%', '%25'), ':', '%3A'), '(none)')
{%- endmacro %}

{#- The id on the platform of a row that has only the text id of its record; null for `(none)`. -#}
{% macro own_id(entity_id, platform, account) -%}
nullif(
    replace(
        replace(
            substr({{ entity_id }}, length({{ platform }} || ':' || {{ hiring_elt.id_part(account) }} || ':') + 1), '%3A', ':'
        ),
        '%25',
        '%'
    ),
    '(none)'
)
{%- endmacro %}

{#- The same as entity_id, but null when the last part is: a link that need not exist. -#}
{% macro optional_entity_id(platform, account, parts) -%}
case when {{ parts[-1] }} is not null then {{ hiring_elt.entity_id(platform, account, parts) }} end
{%- endmacro %}
