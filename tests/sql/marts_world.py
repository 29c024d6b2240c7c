"""A small warehouse of marts made by hand, to run one report on without what lies before it.

    world = MartsWorld(compile_reports())
    world.add("fct_applications", application_id="a1", role_id="r1", outcome="open", applied="2026-01-01 00:00")
    rows = world.rows("rpt_hiring_funnel")

Columns not named are null, but for platform and account. An event is named by its family: `applied="2026-01-01"` fills
applied_at, applied_not_before and applied_not_after; `applied=("2026-01-01", "2026-01-09")` its bounds.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

Row = dict[str, Any]
PROJECT = Path(__file__).parents[2] / "sql"

_FAMILY = ("at", "not_before", "not_after")

# As MODELS says: @ marks a family of three instants; a type is written only where the name does not tell it.
TABLES: dict[str, str] = {
    "marts.dim_candidates": "candidate_id source_id candidate_status created_at updated_at is_visible vanished@ is_stub"
    " first_applied_at count_applications count_leads",
    "marts.dim_roles": "role_id source_id role_name organization_id role_status role_state priority department location"
    " work_type role_level is_public target_hire_count:bigint salary_min:bigint salary_max:bigint salary_currency"
    " salary_period opened@ closed@ days_on_hold is_visible is_stub count_applications count_in_pipeline count_hires",
    "marts.dim_role_steps": "role_step_id role_id step_name step_type step_order:bigint stage stage_rank:bigint"
    " stage_basis validation_type passing_score is_required is_skippable is_visible is_stub",
    "marts.dim_tests": "test_id source_id test_name test_type category language target_persona duration_minutes:bigint"
    " is_global count_organizations is_visible created_at updated_at",
    "marts.dim_organizations": "organization_id source_id organization_name count_roles count_open_roles count_tests"
    " count_leads",
    "marts.fct_applications": "application_id candidate_id role_id organization_id lead_id is_sourced"
    " application_status outcome furthest_stage last_stage current_stage furthest_stage_rank:bigint"
    " current_role_step_id is_in_pipeline is_closed is_visible is_approved overall_fit_score"
    " first_overall_fit_score resume_fit_score lead_created_at applied@ screening@ assessment@ interview@"
    " offer@ offer_answered@ hired@ rejected@ withdrawn@ vanished@ closed@ offer_outcome reason"
    " first_observed_at days_to_screening days_to_interview days_to_offer days_to_hire days_to_close"
    " days_to_hire_low days_to_hire_high days_to_answer_offer days_in_pipeline days_in_current_step"
    " count_visits count_skipped count_moves_back count_reopened has_conflict",
    "marts.fct_application_steps": "visit_id application_id role_id role_step_id stage stage_rank:bigint"
    " step_order:bigint visit_number:bigint position:bigint entered@ left@ exit_type days_in_step days_so_far"
    " completed_at decided_at decision days_to_decide validation_score reason is_skipped is_current is_after_close"
    " is_stage_entry is_stage_exit is_entry_datable is_exit_datable",
    "marts.fct_application_changes": "change_id application_id role_step_id attribute old_value new_value changed@"
    " is_datable",
    "marts.fct_first_scores": "application_id score_kind first_score first_observed_at is_observed_first",
    "marts.fct_leads": "lead_id candidate_id primary_role_id lead_status created_at screened@ assigned@ converted@"
    " resume_fit_score overall_fit_score count_roles count_organizations count_applications has_applied has_interviewed"
    " is_hired hired_at applied_at days_to_convert is_visible vanished@",
    "marts.fct_screenings": "screening_id batch_id lead_id role_id candidate_id application_id batch_status"
    " member_status resume_fit_score overall_fit_score passing_score is_recommended screened@ has_interviewed is_hired"
    " is_closed is_visible",
    "marts.fct_pipeline_daily": "date_day role_id stage count_opening count_entered count_left_forward count_left_back"
    " count_rejected count_withdrawn count_hired count_vanished count_closing count_undated_in count_undated_out"
    " is_reconstructed",
    "marts.fct_analytics_snapshots": "snapshot_row_id snapshot_id metric role_id period_start:date period_end:date"
    " captured_at value:double",
    "intermediate.int_accounts__dated": "first_refresh_at as_of_at",
    "intermediate.int_application_events__ordered": "application_id event stage event_at not_before:timestamptz"
    " not_after:timestamptz",
    "intermediate.int_records__counted": "table_name count_versions count_future_versions first_future_at"
    " last_future_at count_visible",
    "intermediate.int_values__counted": "field word is_mapped count_versions first_observed_at last_observed_at",
    "meta.sweeps": "refresh_id resource started_at ended_at verdict count_declared count_distinct",
    "meta.child_reads": "resource parent_id last_read_at",
    "seeds.status_map": "field value stage outcome",
    "seeds.analytics_map": "metric our_metric unit",
}


@functools.cache
def compile_reports() -> dict[str, str]:
    """Compile the reports once, with the default settings; the SQL names a database in memory."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        _write_project(project)
        command = [sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--quiet", "compile"]
        subprocess.run(
            [*command, "--project-dir", folder, "--profiles-dir", folder, "--select", "path:models/reports"],
            check=True,
            cwd=project,
            env=os.environ | {"HIRING_ELT_WAREHOUSE": ":memory:"},
            timeout=240,
        )
        return {path.stem: path.read_text() for path in (project / "target" / "compiled").rglob("rpt_*.sql")}


def _write_project(project: Path) -> None:
    """Put the reports beside models that have only a name: parsing all that lies before them takes far longer."""
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT / name, project)
    shutil.copytree(PROJECT / "macros", project / "macros")
    (project / "models" / "named").mkdir(parents=True)
    (project / "models" / "reports").mkdir()
    for report in (PROJECT / "models" / "reports").glob("*.sql"):
        shutil.copy(report, project / "models" / "reports")
    # A contract needs the yml, which is tested where the models are built.
    settings = (project / "dbt_project.yml").read_text()
    (project / "dbt_project.yml").write_text(settings.replace("enforced: true", "enforced: false"))
    tables = [name.split(".") for name in TABLES]
    for schema, name in tables:
        if schema != "meta":
            (project / "models" / "named" / f"{name}.sql").write_text(f"{{{{ config(schema='{schema}') }}}} select 1")
    sources = ", ".join(f"{{name: {name}}}" for schema, name in tables if schema == "meta")
    (project / "models" / "named" / "sources.yml").write_text(
        f"{{version: 2, sources: [{{name: meta, schema: meta, tables: [{sources}]}}]}}"
    )


