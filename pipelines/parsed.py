"""The parsed SQL project, kept between runs: parsing it costs dbt half as much as building a small warehouse.

Kept is the project alone (models, tests, seeds; no row, no connection), in a private folder of this user's cache, under
a hash of all that it was parsed from. A cache that is missing, damaged or not to be written costs the parse, no more.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from hashlib import blake2b
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

KEPT: Final = 8
DIGEST_BYTES: Final = 32
ABANDONED_SECONDS: Final = 3600
"""A draft so old belongs to a process that was killed."""
PARTS: Final = ("analyses", "macros", "models", "seeds", "tests")
OF_A_CONNECTION: Final = frozenset({"path", "host", "port", "user", "password", "threads", "application_name"})
"""Entries of a dbt output that no model sees; of a file's path only the name, which names the catalog."""


def parsed(
    project: Path, output: Mapping[str, Any], variables: Mapping[str, Any], parse: Callable[[], Any]
) -> Any | None:
    """The manifest of the project, from the cache or by `parse`; None when dbt cannot parse it."""
    from dbt.contracts.graph.manifest import Manifest

    place = cache_folder() / f"{_fingerprint(project, output, variables)}.manifest"
    kept = _read(place)
    if kept is not None:
        manifest = Manifest.from_msgpack(kept)
        manifest.build_flat_graph()  # type: ignore[no-untyped-call]
        return manifest
    manifest = parse()
    if manifest is not None:
        with contextlib.suppress(OSError):
            _keep(place, manifest.to_msgpack())
    return manifest


def cache_folder() -> Path:
    """Where parsed projects are kept: `hiring-elt` in the user's cache folder."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hiring-elt"


def _fingerprint(project: Path, output: Mapping[str, Any], variables: Mapping[str, Any]) -> str:
    """A hash of everything that a parse depends on."""
    seen = {name: value for name, value in output.items() if name not in OF_A_CONNECTION}
    seen["catalog"] = Path(str(output.get("path", ""))).stem
    versions = {name: _version(name) for name in ("dbt-core", "dbt-adapters", f"dbt-{output['type']}")}
    hashed = blake2b(json.dumps([seen, versions, dict(variables), str(project)], sort_keys=True).encode())
    for path in [
        project / "dbt_project.yml",
        *sorted(path for part in PARTS for path in (project / part).rglob("*.*")),
    ]:
        hashed.update(f"\0{path.relative_to(project)}\0".encode() + path.read_bytes())
    return hashed.hexdigest()[:40]


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _read(place: Path) -> bytes | None:
    """What was kept, if it is whole and ours alone."""
    try:
        if place.stat().st_uid != os.getuid():
            return None
        content = place.read_bytes()
    except OSError:
        return None
    kept, digest = content[DIGEST_BYTES:], content[:DIGEST_BYTES]
    return kept if blake2b(kept, digest_size=DIGEST_BYTES).digest() == digest else None


def _keep(place: Path, content: bytes) -> None:
    folder = place.parent
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as writable:
            writable.write(blake2b(content, digest_size=DIGEST_BYTES).digest() + content)
        draft.replace(place)
    finally:
        draft.unlink(missing_ok=True)
    newest_first = sorted(folder.glob("*.manifest"), key=lambda path: path.stat().st_mtime, reverse=True)
    born_after = time.time() - ABANDONED_SECONDS
    abandoned = [draft for draft in folder.glob(".*.manifest.*") if draft.stat().st_mtime < born_after]
    for old in newest_first[KEPT:] + abandoned:
        old.unlink(missing_ok=True)
