{#- Days from an instant to the as-of instant, floored at 0; null stays null (greatest alone would make it 0). -#}
{% macro age_in_days(since, as_of_at) -%}
case when {{ since }} is not null then greatest(0.0, {{ hiring_elt.days_between(since, as_of_at) }}) end
{%- endmacro %}
