{#- The whole second of an instant; a dialect may have a quicker way. -#}
{% macro whole_second(expression) %}{{ return(adapter.dispatch('whole_second', 'hiring_elt')(expression)) }}{% endmacro %}

{% macro default__whole_second(expression) -%}
{{ dbt.date_trunc('second', expression) }}
{%- endmacro %}

{#- Calendar arithmetic of DuckDB on instants with a zone is 20 times slower than this. -#}
{% macro duckdb__whole_second(expression) -%}
make_timestamptz(epoch_us({{ expression }}) // 1000000 * 1000000)
{%- endmacro %}

{#- An instant of the API; one more than five minutes after the reply that carried it cannot be true. -#}
{% macro api_instant(expression) -%}
case when {{ expression }} <= {{ dbt.dateadd('minute', 5, '_observed_at') }} then {{ hiring_elt.whole_second(expression) }} end
{%- endmacro %}

{#- How many of these instants of the API were set null for that reason. -#}
{% macro count_future_timestamps(expressions) -%}
{% for expression in expressions %}{{ ' + ' if not loop.first }}case when {{ expression }} > {{ dbt.dateadd('minute', 5, '_observed_at') }} then 1 else 0 end{% endfor %}
{%- endmacro %}

{#- Days between two instants: whole seconds / 86400, never calendar days. -#}
{% macro days_between(from_at, to_at) %}{{ return(adapter.dispatch('days_between', 'hiring_elt')(from_at, to_at)) }}{% endmacro %}

{% macro default__days_between(from_at, to_at) -%}
({{ hiring_elt.as_double(dbt.datediff(from_at, to_at, 'second')) }} / 86400.0)
{%- endmacro %}

{% macro postgres__days_between(from_at, to_at) -%}
(cast(floor(extract(epoch from {{ to_at }})) - floor(extract(epoch from {{ from_at }})) as double precision) / 86400.0)
{%- endmacro %}

{% macro spark__days_between(from_at, to_at) -%}
(cast(unix_timestamp({{ to_at }}) - unix_timestamp({{ from_at }}) as double) / 86400.0)
{%- endmacro %}

{% macro duckdb__days_between(from_at, to_at) -%}
(cast(epoch_us({{ to_at }}) // 1000000 - epoch_us({{ from_at }}) // 1000000 as double) / 86400.0)
{%- endmacro %}

{#- The day of an instant in the report's time zone. -#}
{% macro local_date(expression) %}{{ return(adapter.dispatch('local_date', 'hiring_elt')(expression)) }}{% endmacro %}

{% macro default__local_date(expression) -%}
cast({{ expression }} at time zone '{{ var("report_timezone") }}' as date)
{%- endmacro %}

{% macro spark__local_date(expression) -%}
cast(from_utc_timestamp(to_utc_timestamp({{ expression }}, current_timezone()), '{{ var("report_timezone") }}') as date)
{%- endmacro %}

{#- The instant at which a day begins in the report's time zone. -#}
{% macro local_midnight(day) %}{{ return(adapter.dispatch('local_midnight', 'hiring_elt')(day)) }}{% endmacro %}

{% macro default__local_midnight(day) -%}
(cast({{ day }} as timestamp) at time zone '{{ var("report_timezone") }}')
{%- endmacro %}

{% macro spark__local_midnight(day) -%}
from_utc_timestamp(to_utc_timestamp(cast({{ day }} as timestamp), '{{ var("report_timezone") }}'), current_timezone())
{%- endmacro %}

{#- The latest and the earliest of the instants that are known; engines disagree about nulls in greatest and least. -#}
{% macro latest_of(expressions) -%}
greatest({% for expression in expressions %}coalesce({{ expression }}{% for other in expressions if other != expression %}, {{ other }}{% endfor %}){{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

{% macro earliest_of(expressions) -%}
least({% for expression in expressions %}coalesce({{ expression }}{% for other in expressions if other != expression %}, {{ other }}{% endfor %}){{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

{#- A bound that must not pass another instant; unlike `least`, one that is unknown stays unknown. -#}
{% macro not_after(expression, limit) -%}
case when {{ expression }} > {{ limit }} then {{ limit }} else {{ expression }} end
{%- endmacro %}
