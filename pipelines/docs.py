"""The documentation of the models as one file: every table and column, how each is made, and from what."""

from __future__ import annotations

import json
import logging
import tempfile
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from connector.errors import CannotWrite, ChecksFailed
from pipelines.transform import close_connections, first_line, project_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.warehouse import Warehouse

# The page can report its use to its makers; its browser is told to let it reach nobody.
_POLICY: Final = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data:;"
    " font-src data:; base-uri 'none'; form-action 'none'"
)
_HEAD: Final = "<head>"


def write_docs(warehouse: Warehouse, path: Path | str) -> Path:
    """Write the documentation of a warehouse to one HTML file that asks nobody for anything; hand back where it is.

    The warehouse is only read.
    Raises UsageError when there is no warehouse yet, ChecksFailed when dbt cannot document it, CannotWrite for the
    file.
    """
    path = Path(path).expanduser()
    warehouse.query("select 1")  # says that there is none, and what to do
    with tempfile.TemporaryDirectory(prefix="hiring-elt-docs-") as work, warehouse.dbt_reading() as output:
        text = _generated(output, Path(work))
    text = text.replace(_HEAD, f'{_HEAD}<meta http-equiv="Content-Security-Policy" content="{_POLICY}">', 1)
    draft = path.with_name(f".{path.name}.writing")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise CannotWrite(
            f"The documentation could not be written to {path}: {error.strerror}.", "Name another place with --output."
        ) from error
    return path


def _generated(output: Mapping[str, Any], work: Path) -> str:
    """The page that dbt makes, with everything it writes in a private folder."""
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - seconds to import, and only needed here

    profile = {"hiring_elt": {"target": "docs", "outputs": {"docs": dict(output)}}}
    (work / "profiles.yml").write_text(json.dumps(profile))
    arguments = ["--quiet", "docs", "generate", "--static"]
    folders = {"--project-dir": project_folder(), "--profiles-dir": work, "--target-path": work / "target"}
    for option, folder in (folders | {"--log-path": work / "logs"}).items():
        arguments += [option, str(folder)]
    arguments += ["--log-level-file", "none", "--no-use-colors"]
    logging.getLogger("dbt").setLevel(logging.ERROR)
    try:
        with redirect_stdout(StringIO()):
            outcome = dbtRunner().invoke(arguments)
    finally:
        close_connections()
    if outcome.exception is not None or not outcome.success:
        raise ChecksFailed(
            f"dbt could not document the models: {first_line(str(outcome.exception or 'no reason given'))}"
        )
    return (work / "target" / "static_index.html").read_text(encoding="utf-8")
