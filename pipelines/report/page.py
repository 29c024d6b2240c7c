"""Writes the page: everything that comes from the warehouse passes through `_escaped` or the JSON block."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from pipelines.report.figures import NO_ROLE, columns_shown, grouped, kept, summed_columns
from pipelines.report.panel import STAGES
from pipelines.report.words import NOTHING, instant, key_words, plain, value_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipelines.report.figures import Figures, Row
    from pipelines.report.gather import Gathered
    from pipelines.report.panel import Chapter, Column, Panel

ROWS_SHOWN: Final = 50
MONTHS_TO_PICK: Final = 12
_PERIODS: Final = (("", "All time"), ("12", "Last 12 months"), ("6", "Last 6 months"), ("3", "Last 3 months"))


def page(found: Gathered, chapters: Sequence[Chapter], today: datetime) -> str:
    """The whole page as one text."""
    figures = found.figures
    style, script = _asset("page.css"), _asset("chart.js") + _asset("page.js")
    policy = (
        f"default-src 'none'; script-src '{_fingerprint(script)}'; style-src '{_fingerprint(style)}';"
        " base-uri 'none'; form-action 'none'"
    )
    links = "".join(f'<a href="#{chapter.name}">{_escaped(chapter.title)}</a>' for chapter in chapters)
    body = "".join(_chapter(chapter, figures) for chapter in chapters)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>Hiring report</title>
<style>{style}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the figures</a>
<header class="top">
<h1>Hiring report</h1>
<p class="stamp">{_stamp(found, today)}</p>
</header>
<nav class="chapters" aria-label="Chapters"><a href="#overview">Overview</a>{links}</nav>
<noscript><p class="notice">Charts and filters need this page's own script, which is switched off here.
The tables say it all.</p></noscript>
{_filters(figures, max(found.as_of.values(), default=None))}
<main id="main">
{_overview(found, figures)}
{body}
</main>
<footer><p>Rates come with their 95&nbsp;% bounds. Figures that would rest on fewer than {figures.min_n} cases are not
shown: “too few” says how many there are. “{NOTHING}” means there is nothing to count or that it cannot be told.
Days and months are those of the warehouse's report time zone, instants are UTC. This page holds no names of people, no
contact data and no free text, and asks no server for anything.</p></footer>
<script type="application/json" id="figures">{_json(_for_script(figures, chapters, found))}</script>
<script>{script}</script>
</body>
</html>
"""


def _escaped(text: object) -> str:
    return escape(plain(text), quote=True)


def _asset(name: str) -> str:
    return files("pipelines.report").joinpath(name).read_text(encoding="utf-8")


