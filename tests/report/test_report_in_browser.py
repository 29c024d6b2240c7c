"""The page in a real browser: what its script draws and says is what Python wrote, at every size and in both lights."""

from __future__ import annotations

import json
import re

import duckdb
import pytest

from pipelines.report import write_report
from pipelines.warehouse import open_warehouse
from tests.report.browser import Chromium, installed
from tests.report.page_reading import ReadPage

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(installed() is None, reason="Chromium is not installed on this machine"),
]

PRINTED_PIXELS = 1032
"""The width between the margins of the page that the style asks for."""
TABLE = """(name) => Array.from(document.querySelectorAll(`#panel-${name} tbody tr`),
    (line) => Array.from(line.cells, (cell) => cell.textContent))"""
PICK = """(name, value) => { const box = document.getElementById("filters").elements[name]; box.value = value;
    box.dispatchEvent(new Event("change", { bubbles: true })); return box.value; }"""


@pytest.fixture(scope="module")
def browser():
    with Chromium() as running:
        yield running


@pytest.fixture
def opened(browser, page_file):
    return browser.open(page_file, width=1280, height=900)


def table(opened, panel: str) -> list[list[str]]:
    return opened.run(f"({TABLE})({json.dumps(panel)})")


def pick(opened, name: str, text: str) -> None:
    """Choose the option of this text."""
    values = opened.run(
        f"Array.from(document.querySelectorAll('[name={name}] option'), (o) => [o.textContent, o.value])"
    )
    value = dict(values)[text]
    assert opened.run(f"({PICK})({json.dumps(name)}, {json.dumps(value)})") == value


def test_the_page_asks_nobody_and_complains_of_nothing(opened, page_file):
    assert opened.requests()[-1:] == [page_file.as_uri()]
    assert {address for address in opened.requests() if not address.startswith("file:")} == set()
    assert opened.complaints() == []


def test_a_request_from_the_page_would_be_stopped(opened):
    said = opened.run("fetch('http://127.0.0.1:9/').then(() => 'sent', () => 'stopped')")

    assert said == "stopped"
    assert "Content Security Policy" in " ".join(opened.complaints())


def test_the_script_says_every_table_as_python_wrote_it(opened, page):
    """Clearing the filters makes the script write all tables anew."""
    opened.run("document.getElementById('filters').reset()")
    opened.wait("document.querySelector('#panel-funnel tbody tr') !== null")
    opened.run("new Promise((done) => setTimeout(done, 50))")

    assert {name: table(opened, name) for name in page.tables} == {name: page.rows(name) for name in page.tables}


def test_every_panel_has_a_drawing_with_a_name(opened, page):
    drawn = opened.run(
        "Array.from(document.querySelectorAll('.panel'), (panel) => [panel.dataset.panel,"
        " panel.querySelectorAll('.chart > svg[role=img]').length,"
        " panel.querySelector('.chart > svg')?.getAttribute('aria-label') ?? ''])"
    )

    assert [name for name, count, label in drawn if count != 1 or not label] == []
    marks = opened.run("document.querySelectorAll('#panel-funnel rect.mark').length")
    assert marks == 6


def test_a_role_filter_leaves_the_sums_of_that_role(opened, page, ask_reported):
    pick(opened, "role", "Role 4 (Sales)" if "Role 4 (Sales)" in page.options else page.data()["roles"][9][0])
    name = opened.run("document.querySelector('[name=role]').selectedOptions[0].textContent")
    place = next(number for number, role in enumerate(page.data()["roles"]) if role[0] == name)
    ids = ask_reported(
        "select r.role_id from marts.dim_roles r left join reports.rpt_open_roles o using (role_id)"
        " order by (o.role_id is null), r.count_applications desc, r.role_id"
    )
    reached = ask_reported(
        f"select stage, sum(count_reached) from reports.rpt_hiring_funnel where role_id = '{ids[place][0]}'"
        " group by stage, stage_rank order by stage_rank"
    )

    assert [[row[0], row[1]] for row in table(opened, "funnel")] == [[stage, f"{count:,}"] for stage, count in reached]
    assert {row[1] for row in table(opened, "time_to_hire")} == {name}
    assert [row[1] for row in table(opened, "time_in_step")] == [name] * 3
    assert name in opened.run("document.getElementById('said').textContent")


def test_period_source_and_department_narrow_too(opened, ask_reported):
    pick(opened, "period", "Last 3 months")
    months = [row[0] for row in table(opened, "cohorts")]
    assert months == sorted(months, reverse=True)
    assert set(months) <= {"2026-05", "2026-04", "2026-03"}

    pick(opened, "source", "Tailed · quebec")
    (sold,) = ask_reported(
        "select sum(count_applications) from reports.rpt_hiring_funnel where stage = 'hired' and platform = 'tailed'"
        " and cohort_month >= date '2026-03-01'"
    )[0]
    assert sum(int(row[1]) for row in table(opened, "cohorts")) == sold

    pick(opened, "department", "<b>R&D</b>")
    assert opened.run("document.querySelectorAll('[name=role] option:not([hidden])').length") >= 1
    assert opened.complaints() == []


def test_a_month_can_be_looked_at_alone(opened, ask_reported):
    pick(opened, "period", "2026-04")
    told = ask_reported(
        "select stage, sum(count_reached) from reports.rpt_hiring_funnel where cohort_month = date '2026-04-01'"
        " group by stage, stage_rank order by stage_rank"
    )

    assert [[row[0], row[1]] for row in table(opened, "funnel")] == [[stage, f"{count:,}"] for stage, count in told]
    assert [row[0] for row in table(opened, "cohorts")] == ["2026-04"]
    assert {row[0][:7] for row in table(opened, "trend")} == {"2026-04"}
    assert "Showing 2026-04." in opened.run("document.getElementById('said').textContent")


