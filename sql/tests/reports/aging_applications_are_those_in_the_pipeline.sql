-- Every application in the pipeline has its row, and no other has one.
select
    coalesce(applications.application_id, aging.application_id) as application_id

from (select * from {{ ref('fct_applications') }} where is_in_pipeline) as applications
full outer join {{ ref('rpt_aging_applications') }} as aging
    on applications.application_id = aging.application_id
where
    applications.application_id is null
    or aging.application_id is null
