"""What `hiring-elt --help` tells besides each command: where to begin, exit statuses, settings, the order of things."""

from __future__ import annotations

from typing import Any, Final

from typer.core import TyperGroup

ABOUT: Final = "Talent-Ray and Tailed in your warehouse: complete reads, full history, metrics that are right."

# A line that holds only \b keeps the paragraph after it as it is written.
EPILOG: Final = """
\b
Begin:
  hiring-elt demo       sixty seconds on a simulated company
  hiring-elt init       write settings for your own account
  hiring-elt check      say what to mend, if anything
  hiring-elt refresh    every morning
  hiring-elt status     is it fresh, is it whole
  hiring-elt query "select * from reports.rpt_open_roles"

\b
Exit statuses:
  0  ok
  1  a bug
  2  wrong words on the command line, or a wrong setting
  3  key refused
  4  somebody else holds the warehouse
  5  partial: what is safe is published; of status: stale
  6  absence breaker: too many rows are missing at once
  7  no space, or cannot write
  8  the platform did not answer properly
  9  the new warehouse did not pass its checks
  In 1-4 and 7-9 the published warehouse is untouched.

\b
Settings, from the environment or .dlt/config.toml and .dlt/secrets.toml:
  SOURCES__TALENT_RAY__API_KEY    key; without one the platform is off
  SOURCES__TALENT_RAY__BASE_URL   https://app.talent-ray.com unless given
  SOURCES__TALENT_RAY__REQUESTS_PER_MINUTE        600 unless given
  SOURCES__TALENT_RAY__CV_SCREENING_BATCH_IDS     batches to read; none
  SOURCES__TALENT_RAY__PORTAL_SLUGS               career portals; none
  SOURCES__TALENT_RAY__ACCOUNTS__<NAME>__API_KEY  a further account
  SOURCES__TAILED__API_KEY, __BASE_URL, __REQUESTS_PER_MINUTE
                                  none, https://api.tailed.ca, 100
  WAREHOUSE                       hiring.duckdb; or postgresql://...
  PRIVACY__PROFILE                minimal; pseudonymous; full
  PRIVACY__PSEUDONYM_KEY          32 random characters or more
  REPORT_TIMEZONE                 UTC unless given
  KEEP_PUBLISHED                  0: earlier warehouses to keep
  MONITORING__PROMETHEUS_FILE     see refresh --prometheus
  MONITORING__OPENLINEAGE_FILE    see refresh --openlineage
  MONITORING__LOG_FORMAT          text; json
"""

ORDER: Final = (
    *("demo", "init", "check", "plan", "refresh", "status", "report", "query", "explain", "docs", "build"),
    *("privacy", "rollback", "sandbox"),
)


class InOrder(TyperGroup):
    """Commands in the order in which people need them; one that the order forgets comes last."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of the commands."""
        names = super().list_commands(ctx)
        return sorted(names, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))
