"""Lists that lie about themselves: wrong counts, odd last pages, the same id twice, texts of any kind and length."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from connector.columns import LONGEST_TEXT_CHARACTERS
from connector.sandbox import Drift, Fault
from tests.http.hostile_server import HostileServer, reply

RAW = "raw_talent_ray"
LEADS = {"select": ("leads",), "platforms": ("talent_ray",)}
ESCAPES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def leads_of(town):
    return [lead["id"] for lead in town.company.truth("talent_ray", "sourcing")]


# Counts and last pages


@pytest.mark.parametrize("total", ["plus_one", "negative", "zero", "capped"])
def test_a_wrong_count_ends_no_list_and_costs_no_row(town, total):
    town.company.edit_some("talent_ray", "sourcing", 0.5)
    town.switch(total_count=total, total_pages="zero")

    # Promised rows that never come leave a doubt, and 5; a count that says less than there is does not.
    assert town.run(**LEADS).exit_status == (5 if total == "plus_one" else 0)
    assert "talent_ray.leads" not in town.differences("talent_ray")
    assert town.tombstones() == 0


def test_a_count_that_is_not_told_costs_no_row_and_no_proof(town):
    town.company.edit_some("talent_ray", "sourcing", 0.5)
    town.switch(total_count="absent")

    assert town.run(**LEADS).exit_status == 0
    assert town.sweeps()["talent_ray.leads"]["verdict"] == "proven"
    assert "talent_ray.leads" not in town.differences("talent_ray")


def test_a_count_that_is_no_number_is_another_shape(town):
    before = town.digest()
    town.switch(total_count="text")
    told = town.cli("refresh", "--platform", "talent_ray", "--select", "leads")

    assert told.status == 8, told.err  # of the one stream that was asked for; beside others it would be 5
    assert "another shape" in told.err
    assert town.digest() == before


@pytest.mark.parametrize("past_the_end", ["empty", "400", "404", "last_page"])
def test_whatever_a_page_past_the_end_answers_it_is_the_end(new_town, past_the_end):
    for number in range(130):
        new_town.company.insert("talent_ray", "sourcing", fullName=f"Lead {number}")
    new_town.switch(past_the_end=past_the_end)

    assert new_town.run(**LEADS).exit_status == 0
    assert new_town.sweeps()["talent_ray.leads"]["verdict"] == "proven"
    assert "talent_ray.leads" not in new_town.differences("talent_ray")


def test_a_depth_limit_is_told_and_no_row_behind_it_is_marked(new_town):
    for number in range(230):
        new_town.company.insert("talent_ray", "sourcing", fullName=f"Lead {number}")
    assert new_town.run(**LEADS).exit_status == 0
    new_town.switch(deepest_row=150)
    told = new_town.cli("refresh", "--platform", "talent_ray", "--select", "leads")

    assert told.status == 5
    assert new_town.sweeps()["talent_ray.leads"]["verdict"] == "unproven"
    assert "behind row" in new_town.sweeps()["talent_ray.leads"]["reason"]
    assert new_town.tombstones() == 0


def test_one_id_on_two_records_of_a_page_is_one_row_the_newest(town):
    first, second, *_ = leads_of(town)
    town.switch(drift=[Drift("sourcing", "id", second, ids=(first,))])

    assert town.run(**LEADS).exit_status in {0, 5}
    assert town.sweeps()["talent_ray.leads"]["verdict"] != "proven"
    assert town.ask(f"select count(*) from {RAW}.leads where id = '{second}' and _dlt_valid_to is null") == [(1,)]


# Texts


def test_a_text_of_20_megabytes_is_cut_to_its_cap_and_that_is_said(town):
    lead = leads_of(town)[0]
    town.company.update("talent_ray", "sourcing", lead, summary="ü" * 10 * 2**20)

    assert town.run(**LEADS).exit_status == 0
    stored = town.ask(f"select length(summary) from {RAW}.leads where id = '{lead}' and _dlt_valid_to is null")
    assert stored == [(LONGEST_TEXT_CHARACTERS,)]
    assert town.ask("select field, kind, detail from meta.drift where kind = 'mended'") == [
        ("summary", "mended", "cut to its length cap")
    ]


INERT = (
    "\x1b[2J\x1b]0;owned\x07Ada",
    "{0} {name} {} %s %(name)s %n {{ config() }} {% raw %}",
    "'; drop table raw_talent_ray.leads; --",
    '"); delete from x; ("',
    "[click](javascript:alert(1)) **bold** | a | b |",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\u202egnp.exe\u202c",
    "[red]markup[/red] [link=https://evil.example]x[/link]",
    "${HOME} $(id) `id`",
    "\\copy \\. \\N \t \r\n",
)
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "  =1+1", "=cmd|' /C calc'!A0")


def test_no_text_of_the_api_does_anything_but_be_stored(town):
    """Names, words of statuses, names of fields: through load, drift, quarantine, query, status and export."""
    ids = leads_of(town)
    for lead, text in zip(ids, INERT, strict=False):
        town.company.update("talent_ray", "sourcing", lead, fullName=text, status=text)
    town.switch(
        drift=[
            *(Drift("sourcing", text, text, share=0.5) for text in INERT),
            Drift("sourcing", "createdAt", INERT[0], ids=ids[-1:]),
        ]
    )
    refreshed = town.cli("refresh", "--platform", "talent_ray", "--select", "leads")

    assert refreshed.status == 5
    stored = dict(town.ask(f"select id, full_name from {RAW}.leads where _dlt_valid_to is null"))
    assert [stored[lead] for lead, _ in zip(ids, INERT, strict=False)] == [text.replace("\0", "") for text in INERT]
    told = [
        refreshed,
        town.cli("status"),
        town.cli("query", f"select full_name, status from {RAW}.leads"),
        town.cli("query", "select * from meta.drift"),
        town.cli("query", "select * from meta.quarantine"),
    ]
    for one in told:
        assert one.status in {0, 5}, one.err
        assert ESCAPES.findall(one.out + one.err) == []


@pytest.mark.parametrize("column", ["full_name", "email", "phone", "status", "summary"])
def test_no_cell_of_a_csv_file_is_a_formula(town, column):
    """As spreadsheets read it: whatever begins with one of these signs, blanks before it or not, is calculated."""
    field = {"full_name": "fullName"}.get(column, column)
    for lead, text in zip(leads_of(town), FORMULAS, strict=False):
        town.company.update("talent_ray", "sourcing", lead, **{field: text})
    town.run(**LEADS)
    told = town.cli("query", f'select "{column}" from {RAW}.leads where _dlt_valid_to is null', "--format", "csv")

    cells = [cell for row in csv.reader(io.StringIO(told.out)) for cell in row]
    assert len([cell for cell in cells if "1+1" in cell or "SUM" in cell or "calc" in cell]) == len(FORMULAS)
    assert [cell for cell in cells if cell.strip()[:1] in {"=", "+", "-", "@"}] == []
    assert [cell for cell in cells if cell[:1] in {"\t", "\r"}] == []


# One broken reply


@pytest.mark.parametrize("body", [b'{"data":[{"id":"Zoe Kanarienvogel"', b"<html>Zoe Kanarienvogel \x1b[2J</html>"])
def test_what_is_shown_of_a_broken_body_is_short_and_plain(town, monkeypatch, body):
    server = HostileServer(lambda number, connection: reply(body, content_type="text/html"))
    try:
        monkeypatch.setenv("SOURCES__TALENT_RAY__BASE_URL", server.url)
        told = town.cli("refresh", "--platform", "talent_ray", "--select", "leads")
    finally:
        server.close()

    assert told.status == 8
    assert ESCAPES.findall(told.err) == []
    assert len(told.err) < 600


def test_with_json_the_last_line_is_one_object_whatever_the_texts(town):
    town.switch(faults=[Fault("data_object", rate=1.0, path="/api/v1/sourcing")])
    told = town.cli("refresh", "--platform", "talent_ray", "--select", "leads,tests", "--json")

    assert json.loads(told.out.splitlines()[-1])["exit_status"] == told.status == 5
