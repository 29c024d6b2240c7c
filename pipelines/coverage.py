"""The coverage table of the README: which endpoint fills which table, made from the tables of streams.

python -m pipelines.coverage README.md     # writes it between the two marks
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from connector.contract import Way
from connector.platforms import PLATFORMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.contract import Platform, Stream

BEGIN: Final = "<!-- coverage -->"
END: Final = "<!-- /coverage -->"
HEAD: Final = ("endpoint", "raw tables", "scope", "key", "kept fresh by", "absence is found by")
FRESH: Final = {
    Way.LISTED: "reading the whole list, records compared by hash",
    Way.WHOLE: "reading it whole, one reply each",
    Way.NESTED: "changed parents, those with open work, a rotating share of all",
    Way.PAGED_BY_PARENT: "reading the whole list of each id in the settings",
    Way.LOG: "reading back to the newest row known",
}


def coverage_table() -> str:
    """The table as markdown, with the sentence about what is left out."""
    lines = [f"| {' | '.join(HEAD)} |", f"|{' --- |' * len(HEAD)}"]
    for platform in PLATFORMS.values():
        if platform.me_path:
            lines.append(
                _line(f"{platform.title} `{platform.me_path}`", "`meta.principals`", "any", "", "each refresh", "")
            )
        lines += [_line(*_cells(platform, stream)) for stream in platform.streams]
    by_id = sorted(
        f"`{stream.by_id}`" for platform in PLATFORMS.values() for stream in platform.streams if stream.by_id
    )
    confirmed = f"Single records ({', '.join(by_id)}) are asked for to confirm that an absent one is gone."
    return "\n".join([*lines, "", confirmed, "", *_left_alone()])


def _left_alone() -> Iterator[str]:
    """The endpoints that are not asked, by the reason."""
    endpoints = [pair for platform in PLATFORMS.values() for pair in platform.not_read.items()]
    writing = ", ".join(f"`{endpoint}`" for endpoint, why in endpoints if why == "writes")
    yield f"Endpoints that write are out of scope: {writing}. The connector sends `GET` and nothing else."
    yield from (f"Not asked: `{endpoint}`, because {why}." for endpoint, why in endpoints if why != "writes")


def _cells(platform: Platform, stream: Stream) -> Iterator[str]:
    yield f"{platform.title} `{stream.path}`"
    yield ", ".join(f"`{table.name}`" for table in stream.tables)
    yield "none, no key is sent" if stream.public else f"`{stream.scope}`" if stream.scope else "an administrator's key"
    yield ", ".join(f"`{name}`" for name in stream.key)
    setting = stream.parent_setting or ("" if stream.on_by_default else "api_key_audit")
    yield FRESH[stream.way] + (f"; off unless `{setting}` is set" if setting else "")
    yield _absence(stream)


def _absence(stream: Stream) -> str:
    """How a row that is no longer shown is found."""
    if stream.way is Way.LOG:
        return "never: a log only grows"
    if stream.way is Way.NESTED:
        return "the reply of its parent, or the parent's own absence"
    found = "two complete readings in a row without it"
    if stream.by_id:
        found = "a complete reading without it, then asking for its id"
    elif stream.way is Way.WHOLE:
        found = "a complete reading without it"
    return f"`{stream.deleted_at}`, else {found}" if stream.deleted_at else found


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def with_table(page: str) -> str:
    """The page with the present table between the marks; raises ValueError when the marks are missing."""
    pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    if not pattern.search(page):
        raise ValueError(f"The page has no {BEGIN} and {END}.")
    return pattern.sub(lambda _: f"{BEGIN}\n\n{coverage_table()}\n\n{END}", page, count=1)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        path = Path(name)
        path.write_text(with_table(path.read_text()))
