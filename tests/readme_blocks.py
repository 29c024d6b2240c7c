"""The README files as they are read by a machine: their blocks, commands, and names in code type."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", *sorted(path for path in ROOT.glob("*/README.md") if not path.parent.name.startswith(".")))
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One fenced block of a page."""

    page: Path
    language: str
    text: str


def blocks(language: str, *pages: Path) -> list[Block]:
    """The blocks of a language, page by page."""
    return [
        Block(page, found, text)
        for page in pages or PAGES
        for found, text in FENCE.findall(page.read_text(encoding="utf-8"))
        if found == language
    ]


def commands(*pages: Path) -> list[str]:
    """Every line that a reader is told to type."""
    lines = [line for block in blocks("console", *pages) for line in block.text.splitlines()]
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


def words(page: Path) -> set[str]:
    """Everything in code type outside of blocks."""
    return set(re.findall(r"`([^`\n]+)`", FENCE.sub("", page.read_text(encoding="utf-8"))))


def named(page: Path) -> str:
    """How a page is called in the list of tests."""
    return str(page.relative_to(ROOT))
