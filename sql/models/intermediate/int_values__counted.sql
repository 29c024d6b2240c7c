{%- set mapped_fields = [
    ('talent_ray', 'candidate_roles', 'application_status', 'application_status'),
    ('talent_ray', 'roles', 'role_status', 'role_status'),
    ('talent_ray', 'role_steps', 'step_type', 'step_type'),
    ('talent_ray', 'candidate_steps', 'step_type', 'step_type'),
    ('talent_ray', 'candidate_steps', 'offer_response', 'offer_response'),
    ('talent_ray', 'candidate_steps', 'step_status', 'step_status'),
    ('tailed', 'jobs', 'role_status', 'job_status'),
    ('tailed', 'applications', 'application_status', 'status'),
    ('tailed', 'applications', 'stage_text', 'stage'),
] -%}
-- One row per account, field and word (lower case, trimmed) in any version: how often it was read, and whether it is mapped.
with

status_map as (

    select * from {{ ref('status_map') }}

),

words as (

    {% for platform, table, column, field in mapped_fields -%}
    select
        platform,
        account,
        '{{ field }}' as field,
        lower(trim({{ column }})) as word,
        {{ 'lower(trim(step_name))' if column == 'step_type' else as_text('null') }} as step_name,
        observed_at

    from {{ ref('stg_' ~ platform ~ '__' ~ table ~ '_history') }}
    where {{ column }} is not null
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

word_counts as (

    select
        platform,
        account,
        field,
        word,
        step_name,
        count(*) as count_versions,
        min(observed_at) as first_observed_at,
        max(observed_at) as last_observed_at

    from words
    group by platform, account, field, word, step_name

),

mapped_words as (

    select distinct
        platform,
        field,
        lower(trim(value)) as word

    from status_map

),

-- The words of a step's status are part of the API's documentation; they mean the same everywhere.
documented_words as (
    {% for word in ['locked', 'active', 'completed', 'validated', 'rejected', 'skipped'] %}
    select 'talent_ray' as platform, 'step_status' as field, '{{ word }}' as word
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

known_words as (

    select * from mapped_words
    union all
    select * from documented_words

)

select
    word_counts.platform,
    word_counts.account,
    word_counts.field,
    word_counts.word,
    -- A step that the map knows by its name needs no word for its type.
    max(
        case when known_words.word is not null or mapped_names.word is not null then 1 else 0 end
    ) = 1 as is_mapped,
    {{ as_int('sum(word_counts.count_versions)') }} as count_versions,
    min(word_counts.first_observed_at) as first_observed_at,
    max(word_counts.last_observed_at) as last_observed_at

from word_counts
left join known_words
    on
        word_counts.platform = known_words.platform
        and word_counts.field = known_words.field
        and word_counts.word = known_words.word
left join known_words as mapped_names
    on
        word_counts.platform = mapped_names.platform
        and mapped_names.field = 'step_name'
        and word_counts.step_name = mapped_names.word
group by word_counts.platform, word_counts.account, word_counts.field, word_counts.word
