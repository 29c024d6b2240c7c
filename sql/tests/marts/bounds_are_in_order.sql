-- Wherever an event stands, it lies within its bounds.
{%- set families = {
    'fct_applications': [
        'applied', 'screening', 'assessment', 'interview', 'offer', 'offer_answered', 'hired', 'rejected', 'withdrawn',
        'vanished', 'closed'
    ],
    'fct_application_steps': ['entered', 'left'],
    'fct_application_changes': ['changed'],
    'fct_leads': ['screened', 'assigned', 'converted', 'vanished'],
    'fct_screenings': ['screened'],
    'dim_roles': ['opened', 'closed'],
    'dim_candidates': ['vanished'],
} %}
{% for model, events in families.items() %}
{%- set is_last = loop.last %}
{%- for event in events %}
select
    '{{ model }}.{{ event }}' as event_name,
    {{ event }}_at as event_at

from {{ ref(model) }}
where
    {{ event }}_not_before > {{ event }}_at
    or {{ event }}_at > {{ event }}_not_after
    or ({{ event }}_at is null) <> ({{ event }}_not_after is null)
{% if not (is_last and loop.last) %}
union all
{% endif %}
{%- endfor %}
{%- endfor %}
