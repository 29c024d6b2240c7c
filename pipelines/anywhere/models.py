"""How dbt reaches a destination: the profile that dlt keeps for it, filled from dlt's settings."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml  # type: ignore[import-untyped]
from dlt.common.configuration.utils import add_config_to_env
from dlt.helpers import dbt as dlt_dbt

if TYPE_CHECKING:
    from collections.abc import Mapping

PROFILES: Final = Path(dlt_dbt.__file__).with_name("profiles.yml")


def why_not(name: str) -> str | None:
    """Why the models cannot be built on a destination; None when they can."""
    found = _outputs(name)
    if not found:
        return f"there is no dbt profile for {name}"
    adapter = next(iter(found.values()))["type"]
    if importlib.util.find_spec(f"dbt.adapters.{adapter}") is None:
        return f"dbt's adapter for {name} is not installed (pip install dbt-{adapter})"
    return None


def output(name: str, configuration: Any) -> Mapping[str, Any]:
    """The dbt output; what is secret goes through the environment of this process, not into the file."""
    add_config_to_env(configuration, ("dlt",))
    found = _outputs(name)
    chosen = dlt_dbt._default_profile_name(configuration)  # noqa: SLF001 - dlt's own choice among its profiles
    made = dict(found.get(chosen) or found[name]) | {"schema": "staging"}
    if made["type"] == "duckdb":
        # dlt's entry loads extensions, which would be downloaded.
        made = {"type": "duckdb", "path": made["path"], "schema": "staging", "settings": {"timezone": "UTC"}}
    return made | {"threads": 2}


def _outputs(name: str) -> dict[str, dict[str, Any]]:
    """The outputs of dlt's profiles for a destination, by profile."""
    profiles = yaml.safe_load(PROFILES.read_text())
    return {
        profile: of["outputs"][of["target"]]
        for profile, of in profiles.items()
        if profile == name or profile.startswith(f"{name}_")
    }
