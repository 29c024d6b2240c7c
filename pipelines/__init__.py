"""Runs the connector: settings, warehouse, the main job, the command line.

dlt and dbt report their use to their makers unless told otherwise; they are told here, before either is imported.
"""

import os

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
os.environ["DO_NOT_TRACK"] = "1"
os.environ.setdefault("RUNTIME__LOG_LEVEL", "CRITICAL")  # its errors quote rows; what failed is told by us
