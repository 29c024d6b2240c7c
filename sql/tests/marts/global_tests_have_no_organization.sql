-- A warning: the platform derives the one from the other, but the documentation does not promise it.
{{ config(severity='warn') }}
select test_id
from {{ ref('dim_tests') }}
where is_global <> (count_organizations = 0)