def test_filters_and_tables_can_be_reached_and_used_by_keyboard(opened):
    seen = []
    for _ in range(16):
        opened.press("Tab")
        seen.append(
            opened.run(
                "document.activeElement.name || document.activeElement.className || document.activeElement.tagName"
            )
        )

    assert seen[0] == "skip"
    assert [name for name in seen if name in {"period", "source", "department", "role"}] == [
        "period",
        "source",
        "department",
        "role",
    ]
    assert "scroll" in seen
    outline = opened.run("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_nothing_sticks_out_and_texts_can_be_read(browser, page_file, tmp_path, width, height, dark):
    opened = browser.open(page_file, width=width, height=height, dark=dark)

    assert opened.run("document.documentElement.scrollWidth") == width
    assert opened.run(OUTSIDE) == []
    assert opened.run(PALE) == []
    picture = opened.photograph(tmp_path / "page.png", height=1800)
    assert picture.stat().st_size > 20_000


# Texts of a drawing that leave it.
OUTSIDE = """Array.from(document.querySelectorAll(".chart svg")).flatMap((svg) => {
    const box = svg.getBoundingClientRect();
    return Array.from(svg.querySelectorAll("text")).filter((text) => {
        const own = text.getBoundingClientRect();
        return own.width && (own.left < box.left - 1 || own.right > box.right + 1 || own.bottom > box.bottom + 2);
    }).map((text) => text.textContent);
})"""

# Texts with a contrast below 4.5 : 1, marks below 3 : 1, against the ground they stand on.
PALE = """(() => {
    const light = (words) => {
        const parts = words.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
            .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
    };
    const ground = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const colour = getComputedStyle(at).backgroundColor;
            if (!/, 0\\)$/.test(colour) && colour !== "transparent") return colour;
        }
        return getComputedStyle(document.body).backgroundColor;
    };
    const contrast = (one, other) => {
        const [high, low] = [light(one), light(other)].sort((left, right) => right - left);
        return (high + 0.05) / (low + 0.05);
    };
    const pale = new Set();
    for (const element of document.querySelectorAll("body *")) {
        if (!element.textContent.trim() || !element.getClientRects().length) continue;
        const style = getComputedStyle(element);
        const drawn = element instanceof SVGElement;
        if (drawn && element.tagName !== "text") continue;
        const colour = drawn ? style.fill : style.color;
        if (contrast(colour, ground(element)) < 4.5) pale.add(element.tagName + "." + element.className);
    }
    for (const mark of document.querySelectorAll(".chart rect.mark, .chart circle")) {
        if (contrast(getComputedStyle(mark).fill, ground(mark)) < 3) pale.add("mark " + mark.getAttribute("class"));
    }
    return Array.from(pale);
})()"""


def test_printed_it_has_no_controls_and_whole_tables(opened):
    opened.say(
        "Emulation.setEmulatedMedia", media="print", features=[{"name": "prefers-color-scheme", "value": "dark"}]
    )

    assert opened.run("getComputedStyle(document.getElementById('filters')).display") == "none"
    assert opened.run("getComputedStyle(document.querySelector('.scroll')).maxHeight") == "none"
    assert opened.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert len(opened.say("Page.printToPDF", preferCSSPageSize=True)["data"]) > 50_000
    opened.resize(PRINTED_PIXELS, 800)
    cut = "Array.from(document.querySelectorAll('.scroll')).filter((box) => box.scrollWidth > box.clientWidth + 1)"
    assert opened.run(f"{cut}.map((box) => box.getAttribute('aria-label'))") == []


def test_without_its_script_the_page_still_says_it_all(browser, page_file, page):
    opened = browser.open(page_file, width=1280, height=900)
    opened.say("Emulation.setScriptExecutionDisabled", value=True)
    opened.say("Page.reload")
    opened.wait("document.readyState === 'complete' && document.querySelector('noscript p') !== null")

    assert opened.run("getComputedStyle(document.getElementById('filters')).display") == "none"
    assert table(opened, "funnel") == page.rows("funnel")


@pytest.mark.slow
def test_the_report_of_a_refreshed_company_agrees_with_its_marts(run, server, warehouse, browser, tmp_path):
    """From the API to the screen: a company, a refresh with models, the page, the numbers on it."""
    run(skip_build=False)
    page_of_company = write_report(open_warehouse(str(warehouse)), tmp_path / "report.html")
    opened = browser.open(page_of_company, width=1280, height=900)

    with duckdb.connect(str(warehouse), read_only=True) as database:
        ranks = "select count(*) filter (where furthest_stage_rank >= place) from marts.fct_applications"
        expected = [database.execute(ranks.replace("place", str(place))).fetchone()[0] for place in range(1, 7)]
        (waiting,) = database.execute("select count(*) from marts.fct_applications where is_in_pipeline").fetchone()
        names = [
            row[0] for row in database.execute("select full_name from raw_talent_ray.candidates").fetchall() if row[0]
        ]
    assert [int(row[1].replace(",", "")) for row in table(opened, "funnel")] == expected
    assert sum(int(row[1]) for row in table(opened, "aging")) == waiting
    text = page_of_company.read_text()
    people = [row["fullName"] for row in server.company.truth("talent_ray", "candidates") if row.get("fullName")]
    assert people
    assert [name for name in {*names, *people} if len(name) > 5 and name in text] == []
    assert not re.findall(r"[\w.+-]+@[\w-]+\.\w+", ReadPage(text).texts["script"][0])
    assert opened.complaints() == []
