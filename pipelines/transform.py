"""Builds and tests the SQL models: dbt, in this process, with everything it writes in a private folder."""

from __future__ import annotations

import json
import logging
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from connector.errors import ChecksFailed
from pipelines.parsed import parsed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

THREADS: Final = 2
FAILURES_SHOWN: Final = 5


@dataclass(frozen=True)
class Built:
    """What dbt did: how many models, seeds and tests went well, how many only warned."""

    models: int
    tests: int
    warnings: tuple[str, ...]


def project_folder() -> Path:
    """Where the dbt project is: `sql/` of the repository, or the copy that the installed package carries."""
    packaged = Path(__file__).parent / "_sql"
    return packaged if packaged.is_dir() else Path(__file__).parents[1] / "sql"


def build(output: Mapping[str, Any], work: Path, *, variables: Mapping[str, Any], select: Sequence[str] = ()) -> Built:
    """Build seeds, models and tests against one dbt output (the entry of a profile).

    Raises ChecksFailed with the first failures when a model or a test fails; warnings are handed back.
    """
    from dbt.cli.main import dbtRunner

    folder, project = work / "dbt", project_folder()
    folder.mkdir(mode=0o700, exist_ok=True)
    profile = {"hiring_elt": {"target": "refresh", "outputs": {"refresh": dict(output)}}}
    (folder / "profiles.yml").write_text(json.dumps(profile))
    options = [
        "--no-write-json",
        "--no-use-colors",
        *("--project-dir", str(project)),
        *("--profiles-dir", str(folder)),
        *("--target-path", str(folder / "target")),
        *("--log-path", str(folder / "logs")),
        *("--log-level-file", "none"),
        *("--vars", json.dumps(dict(variables))),
    ]
    # Unit tests prove the models, not the data: they are run where the models are changed.
    build_words = ["--quiet", "build", *options, "--exclude-resource-type", "unit_test"]
    if select:
        build_words += ["--select", *select]
    logging.getLogger("dbt").setLevel(logging.ERROR)
    try:
        with redirect_stdout(StringIO()):
            manifest = parsed(
                project, output, variables, lambda: dbtRunner().invoke(["--quiet", "parse", *options]).result
            )
            outcome = dbtRunner(manifest=manifest).invoke(build_words)
    finally:
        close_connections()
    if outcome.exception is not None:
        raise ChecksFailed(f"The SQL models could not be built: {first_line(str(outcome.exception))}")
    return _judged(outcome.result)


def _judged(result: Any) -> Built:
    failed, warned, models, tests = [], [], 0, 0
    for entry in result.results:
        kind, status = str(entry.node.resource_type), str(entry.status)
        if status in {"error", "fail", "runtime error"}:
            failed.append(f"{entry.node.name}: {first_line(entry.message or status)}")
        elif status == "warn":
            warned.append(entry.node.name)
        elif status == "skipped":
            continue
        tests += kind in {"test", "unit_test"}
        models += kind in {"model", "seed"}
    if failed:
        shown = "; ".join(failed[:FAILURES_SHOWN])
        more = f" and {len(failed) - FAILURES_SHOWN} more" if len(failed) > FAILURES_SHOWN else ""
        raise ChecksFailed(f"{len(failed)} of the SQL models and tests failed: {shown}{more}.")
    return Built(models, tests, tuple(warned))


def first_line(text: str) -> str:
    """The first lines of a long message, on one line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " ".join(lines[:3])[:300] if lines else ""


def close_connections() -> None:
    """Close what dbt keeps open for a next run: the file is about to be swapped."""
    from dbt.adapters.factory import FACTORY

    adapters: list[Any] = list(FACTORY.adapters.values())
    for adapter in adapters:
        adapter.cleanup_connections()
        close_all = getattr(adapter.ConnectionManager, "close_all_connections", None)
        if close_all is not None:
            close_all()
    factory: Any = FACTORY
    factory.reset_adapters()
