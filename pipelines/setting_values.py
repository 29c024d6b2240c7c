"""Single settings, read from dlt's configuration (environment, `.dlt/*.toml`) and checked for their type.

A service manager may hand over a setting as a file that is named like its environment variable, in the folder that
CREDENTIALS_DIRECTORY names (systemd's LoadCredential); such a file goes before all other places.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import tomllib
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connector.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

DOCKER_SECRETS = Path("/run/secrets")
ON = frozenset({"1", "true", "yes", "on"})
OFF = frozenset({"0", "false", "no", "off", ""})


def value(path: str) -> Any:
    """The setting at a dotted path from a credential, the environment or `.dlt/`; None when it is nowhere."""
    if (handed := credentials().get(env_name(path))) is not None:
        return handed.read_text(encoding="utf-8").strip()
    return _asked_of_dlt(path) if _may_be_elsewhere() else os.environ.get(env_name(path))


def _may_be_elsewhere() -> bool:
    """Whether dlt could know more than the environment: by its files, or by the vaults of a host it works in.

    Asked first because dlt takes longer to import than a small refresh takes to run.
    """
    files = _files_of_dlt(os.environ.get("HOME"), os.environ.get("XDG_DATA_HOME", "/var"))
    return (
        "dlt" in sys.modules
        or any(name.startswith("DLT_") for name in os.environ)
        or any(file.exists() for file in files)
        or _has_a_vault()
    )


@cache
def _files_of_dlt(home: str | None, data_home: str) -> tuple[Path, ...]:
    """Where dlt would look for settings, in this folder, in that of the user and in those of the machine."""
    own = Path(home) if home else Path("~").expanduser()
    shared = ("/var", tempfile.gettempdir(), data_home)
    folders = [Path(".dlt"), own / ".dlt", *(Path(place) / "dlt" for place in shared)]
    return tuple(folder / name for folder in folders for name in ("config.toml", "secrets.toml"))


@cache
def _has_a_vault() -> bool:
    return DOCKER_SECRETS.is_dir() or any(find_spec(host) is not None for host in ("airflow", "streamlit"))


def _asked_of_dlt(path: str) -> Any:
    import dlt
    from dlt.common.configuration.providers.toml import TomlProviderReadException

    try:
        found: Any = dlt.secrets.get(path)
        return found if found is not None else dlt.config.get(path)
    except TomlProviderReadException as error:
        # dlt's own text repeats the parser's, which may quote the line: a line of secrets.toml holds a key.
        raise UsageError(
            f"{_unreadable(error.full_paths)}; nothing was asked.", 'Texts stand in quotes: name = "text".'
        ) from None


def _unreadable(paths: Sequence[str]) -> str:
    """Which of the files cannot be read, and where it goes wrong."""
    for path in paths:
        if not Path(path).exists():
            continue
        try:
            tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            place = re.search(r"line \d+", str(error))
            return f"{path} is not valid TOML" + (f" ({place[0]})" if place else "")
        except (OSError, UnicodeDecodeError) as error:
            return f"{path} cannot be read ({getattr(error, 'strerror', None) or 'it is not UTF-8'})"
    return f"{' or '.join(paths)} cannot be read"


def credentials() -> dict[str, Path]:
    """The settings that a service manager handed over as files, by the name of their environment variable."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if not folder or not Path(folder).is_dir():
        return {}
    return {file.name: file for file in Path(folder).iterdir() if file.is_file()}


def env_name(path: str) -> str:
    """The environment variable of a setting."""
    return path.replace(".", "__").upper()


def place(sections: Sequence[str], setting: str) -> str | None:
    """The path of a setting in the first of the sections that has it."""
    return next((f"{section}.{setting}" for section in sections if value(f"{section}.{setting}") is not None), None)


def text(path: str) -> str | None:
    """A text without blanks around it; None when there is none."""
    found = value(path)
    return None if found is None else str(found).strip() or None


def number(path: str, default: float, *, least: float = 0.0) -> float:
    """A number of at least `least`."""
    found = value(path)
    if found is None or found == "":
        return default
    try:
        given = float(str(found))
    except ValueError:
        given = least - 1
    if not least <= given < float("inf"):
        raise _wrong(path, f"is not a number of at least {least:g}", "Correct or remove it.")
    return given


def whole_number(path: str, default: int, *, least: int = 0) -> int:
    """A whole number of at least `least`."""
    given = number(path, default, least=least)
    if given != int(given):
        raise _wrong(path, "is not a whole number", "Correct or remove it.")
    return int(given)


def flag(path: str, *, default: bool = False) -> bool:
    """True or false."""
    found = value(path)
    if found is None:
        return default
    word = str(found).strip().lower()
    if word not in ON | OFF:
        raise _wrong(path, "is neither true nor false", "Correct or remove it.")
    return word in ON


def texts(path: str) -> tuple[str, ...]:
    """A list, given as a TOML list, as a JSON list, or as words between commas."""
    found = value(path)
    if found is None:
        return ()
    if isinstance(found, str):
        found = found.strip()
        if found.startswith("["):
            try:
                found = json.loads(found.replace("'", '"'))
            except ValueError:
                raise _wrong(path, "is not a JSON list", 'Write it as ["a", "b"].') from None
        else:
            found = found.split(",")
    return tuple(dict.fromkeys(str(item).strip() for item in found if str(item).strip()))


def pairs(path: str) -> dict[str, str]:
    """A table of names, given as a TOML table or as a JSON object."""
    found = value(path)
    if found is None:
        return {}
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except ValueError:
            found = None
    if not hasattr(found, "items"):
        raise _wrong(path, "is not a table of names", 'Write it as {"assumed": "given"}.')
    return {str(assumed): str(given) for assumed, given in found.items()}


def _wrong(path: str, what: str, next_step: str) -> UsageError:
    return UsageError(f"{env_name(path)} {what}.", next_step, setting=env_name(path))