def _fingerprint(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()


def _json(found: Any) -> str:
    """JSON that no HTML parser can see an end tag or a comment in."""
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"), default=_as_text)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _as_text(value: Any) -> str:
    return instant(value) if isinstance(value, datetime) else str(value)


def _stamp(found: Gathered, today: datetime) -> str:
    if not found.as_of:
        return f"Nothing has been refreshed yet. Written {instant(today)} UTC."
    told = ", ".join(f"{_escaped(source)} as of <time>{instant(at)}</time>" for source, at in found.as_of.items())
    return f"{told} UTC. Written <time>{instant(today)}</time> UTC."


def _filters(figures: Figures, as_of: datetime | None) -> str:
    departments = sorted({role.department for role in figures.roles if role.department})
    roles = sorted(enumerate(figures.roles), key=lambda pair: (pair[1].name.casefold(), pair[0]))
    parts = [
        _select("period", "Period", [*_PERIODS, *((month, month) for month in _months(as_of))]),
        _select("source", "Source", [("", "All sources"), *((str(i), name) for i, name in enumerate(figures.sources))]),
        _select("department", "Department", [("", "All departments"), *((name, name) for name in departments)]),
        _select("role", "Role", [("", "All roles"), *((str(position), role.name) for position, role in roles)]),
    ]
    return (
        f'<form class="filters" id="filters" aria-label="Filters" hidden>{"".join(parts)}'
        '<button type="reset">Clear</button><p id="said" role="status" aria-live="polite"></p></form>'
    )


def _months(as_of: datetime | None) -> list[str]:
    """The twelve months up to the last refresh, newest first: each may be looked at alone."""
    if as_of is None:
        return []
    newest = as_of.year * 12 + as_of.month - 1
    return [f"{month // 12:04}-{month % 12 + 1:02}" for month in range(newest, newest - MONTHS_TO_PICK, -1)]


def _select(name: str, label: str, options: Iterable[tuple[str, str]]) -> str:
    told = "".join(f'<option value="{_escaped(value)}">{_escaped(text)}</option>' for value, text in options)
    return f'<label>{label} <select name="{name}" autocomplete="off">{told}</select></label>'


def _overview(found: Gathered, figures: Figures) -> str:
    tiles = "".join(
        f"<div><dt>{_escaped(headline.label)}</dt><dd><strong>{_escaped(headline.value)}</strong>"
        f"<span>{_escaped(headline.change)}</span><small>{_escaped(headline.means)}</small></dd></div>"
        for headline in found.headlines
    )
    left_out = (
        f'<p class="note">{figures.left_out} roles with the fewest applications have no filter of their own;'
        " they count wherever figures are added up, and are not in the lists of single roles.</p>"
        if figures.left_out
        else ""
    )
    return (
        '<section id="overview" class="chapter"><h2>Overview</h2><p class="note">All sources and roles, whatever the'
        f' filters say; counted back from the last refresh of each source.</p><dl class="tiles">{tiles}</dl>'
        f'<p class="note trust">{_escaped(found.readings)} <a href="#trust">Freshness and data quality</a>'
        f" say more.</p>{left_out}</section>"
    )


def _chapter(chapter: Chapter, figures: Figures) -> str:
    panels = "".join(_panel(panel, figures) for panel in chapter.panels)
    return f'<section id="{chapter.name}" class="chapter"><h2>{_escaped(chapter.title)}</h2>{panels}</section>'


def _panel(panel: Panel, figures: Figures) -> str:
    rows = grouped(panel, kept(panel, figures.rows[panel.source]))
    limits = [] if panel.by_period else ["period"]
    limits += [] if panel.by_role else ["department or role"]
    notes = [*panel.notes, *([f"Not filtered by {' and '.join(limits)}."] if limits else [])]
    told = "".join(f"<li>{_escaped(note)}</li>" for note in notes)
    where = ", ".join(panel.reads)
    return (
        f'<article class="panel" id="panel-{panel.name}" data-panel="{panel.name}"><h3>{_escaped(panel.title)}</h3>'
        f'<p class="question">{_escaped(panel.question)}</p><div class="chart"></div>{_table(panel, rows, figures)}'
        f'{_means(panel)}<ul class="notes">{told}<li>From <code>{where}</code>.</li></ul></article>'
    )


def _means(panel: Panel) -> str:
    """What the columns mean, for those who cannot hover."""
    told = "".join(
        f"<dt>{_escaped(column.label)}</dt><dd>{_escaped(column.means)}</dd>"
        for column in panel.columns
        if column.means
    )
    return f'<details class="means"><summary>What the columns mean</summary><dl>{told}</dl></details>' if told else ""


def _table(panel: Panel, rows: list[Row], figures: Figures) -> str:
    columns = columns_shown(panel, figures)
    heads = "".join(
        f'<th scope="col"{_attribute("title", column.means)}{_attribute("class", _looks(column))}>'
        f"{_escaped(column.label)}</th>"
        for column in columns
    )
    body = "".join(_table_row(columns, row, figures) for row in rows[:ROWS_SHOWN])
    if not rows:
        body = f'<tr><td colspan="{len(columns)}">Nothing to show.</td></tr>'
    more = (
        f'<button type="button" class="more" hidden>Show all {len(rows)} rows</button>'
        if len(rows) > ROWS_SHOWN
        else ""
    )
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="Table: {_escaped(panel.title)}"><table>'
        f'<caption class="away">{_escaped(panel.title)}</caption><thead><tr>{heads}</tr></thead>'
        f'<tbody>{body}</tbody></table></div><p class="count">{_count(len(rows))}{more}</p>'
    )


