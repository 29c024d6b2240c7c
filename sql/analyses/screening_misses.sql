-- For which roles did screening recommend people who came no further, or pass over people who did?
select
    roles.role_name,
    count(*) as count_closed,
    count(*) filter (where screenings.is_recommended and screenings.has_interviewed) as recommended_and_interviewed,
    count(*) filter (where screenings.is_recommended and not screenings.has_interviewed) as recommended_in_vain,
    count(*) filter (where not screenings.is_recommended and screenings.has_interviewed) as interviewed_all_the_same
from marts.fct_screenings as screenings
left join answers.roles as roles using (role_id)
where
    screenings.is_closed
    and screenings.is_recommended is not null
group by all
order by recommended_in_vain + interviewed_all_the_same desc, roles.role_name
