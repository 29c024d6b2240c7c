"""`hiring-elt check`: what a refresh relies on, looked at before it does: key, scopes, clock, lists, warehouse.

findings = check(settings)
print_findings(findings, Console())
sys.exit(exit_status(findings))
"""

from pipelines.check.checking import check
from pipelines.check.telling import as_json, exit_status, print_findings

__all__ = ["as_json", "check", "exit_status", "print_findings"]
