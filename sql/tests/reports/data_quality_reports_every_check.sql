-- Each account has at least one row per check, and no check fails more rows than it looked at.
with

checks as (

    select distinct check_name from {{ ref('rpt_data_quality') }}

),

missing as (

    select
        accounts.platform,
        accounts.account,
        checks.check_name

    from {{ ref('int_accounts__dated') }} as accounts
    cross join checks
    left join {{ ref('rpt_data_quality') }} as told
        on
            accounts.platform = told.platform
            and accounts.account = told.account
            and checks.check_name = told.check_name
    where told.check_name is null

)

select
    platform,
    account,
    check_name

from missing

union all

select
    platform,
    account,
    check_name

from {{ ref('rpt_data_quality') }}
where count_failed > count_checked
