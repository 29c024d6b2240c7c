-- What share of the offers of each month was accepted, and between which bounds may the true share lie?
with

months as (

    select
        extended_month,
        sum(count_extended) as count_extended,
        sum(n_pending) as count_pending,
        sum(acceptance_rate_n) as decided,
        sum(count_accepted) / sum(acceptance_rate_n) as share,
        1.959964 ** 2 as square
    from answers.offer_outcomes
    group by extended_month
    having sum(acceptance_rate_n) > 0

),

wilson as (

    select
        *,
        share + square / (2 * decided) as middle,
        sqrt(square * (share * (1 - share) / decided + square / (4 * decided ** 2))) as reach
    from months

)

select
    extended_month,
    count_extended,
    count_pending,
    round(share, 3) as share_accepted,
    round((middle - reach) / (1 + square / decided), 3) as at_least,
    round((middle + reach) / (1 + square / decided), 3) as at_most
from wilson
order by extended_month desc nulls last