def _count(rows: int) -> str:
    return f"<span>{ROWS_SHOWN} of {rows} rows</span> " if rows > ROWS_SHOWN else "<span></span>"


def _table_row(columns: Sequence[Column], row: Row, figures: Figures) -> str:
    cells = []
    for position, column in enumerate(columns):
        words = _escaped(cell_words(column, row, figures))
        if position == 0:
            cells.append(f'<th scope="row"{_attribute("class", _looks(column))}>{words}</th>')
        else:
            cells.append(f"<td{_attribute('class', _looks(column))}>{words}</td>")
    return f"<tr>{''.join(cells)}</tr>"


def cell_words(column: Column, row: Row, figures: Figures) -> str:
    """What a cell says."""
    if column.kind == "role":
        return figures.role_name(row["role"])
    if column.kind == "source":
        return figures.source_name(row["source"])
    if column.is_key:
        return key_words(column, row[column.name])
    return value_words(column, row, figures.min_n)


def _looks(column: Column) -> str:
    """The class of a cell: figures stand to the right, a few texts need room of their own."""
    if column.kind in {"role", "source", "instant"}:
        return column.kind
    return "" if column.is_key or column.kind == "word" else "n"


def _attribute(name: str, value: str) -> str:
    return f' {name}="{_escaped(value)}"' if value else ""


def _for_script(figures: Figures, chapters: Sequence[Chapter], found: Gathered) -> dict[str, Any]:
    """What the page's script goes by: the same panels, and their rows column by column."""
    panels = [panel for chapter in chapters for panel in chapter.panels]
    sources = list(dict.fromkeys(panel.source for panel in panels))
    last = max(found.as_of.values(), default=None)
    return {
        "minN": figures.min_n,
        "rowsShown": ROWS_SHOWN,
        "noRole": NO_ROLE,
        "stages": STAGES,
        "asOf": None if last is None else f"{last:%Y-%m-%d}",
        "sources": figures.sources,
        "roles": [[role.name, role.department, role.source] for role in figures.roles],
        "rows": [_columnar(figures.rows[sql], _needed(panels, sql)) for sql in sources],
        "panels": [
            asdict(panel)
            | {
                "source": sources.index(panel.source),
                "columns": [asdict(column) | {"means": ""} for column in columns_shown(panel, figures)],
                "keys": [column.name for column in panel.columns if column.is_key],
                "sums": summed_columns(panel),
                "notes": (),
            }
            for panel in panels
        ],
    }


def _needed(panels: Iterable[Panel], sql: str) -> list[str]:
    """The columns of a query that any panel uses."""
    names = ["source", "role"]
    for panel in panels:
        if panel.source != sql:
            continue
        names += [name for name, _ in panel.where]
        names += [panel.by_period, *(name.removeprefix("-") for name in panel.order)]
        for column in panel.columns:
            names += [column.name, column.n]
            names += [f"{column.name}_{end}" for end in ("n", "low", "high")] if column.kind == "given_rate" else []
        if panel.chart:
            names += [*panel.chart.split, *panel.chart.x]
            names += [name for series in panel.chart.series for name in (series.name, series.low, series.high)]
    return [name for name in dict.fromkeys(names) if name]


def _columnar(rows: list[Row], names: list[str]) -> dict[str, Any]:
    """Rows column by column; a column of texts as its different words and where they stand."""
    answer: dict[str, Any] = {}
    for name in names:
        values = [row[name] for row in rows]
        if all(value is None or isinstance(value, int | float) for value in values):
            answer[name] = values
            continue
        words = {value: position for position, value in enumerate(dict.fromkeys(values))}
        answer[name] = {"words": list(words), "at": [words[value] for value in values]}
    return answer
