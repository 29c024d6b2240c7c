"""Reads a page as a browser without script would: its elements, its tables, its data block."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

VOID = {"meta", "br", "img", "link", "input", "hr"}


class ReadPage(HTMLParser):
    """The elements of a page with their attributes, the text of scripts and styles, and tables by panel."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = text
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.options: list[str] = []
        self.tiles: list[list[str]] = []
        self.texts: dict[str, list[str]] = {"script": [], "style": []}
        self.open: list[str] = []
        self.panel = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        if tag not in VOID:
            self.open.append(tag)
        self.panel = attributes.get("data-panel") or self.panel
        if tag == "tr":
            self.tables.setdefault(self.panel, []).append([])
        elif tag in {"td", "th"}:
            self.tables[self.panel][-1].append("")
        elif tag == "option":
            self.options.append("")
        elif tag == "dl" and attributes.get("class") == "tiles":
            self.tiles = []
        elif tag in self.texts:
            self.texts[tag].append("")
        elif tag == "dt":
            self.tiles.append(["", ""])

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1:] == [tag], f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        inside = self.open[-1] if self.open else ""
        if inside in self.texts:
            self.texts[inside][-1] += data
        elif inside in {"td", "th"}:
            self.tables[self.panel][-1][-1] += data
        elif inside == "option":
            self.options[-1] += data
        elif inside == "dt" and self.tiles:
            self.tiles[-1][0] += data
        elif inside == "strong" and self.tiles:
            self.tiles[-1][1] += data

    def rows(self, panel: str) -> list[list[str]]:
        """The rows of a panel's table, without its head."""
        return self.tables[panel][1:]

    def data(self) -> dict[str, Any]:
        """The block that the page's script reads."""
        return json.loads(self.texts["script"][0])