def column_types(columns: str) -> dict[str, str]:
    """Give the columns of one table with their types, families of instants spelt out."""
    types = {"platform": "text", "account": "text"}
    for word in columns.split():
        name, _, kind = word.partition(":")
        if name.endswith("@"):
            types |= {f"{name[:-1]}_{suffix}": "timestamptz" for suffix in _FAMILY}
        else:
            types[name] = kind or _type_of(name)
    return types


def _type_of(name: str) -> str:
    if re.match(r"(count|n)_", name):
        return "bigint"
    if re.match(r"(is|has)_", name):
        return "boolean"
    if re.match(r"days_", name) or name.endswith("_score"):
        return "double"
    if name.endswith("_at") or name == "at":
        return "timestamptz"
    return "date" if name.endswith("_day") else "text"


@dataclass
class MartsWorld:
    """Marts in memory, and the reports compiled to SQL that may be asked of them."""

    compiled: dict[str, str]
    database: duckdb.DuckDBPyConnection = field(default_factory=duckdb.connect)

    def __post_init__(self) -> None:
        self.database.execute("set TimeZone = 'UTC'")
        for table, columns in TABLES.items():
            self.database.execute(f"create schema if not exists {table.split('.')[0]}")
            spelt = ", ".join(f'"{name}" {kind}' for name, kind in column_types(columns).items())
            self.database.execute(f"create table {table} ({spelt})")

    def as_of(self, instant: str, *, platform: str = "talent_ray", account: str = "default") -> None:
        self.add("int_accounts__dated", platform=platform, account=account, as_of_at=instant)

    def add(self, table: str, **values: Any) -> None:
        """Add one row to the table of that name, in whichever schema it is."""
        qualified = next(name for name in TABLES if name.split(".")[1] == table)
        types = column_types(TABLES[qualified])
        row: Row = {"platform": "talent_ray", "account": "default"}
        for name, value in values.items():
            if name in types:
                row[name] = value
                continue
            first, last = value if isinstance(value, tuple) else (value, value)
            row |= {f"{name}_at": last, f"{name}_not_before": first, f"{name}_not_after": last}
        names = ", ".join(f'"{name}"' for name in row)
        holes = ", ".join("?" for _ in row)
        self.database.execute(f"insert into {qualified} ({names}) values ({holes})", list(row.values()))

    def rows(self, report: str) -> list[Row]:
        """Run one report: its rows, ordered by all columns."""
        relation = self.database.sql(f"select * from ({self.compiled[report]}) order by all")
        return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]

    def row(self, report: str, **where: Any) -> Row:
        """Give the one row of a report with these values."""
        found = [row for row in self.rows(report) if all(row[name] == value for name, value in where.items())]
        assert len(found) == 1, f"{report} has {len(found)} rows with {where}"
        return found[0]
