-- Every rate lies between its Wilson bounds, is withheld below min_n, and has bounds as soon as there is one case.
{% for report, rates in {
    'rpt_hiring_funnel': ['reach', 'pass'],
    'rpt_sourcing_conversion': ['convert', 'apply', 'hire'],
    'rpt_screening_quality': ['recommend', 'precision', 'recall'],
    'rpt_score_calibration': ['interview', 'hire'],
    'rpt_offer_outcomes': ['acceptance', 'decline'],
}.items() -%}
{% set is_last_report = loop.last -%}
{% for name in rates -%}
select
    '{{ report }}' as report,
    '{{ name }}' as rate_name,
    {{ name }}_rate as rate,
    {{ name }}_rate_n as n

from {{ ref(report) }}
where
    {{ name }}_rate < {{ name }}_rate_low - 1e-12
    or {{ name }}_rate > {{ name }}_rate_high + 1e-12
    or ({{ name }}_rate is null) <> ({{ name }}_rate_n < {{ var('min_n') }})
    or ({{ name }}_rate_low is null) <> ({{ name }}_rate_n = 0)
    or ({{ name }}_rate_high is null) <> ({{ name }}_rate_n = 0)
{% if not (loop.last and is_last_report) %}
union all

{% endif -%}
{% endfor -%}
{% endfor %}
