"""The second calculation: every mart and report once more, in Python and pandas, from the company's event log.

    seen = observe(company.log, instants)          # what a connector could know, reading at these instants
    tables = calculate(seen)                       # {"fct_applications": DataFrame, ...}

Written from the definitions of the metrics alone. Nothing here imports the loader, the pipelines or the SQL project, and
the words of the status map stand here once more, so that a slip in one place is not repeated in the other.

`observed` turns a log and instants (or a journal) into versions of records; `dated`, `words`, `steps`, `visits`,
`outcomes`, `paths` work out one application; the other modules make tables of them.
"""
