-- A warning: a platform may give instants in the wrong order.
{{ config(severity='warn') }}
select role_id
from {{ ref('dim_roles') }}
where closed_at < opened_at
