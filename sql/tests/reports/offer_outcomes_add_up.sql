-- Every offer extended has exactly one outcome.
select
    platform,
    account,
    extended_month,
    role_id

from {{ ref('rpt_offer_outcomes') }}
where count_extended <> count_accepted + count_declined + count_rescinded + n_pending + n_unknown
