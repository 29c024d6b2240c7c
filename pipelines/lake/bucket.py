"""The folder or bucket that holds a lake, by dlt's settings of its `filesystem` destination."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import posixpath
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from dlt.common.configuration.exceptions import ConfigFieldMissingException
from dlt.common.configuration.resolve import resolve_configuration
from dlt.common.storages.configuration import FilesystemConfiguration
from dlt.common.storages.fsspec_filesystem import fsspec_from_config

from connector.errors import CannotWrite, Locked, UsageError
from pipelines.lock import locked

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator, Mapping

    import duckdb

MANIFEST: Final = "published.json"
LAYOUT: Final = 1


@dataclass(frozen=True)
class Published:
    """What readers are to read: the files of each raw and ledger table, the folders of each model."""

    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)
    layout: int = LAYOUT


class Bucket:
    """Files under one address. Paths are relative to it."""

    def __init__(self) -> None:
        try:
            settings: Any = resolve_configuration(FilesystemConfiguration(), sections=("destination", "filesystem"))
        except ConfigFieldMissingException as error:
            missing = ", ".join(str(one) for one in error.fields)
            raise UsageError(
                f"The lake's settings are not complete: {missing}.",
                "Set DESTINATION__FILESYSTEM__BUCKET_URL to a folder or bucket, and its credentials as dlt wants them.",
                setting="DESTINATION__FILESYSTEM__BUCKET_URL",
            ) from None
        self.credentials: Any = settings.credentials
        self.files, root = fsspec_from_config(settings)
        self.is_local: bool = settings.is_local_filesystem
        self.root: str = str(Path(settings.make_local_path(settings.bucket_url)).resolve()) if self.is_local else root
        self.url: str = f"file://{self.root}" if self.is_local else str(settings.bucket_url).rstrip("/")

    @property
    def place(self) -> str:
        """Where it is; addresses of buckets hold no secret."""
        return self.root if self.is_local else self.url

    def path(self, *parts: str) -> str:
        """A path as the file system wants it."""
        return posixpath.join(self.root, *parts)

    def listed(self, folder: str) -> list[str]:
        """All parquet files under a folder."""
        self.files.invalidate_cache()
        if not self.files.exists(self.path(folder)):
            return []
        found = self.files.find(self.path(folder))
        return sorted(posixpath.relpath(name, self.root) for name in found if name.endswith(".parquet"))

    def published(self) -> Published | None:
        """What is published; None before the first refresh."""
        self.files.invalidate_cache()
        try:
            told = json.loads(self.files.cat_file(self.path(MANIFEST)))
        except FileNotFoundError:
            return None
        if told["layout"] > LAYOUT:
            raise UsageError(
                f"{self.place} was written by a newer hiring-elt.", "Install that version.", setting="WAREHOUSE"
            )
        return Published({name: tuple(files) for name, files in told["files"].items()}, told["models"])

    def publish(self, published: Published) -> None:
        """Replace what readers are to read, at once."""
        text = json.dumps(asdict(published), indent=1, sort_keys=True)
        if not self.is_local:
            self.files.pipe_file(self.path(MANIFEST), text.encode())
            return
        draft = Path(self.path(f".{MANIFEST}.writing"))
        with draft.open("w") as writable:
            writable.write(text)
            writable.flush()
            os.fsync(writable.fileno())
        draft.replace(self.path(MANIFEST))

    def put(self, file: Path, path: str) -> None:
        """Copy a file of this machine into the lake."""
        try:
            self.files.makedirs(posixpath.dirname(self.path(path)), exist_ok=True)
            self.files.put_file(str(file), self.path(path))
        except OSError as error:
            raise CannotWrite(f"{self.place} cannot be written to ({error.strerror}).") from None

    def remove_all_but(self, published: Published, folders: tuple[str, ...]) -> None:
        """Remove the files that no published state names: those of dead runs and of states before."""
        named = {file for files in published.files.values() for file in files}
        kept = tuple(f"{folder}/" for folder in published.models.values())
        for folder in folders:
            for file in self.listed(folder):
                if file not in named and not file.startswith(kept):
                    self.files.rm_file(self.path(file))

    def sources(self, connection: duckdb.DuckDBPyConnection, files: tuple[str, ...]) -> str:
        """A list of files as DuckDB reads it; a remote file system is made known to it."""
        if self.is_local:
            names = [self.path(file) for file in files]
        else:
            protocol = self.url.split("://", 1)[0]
            if not connection.filesystem_is_registered(protocol):
                connection.register_filesystem(self.files)
            names = [f"{protocol}://{self.path(file)}" for file in files]
        return "[" + ", ".join("'" + name.replace("'", "''") + "'" for name in names) + "]"

    @contextlib.contextmanager
    def held(self, *, wait_seconds: float, stop: threading.Event) -> Iterator[None]:
        """One refresh at a time: of a folder by a lock beside its files, of a bucket by one of this machine only."""
        if self.is_local:
            try:
                Path(self.root).mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise CannotWrite(f"{self.place} cannot be made ({error.strerror}).") from None
            lock = Path(self.path(".hiring-elt.lock"))
        else:
            name = hashlib.sha256(self.url.encode()).hexdigest()[:16]
            lock = Path(tempfile.gettempdir()) / f"hiring-elt-{os.getuid()}-{name}.lock"
        with locked(lock, wait_seconds=wait_seconds, stop=stop):
            yield

    def refuse_changed(self, before: Published | None) -> None:
        """Raise Locked when another machine published since."""
        if self.published() != before:
            raise Locked(f"{self.place} was published by somebody else while the refresh was running.")
