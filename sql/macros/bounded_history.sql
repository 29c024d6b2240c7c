{#-
    All versions of a raw table known by `as_of`, each with the bounds of the change it shows: it happened after the
    version before it was read (and not before the record was made, nor before the last complete reading that still
    lacked it began), and not after its own reply. `updated_at` tightens nothing: what moves it is undocumented.

    A record that comes back with other values changed at some time since it was last shown: the readings in between
    saw nothing of it. So it takes the bound of its absence. A row the platform itself marks as deleted (`deleted_at`)
    was read, and bounds as any other.
-#}
{% macro bounded_history(relation, created_at=none, deleted_at=none) -%}
{%- set known = ['_not_before', 'lag(_observed_at) over versions_of_key'] -%}
{%- set known_of_absence = ['lag(_not_before) over versions_of_key', 'lag(_observed_at, 2) over versions_of_key'] -%}
{%- if created_at -%}
{%- do known.append(hiring_elt.api_instant(created_at)) -%}
{%- do known_of_absence.append(hiring_elt.api_instant(created_at)) -%}
{%- endif -%}
{%- set comes_back_changed -%}
not lag(_visible) over versions_of_key
{%- if deleted_at %} and lag({{ deleted_at }}) over versions_of_key is null{% endif %}
{#- The hash tells visible from not, so it is compared with that of the version whose values the absence kept. #} and _row_hash <> lag(_row_hash, 2) over versions_of_key
{%- endset %}
select
    *,
    {{ hiring_elt.whole_second('_observed_at') }} as observed_at,
    {{ hiring_elt.whole_second(
        'case when ' ~ comes_back_changed
        ~ ' then ' ~ hiring_elt.not_after(hiring_elt.latest_of(known_of_absence), '_observed_at')
        ~ ' else ' ~ hiring_elt.not_after(hiring_elt.latest_of(known), '_observed_at') ~ ' end'
    ) }} as version_not_before,
    {{ hiring_elt.whole_second('lead(_observed_at) over versions_of_key') }} as next_observed_at,
    row_number() over versions_of_key as version_number,
    lead(_key) over versions_of_key is null as is_current

from {{ relation }}
{%- if var('as_of') %}
where _dlt_valid_from <= {{ hiring_elt.as_instant("'" ~ var('as_of') ~ "'") }}
{%- endif %}
window versions_of_key as (partition by _key order by _observed_at, _dlt_valid_from)
{%- endmacro %}
