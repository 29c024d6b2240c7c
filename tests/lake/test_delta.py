"""Delta tables of a lake, read and merged from by an engine that is not ours, through Spark Connect."""

from __future__ import annotations

import importlib.util
import os

import pytest

from connector.errors import StreamFailed
from connector.platforms import PLATFORMS
from pipelines.lake import session
from tests.lake.conftest import refreshed
from tests.scenarios.town import later
from tests.truth import true_tables

MISSING = [name for name in ("deltalake", "pysail", "grpc_status") if importlib.util.find_spec(name) is None]
pytestmark = [
    pytest.mark.server,
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING) and not os.environ.get("CI"), reason=f"needs {', '.join(MISSING)} (make spark)"),
]
NEWEST = """
    select versions.* from delta.`{place}` as versions
    join (select _key, max(_dlt_valid_from) as began from delta.`{place}` group by _key) as newest
    on versions._key = newest._key and versions._dlt_valid_from = newest.began
"""
FOLLOW = """
    merge into people as mine using ({newest}) as theirs on mine._key = theirs._key
    when matched and not theirs._visible then delete
    when matched and mine._row_hash <> theirs._row_hash then update set *
    when not matched and theirs._visible then insert *
"""


@pytest.fixture(scope="module")
def engine():
    """A session with an engine that speaks Spark Connect, in this process, on loopback."""
    from pysail.spark import SparkConnectServer
    from pyspark.sql.connect.session import SparkSession

    server = SparkConnectServer(ip="127.0.0.1", port=0)
    server.start(background=True)
    connected = SparkSession.builder.remote(f"sc://127.0.0.1:{server.listening_address[1]}").getOrCreate()
    connected.conf.set("spark.sql.session.timeZone", "UTC")
    yield connected
    connected.stop()
    server.stop()


@pytest.fixture
def delta(monkeypatch):
    monkeypatch.setenv("LAKE__DELTA", "true")


def read(engine, query):
    return sorted((tuple(row.values()) for row in engine.sql(query).toArrow().to_pylist()), key=repr)


def current(engine, folder, company):
    """Which Delta tables differ from the truth in their current visible rows."""
    different = {}
    for platform in PLATFORMS:
        for table, expected in true_tables(platform, company).items():
            place = folder / f"delta_raw_{platform}" / table
            names = ", ".join(f"`{column.name}`" for column in PLATFORMS[platform].table(table).columns)
            query = f"select {names} from ({NEWEST.format(place=place)}) where _visible"
            found = read(engine, query) if place.exists() else []
            if found != sorted(expected, key=repr):
                different[f"{platform}.{table}"] = (len(found), len(expected))
    return different


def histories_differ(engine, lake, folder):
    """Which Delta tables have other versions than the lake."""
    columns = "_key, _row_hash, _visible, _dlt_valid_from"
    return [
        f"{platform.name}.{table.name}"
        for platform in PLATFORMS.values()
        for table in platform.tables
        if (place := folder / f"delta_raw_{platform.name}" / table.name).exists()
        and read(engine, f"select {columns} from delta.`{place}`")
        != sorted(
            map(
                tuple,
                (
                    row.values()
                    for row in lake.query(f'select {columns} from raw_{platform.name}."{table.name}"').to_pylist()
                ),
            ),
            key=repr,
        )
    ]


def commits(place):
    from deltalake import DeltaTable

    return [entry["operation"] for entry in reversed(DeltaTable(place).history())]


def test_delta_tables_follow_and_others_merge_from_them(delta, lake, run, small, folder, engine):
    """Three states of the company; a table of somebody else's follows ours with one MERGE of its own each time."""
    history = folder / "delta_raw_talent_ray" / "candidates"
    for number in range(3):
        assert refreshed(full=True).exit_status in {0, 5}
        assert current(engine, folder, small) == {}
        assert histories_differ(engine, lake, folder) == []
        if number == 0:
            place = folder.parent / "people"
            engine.sql(f"select * from delta.`{history}` limit 0").write.format("delta").save(str(place))
            engine.sql(f"create table people using delta location '{place}'")
        engine.sql(FOLLOW.format(newest=NEWEST.format(place=history))).collect()
        names = ", ".join(f"`{column.name}`" for column in PLATFORMS["talent_ray"].table("candidates").columns)
        expected = sorted(true_tables("talent_ray", small)["candidates"], key=repr)
        assert read(engine, f"select {names} from people") == expected
        small.edit_some("talent_ray", "candidates", 0.3)
        small.advance(hours=8)
    assert commits(folder / "delta_raw_talent_ray" / "candidates") == ["WRITE"] * 3
    assert commits(folder.parent / "people").count("MERGE") == 3


def test_a_quiet_refresh_adds_nothing_and_a_dead_one_is_made_up_for(
    delta, lake, run, small, folder, engine, monkeypatch
):
    assert run().exit_status == 0
    later(small, hours=1)
    assert run().exit_status == 0
    assert commits(folder / "delta_raw_talent_ray" / "candidates") == ["WRITE"]

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    small.edit_some("talent_ray", "candidates", 0.5)
    later(small, hours=1)
    with monkeypatch.context() as patched:
        patched.setattr(session, "follow", killed)
        with pytest.raises(KeyboardInterrupt):
            run()
    assert histories_differ(engine, lake, folder) == ["talent_ray.candidates"]

    log = folder / "delta_raw_talent_ray" / "candidates" / "_delta_log"
    log.rename(log.with_name("elsewhere"))
    log.write_text("a file where a folder belongs")
    later(small, hours=1)
    with pytest.raises(StreamFailed, match="next refresh"):
        run()
    log.unlink()
    log.with_name("elsewhere").rename(log)
    later(small, hours=1)
    assert run().exit_status == 0
    assert histories_differ(engine, lake, folder) == []
    assert current(engine, folder, small) == {}
