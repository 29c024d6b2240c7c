"""The second calculation: every mart and report once more, in Python and pandas, from the company's event log.

    seen = observe(company.log, instants)          # what a connector could know, reading at these instants
    tables = calculate(seen)                       # {"fct_applications": DataFrame, ...}

Written from the definitions of the metrics alone. Nothing here imports the loader, the pipelines or the SQL project,
and the words of the status map stand here once more, so that a slip in one place is not repeated in the other.

`observed` turns a log and instants into versions of records, `journal` does so for the replies of real refreshes;
`visits`, `outcomes` and `paths` work out one application; the modules `model_` and `report_` make tables of them;
`truth`, `agreement` and `errors` hold them against what the log says happened.
"""
