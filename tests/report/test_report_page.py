"""The page as a file: it holds no person, asks nobody, and takes hostile names for what they are, names."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import itertools
import re

import duckdb
import pytest

from connector.errors import CannotWrite, UsageError
from pipelines.duckdb_file import DuckDBFile
from pipelines.report import MOST_BYTES, report_text, write_report
from pipelines.warehouse import open_warehouse
from tests.report.made_up_rows import small_world
from tests.report.page_reading import ReadPage
from tests.report.report_world import HOSTILE, PERSONAL, ReportWorld

TODAY = dt.datetime(2026, 5, 21, 8, 0, tzinfo=dt.UTC)
REFERENCES = re.compile(
    r"\bhttps?:|\bwss?:|//[a-z]|@import|url\(|fetch\(|XMLHttp|WebSocket|sendBeacon|EventSource|importScripts|eval\(",
    re.IGNORECASE,
)


def test_nothing_in_the_page_refers_to_anything_outside_it(page):
    inside = [
        text.replace("http://www.w3.org/2000/svg", "") for text in (page.texts["script"][1], *page.texts["style"])
    ]
    script_comments = [re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE) for text in inside]

    assert [REFERENCES.findall(text) for text in script_comments] == [[], []]
    assert {attributes.get("href", "#")[0] for _, attributes in page.elements} == {"#"}
    assert not [
        attributes for _, attributes in page.elements if {"src", "srcset", "action", "data", "poster"} & set(attributes)
    ]
    assert {tag for tag, _ in page.elements} & {
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "base",
        "video",
        "audio",
    } == set()


def test_the_policy_allows_this_script_and_this_style_and_no_request(page):
    def fingerprint(text: str) -> str:
        return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    policy = next(a["content"] for tag, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    _, script = page.texts["script"]
    (style,) = page.texts["style"]

    assert policy == (
        f"default-src 'none'; script-src '{fingerprint(script)}'; style-src '{fingerprint(style)}';"
        " base-uri 'none'; form-action 'none'"
    )
    assert not [
        name for _, attributes in page.elements for name in attributes if name == "style" or name.startswith("on")
    ]


def test_hostile_names_are_names_and_nothing_else(page):
    shown = {role[0] for role in page.data()["roles"]}
    clean = [name.replace("\u202e", "").replace("\x1b", " ").replace("\x07", " ") for name in HOSTILE]

    assert {name for name in clean if any(told == name or told.startswith(f"{name} (") for told in shown)} == set(clean)
    assert (
        set(clean)
        <= {option.split(" (Sales)")[0] for option in page.options} | {name.split(" (")[0] for name in shown} | shown
    )
    assert [tag for tag, _ in page.elements if tag in {"script", "b"}] == ["script", "script"]
    assert "\u202e" not in page.text
    assert "\x1b" not in page.text
    assert page.text.count("<script") == 2


def test_the_data_block_cannot_be_closed_from_within(page):
    block = page.texts["script"][0]

    assert not set("<>&\u2028\u2029") & set(block)


def test_no_person_is_in_the_page(page_file):
    text = page_file.read_text()

    assert not [value for value in (*PERSONAL, "cand_canary", "cand_0") if value in text]


def test_what_a_reader_hears_is_in_order(page):
    tags = [tag for tag, _ in page.elements]
    headings = [int(tag[1]) for tag in tags if re.fullmatch(r"h[1-6]", tag)]

    assert headings[0] == 1
    assert all(below - above <= 1 for above, below in itertools.pairwise(headings))
    assert page.elements[0] == ("html", {"lang": "en"})
    assert all(a.get("scope") in {"col", "row"} for tag, a in page.elements if tag == "th")
    regions = [a for tag, a in page.elements if a.get("class") == "scroll"]
    assert all(a["tabindex"] == "0" and a["role"] == "region" and a["aria-label"] for a in regions)
    assert tags.count("table") == tags.count("caption") == len(regions)
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for tag, a in page.elements if tag == "a"} <= set(ids)


def test_the_same_warehouse_gives_the_same_page(reported, page_file):
    assert report_text(open_warehouse(str(reported)), today=TODAY) == page_file.read_text()


def test_an_empty_company_has_a_page_that_says_so(tmp_path):
    file = ReportWorld(tmp_path / "empty.duckdb").save()
    found = ReadPage(write_report(open_warehouse(str(file)), tmp_path / "r.html", today=TODAY).read_text())

    assert "Nothing has been refreshed yet." in found.text
    assert {tuple(row) for panel in found.tables for row in found.rows(panel)} == {("Nothing to show.",)}


def test_a_big_company_still_fits_a_mail(tmp_path):
    file = small_world(tmp_path / "w.duckdb", roles=110, months=15).save()
    text = report_text(open_warehouse(str(file)), today=TODAY, most_bytes=300_000)
    found = ReadPage(text)

    assert len(text.encode()) <= 300_000 < MOST_BYTES
    assert "roles with the fewest applications have no filter of their own" in text
    with duckdb.connect(str(file), read_only=True) as database:
        reached = "select sum(count_reached) from reports.rpt_hiring_funnel where stage = 'offer'"
        (total,) = database.execute(reached).fetchone()
    assert found.rows("funnel")[4][1] == f"{total:,}"


def test_a_warehouse_without_reports_or_none_at_all_is_told_what_to_do(tmp_path):
    with pytest.raises(UsageError, match="hiring-elt refresh"):
        write_report(open_warehouse(str(tmp_path / "none.duckdb")), tmp_path / "r.html")
    with duckdb.connect(str(tmp_path / "raw.duckdb")) as database:
        database.execute("create schema meta")
    with pytest.raises(UsageError, match="hiring-elt build"):
        write_report(open_warehouse(str(tmp_path / "raw.duckdb")), tmp_path / "r.html")
    assert not list(tmp_path.glob("*.html"))


def test_a_place_that_cannot_be_written_is_named_and_nothing_is_left(tmp_path, reported):
    with pytest.raises(CannotWrite, match="nowhere"):
        write_report(open_warehouse(str(reported)), tmp_path / "nowhere" / "r.html")
    (tmp_path / "folder").mkdir()
    with pytest.raises(CannotWrite):
        write_report(open_warehouse(str(reported)), tmp_path / "folder")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_page_never_mixes_two_refreshes(tmp_path):
    """Another refresh publishes while the report is being read: it is read again."""
    file = small_world(tmp_path / "w.duckdb").save()

    class Moving(DuckDBFile):
        asked = 0

        def query(self, sql):
            self.asked += 1
            if self.asked == 6:
                with duckdb.connect(str(self.path)) as database:
                    database.execute("update intermediate.int_accounts__dated set as_of_at = '2026-05-20 09:00:00+00'")
                    database.execute("update reports.rpt_hiring_funnel set count_reached = 1000")
            return super().query(sql)

    text = report_text(Moving(file), today=TODAY)

    assert text == report_text(open_warehouse(str(file)), today=TODAY)
    assert "as of <time>2026-05-20 09:00" in text
