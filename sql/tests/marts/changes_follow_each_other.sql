-- What an attribute changes from is what it changed to before: replayed, the changes give today's value.
with

changes as (

    select
        *,
        -- The record is the id without attribute and version number.
        substr(change_id, 1, position(':' || attribute || ':' in change_id)) as record_id

    from {{ ref('fct_application_changes') }}

),

followed as (

    select
        *,
        lag(new_value) over (
            partition by record_id, attribute
            order by changed_at, length(change_id), change_id
        ) as previous_value,
        row_number() over (
            partition by record_id, attribute
            order by changed_at, length(change_id), change_id
        ) as change_number

    from changes

)

select change_id
from followed
where
    old_value is not distinct from new_value
    or (change_number > 1 and old_value is distinct from previous_value)
