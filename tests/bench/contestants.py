"""Ways to bring a list of candidates into DuckDB, each a program of its own: `python -m tests.bench.contestants NAME`.

`pull` only pulls the pages; `floor` is a loader written by hand for this one list, without dlt; the others are what one
would use instead of us.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PAGE = 100


def _pages(url: str, key: str) -> Iterator[bytes]:
    import httpx
    import msgspec

    with httpx.Client(headers={"Authorization": f"Bearer {key}"}) as client:
        page, pages = 0, 1
        while page < pages:
            reply = client.get(f"{url}/api/v1/candidates", params={"page": page, "pageSize": PAGE})
            reply.raise_for_status()
            if not page:
                pages = msgspec.json.decode(reply.content)["pagination"]["totalPages"]
            yield reply.content
            page += 1


def pull(url: str, key: str, folder: Path) -> None:
    """Only pull the pages."""
    del folder
    for _ in _pages(url, key):
        pass


def floor(url: str, key: str, folder: Path) -> None:
    """The least that a loader can do: hash records, parse those that are not as they were, merge them by id."""
    import duckdb
    import msgspec
    import pyarrow as pa

    connection = duckdb.connect(str(folder / "floor.duckdb"))
    connection.execute(
        "create table if not exists candidates (id text, full_name text, email text, phone text, status text,"
        " created_at timestamptz, updated_at timestamptz, roles text, mark text)"
    )
    known = dict(connection.execute("select id, mark from candidates").fetchall())
    envelope = msgspec.json.Decoder(dict[str, msgspec.Raw])
    listed = msgspec.json.Decoder(list[msgspec.Raw])
    rows: dict[str, tuple[Any, ...]] = {}
    seen: set[str] = set()
    for body in _pages(url, key):
        for raw in listed.decode(envelope.decode(body)["data"]):
            mark = hashlib.blake2b(raw, digest_size=8).hexdigest()
            record = msgspec.json.decode(raw)
            seen.add(record["id"])
            if known.get(record["id"]) != mark:
                names = ("id", "fullName", "email", "phone", "status", "createdAt", "updatedAt")
                roles = msgspec.json.encode(record["roles"]).decode()
                rows[record["id"]] = (*(record[name] for name in names), roles, mark)
    if rows:
        names = ["id", "full_name", "email", "phone", "status", "created_at", "updated_at", "roles", "mark"]
        columns = {name: list(column) for name, column in zip(names, zip(*rows.values(), strict=True), strict=True)}
        changed = pa.table(columns)
        connection.register("changed", changed)
        connection.execute("delete from candidates using changed where candidates.id = changed.id")
        connection.execute("insert into candidates select * from changed")
    connection.close()


def ours(url: str, key: str, folder: Path) -> None:
    """The main job for the same list, without the models. The limit is one that the list alone never reaches."""
    enough = max(600, int(os.environ.get("BENCH_CANDIDATES", "0")) // 5)
    os.environ.update(
        {
            "SOURCES__TALENT_RAY__API_KEY": key,
            "SOURCES__TALENT_RAY__BASE_URL": url,
            "SOURCES__TALENT_RAY__REQUESTS_PER_MINUTE": os.environ.get("BENCH_REQUESTS_PER_MINUTE", str(enough)),
        }
    )
    command = ["hiring-elt", "refresh", "--skip-build", "--select", "candidates", "--json"]
    sys.argv = [*command, "-w", str(folder / "ours.duckdb")]
    from pipelines.cli import main

    main()


def _rest_api(url: str, key: str, folder: Path, **load: Any) -> None:
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    import dlt
    from dlt.sources.rest_api import rest_api_source

    source = rest_api_source(
        {
            "client": {
                "base_url": url,
                "auth": {"type": "bearer", "token": key},
                "paginator": {
                    "type": "page_number",
                    "base_page": 0,
                    "page_param": "page",
                    "total_path": "pagination.totalPages",
                },
            },
            "resource_defaults": {"primary_key": "id", "write_disposition": "merge"},
            "resources": [
                {
                    "name": "candidates",
                    "endpoint": {"path": "/api/v1/candidates", "params": {"pageSize": PAGE}, "data_selector": "data"},
                }
            ],
        }
    )
    name = load.get("loader_file_format", "default")
    pipeline = dlt.pipeline(
        f"rest_api_{name}",
        pipelines_dir=str(folder / "dlt"),
        destination=dlt.destinations.duckdb(str(folder / f"rest_api_{name}.duckdb")),
        dataset_name="raw",
    )
    pipeline.run(source, **load)


def rest_api_parquet(url: str, key: str, folder: Path) -> None:
    """dlt's own REST source, told to load parquet."""
    _rest_api(url, key, folder, loader_file_format="parquet")


def rest_api(url: str, key: str, folder: Path) -> None:
    """dlt's own REST source as it comes."""
    _rest_api(url, key, folder)


CONTESTANTS = {one.__name__: one for one in (pull, floor, ours, rest_api_parquet, rest_api)}

if __name__ == "__main__":
    contestant, place = CONTESTANTS[sys.argv[1]], Path(sys.argv[2])
    contestant(os.environ["BENCH_URL"], os.environ["BENCH_KEY"], place)
