"""A canary key and a canary person through every kind of ending: neither is found where it does not belong."""

from __future__ import annotations

import logging
import os
import traceback

import duckdb
import pytest

from connector.errors import HiringEltError
from connector.sandbox import Drift, Fault

NAME = "Canaria Kanarienvogel"
MAIL = "canaria.kanarienvogel@example.org"
PHONE = "+49 30 73737373"
PERSON = (NAME, MAIL, PHONE)
LEADS = {"select": ("leads",), "platforms": ("talent_ray",)}

SITUATIONS = {
    "nothing wrong": {},
    "401": {"faults": [Fault("401", rate=1.0)]},
    "429 for a day": {"faults": [Fault("429", rate=1.0, retry_after="huge")]},
    "redirect": {"faults": [Fault("redirect", rate=1.0)]},
    "another shape": {"faults": [Fault("data_object", rate=1.0, path="/api/v1/sourcing")]},
    "501": {"faults": [Fault("status", rate=1.0, status=501, path="/api/v1/sourcing")]},
    "no ids": {"drift": [Drift("sourcing", "id", gone=True)]},
    "values that do not fit": {
        "drift": [
            Drift("sourcing", "createdAt", "the day before", share=0.5),
            Drift("sourcing", "email", {"of": MAIL}, share=0.5),
            Drift("sourcing", NAME, MAIL),
        ]
    },
    "a record that is none": {"drift": [Drift("sourcing", "", f"{NAME} <{MAIL}>", share=0.3)]},
}


@pytest.fixture
def minimal_town(new_town, monkeypatch):
    """The profile that stores nobody, and a person whom everybody would know."""
    monkeypatch.setenv("PRIVACY__PROFILE", "minimal")
    lead = new_town.company.truth("talent_ray", "sourcing")[0]["id"]
    new_town.company.update(
        "talent_ray", "sourcing", lead, fullName=NAME, email=MAIL, contactEmail=MAIL, phone=PHONE, summary=f"Is {NAME}."
    )
    return new_town


def texts_of(warehouse):
    """Every value of every table, as text."""
    found = []
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        tables = connection.execute("select table_schema, table_name from information_schema.tables").fetchall()
        for schema, table in tables:
            rows = connection.execute(f'select * from "{schema}"."{table}"').fetchall()
            found += [f"{schema}.{table}: {row}" for row in rows]
    return found


def bytes_below(folder):
    for place, _, files in os.walk(folder):
        for name in files:
            path = os.path.join(place, name)  # noqa: PTH118 - os.walk gives texts
            with open(path, "rb") as file:  # noqa: PTH123 - the same
                yield path, file.read()


def found_in(needles, hay):
    return [needle for needle in needles if needle in hay]


@pytest.mark.parametrize("situation", SITUATIONS)
def test_neither_the_key_nor_the_person_is_found_after(minimal_town, situation, caplog):
    town = minimal_town
    town.switch(**SITUATIONS[situation])
    key = town.server.talent_ray_key
    secrets = (key, key[3:], town.server.tailed_key)
    with caplog.at_level(logging.DEBUG):
        try:
            town.run(**LEADS)
            told = ""
        except HiringEltError as error:
            frames = traceback.walk_tb(error.__traceback__)
            ours = [(frame, line) for frame, line in frames if "/tests/" not in frame.f_code.co_filename]
            told = str(error) + "".join(traceback.StackSummary.extract(iter(ours), capture_locals=True).format())
            told += repr(error.__cause__)
    printed = town.capture.readouterr()
    said = "\n".join((told, printed.out, printed.err, caplog.text))

    assert found_in((*secrets, *PERSON), said) == []
    rows = texts_of(town.warehouse) if town.warehouse.exists() else []
    assert [row for row in rows if found_in((*secrets, *PERSON), row)] == []
    for path, content in bytes_below(town.warehouse.parent.parent):
        assert found_in([one.encode() for one in (*secrets, *PERSON)], content) == [], path


def test_in_the_full_profile_the_person_is_where_she_belongs_and_the_key_nowhere(minimal_town, monkeypatch):
    monkeypatch.setenv("PRIVACY__PROFILE", "full")
    town = minimal_town
    town.run(**LEADS)

    rows = texts_of(town.warehouse)
    homes = {row.split(":")[0] for row in rows if found_in(PERSON, row)}
    assert "raw_talent_ray.leads" in homes
    assert {home.split(".")[0] for home in homes} == {"raw_talent_ray"}
    assert [row for row in rows if town.server.talent_ray_key in row] == []


def test_the_work_folder_holds_neither_key_nor_person_at_any_time(minimal_town):
    """What a copy of the folder, taken again and again while the refresh runs, would show."""
    import threading

    town = minimal_town
    key = town.server.talent_ray_key
    needles = [one.encode() for one in (key, *PERSON)]
    hits: list[str] = []
    seen: set[str] = set()
    finished = threading.Event()

    def look():
        while not finished.is_set():
            try:
                for path, content in bytes_below(town.warehouse.parent):
                    seen.add(path)
                    hits.extend(path for needle in needles if needle in content)
            except OSError:
                continue

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        town.run(**LEADS)
    finally:
        finished.set()
        watcher.join()

    assert any(".work-" in path and path.endswith(".duckdb") for path in seen)
    assert hits == []


# T47


def test_sockets_go_to_the_configured_hosts_only(town, connections):
    assert town.run().exit_status == 0

    host, port = town.server.url.removeprefix("http://").split(":")
    places = {one if isinstance(one, str) else tuple(one[:2]) for one in connections}
    assert places <= {(host, int(port)), host}
    assert (host, int(port)) in places


def test_the_key_is_no_argument_and_no_process_is_started(town):
    assert town.run(**LEADS).exit_status == 0

    with open("/proc/self/cmdline", "rb") as file:  # noqa: PTH123 - a file of the kernel
        assert town.server.talent_ray_key.encode() not in file.read()
