{#- No two rows share these columns; nulls count as one value. -#}
{% test unique_grain(model, column_names) %}
select {{ column_names | join(', ') }}, count(*) as count_rows
from {{ model }}
group by {{ column_names | join(', ') }}
having count(*) > 1
{% endtest %}
