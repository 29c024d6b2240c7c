"""The program as somebody at a prompt or a scheduler calls it, in this process."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from typing import Any

import pytest

from connector.sandbox import Company
from pipelines import cli


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str

    @property
    def last_line(self) -> dict[str, Any]:
        """The object on the last line of standard output."""
        found = json.loads(self.out.splitlines()[-1])
        assert isinstance(found, dict)
        return found


@pytest.fixture
def company() -> Company:
    """A company of today: commands say how old things are."""
    return Company(seed=11, candidates=40, days=90)


@pytest.fixture
def hiring_elt(monkeypatch, capsys):
    """Run a command line to its end."""

    def run(*words) -> Ended:
        monkeypatch.setattr(sys, "argv", ["hiring-elt", *map(str, words)])
        mask = os.umask(0o022)
        try:
            with pytest.raises(SystemExit) as ended:
                cli.main()
        finally:
            os.umask(mask)
        said = capsys.readouterr()
        return Ended(int(ended.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def asked(server, warehouse, monkeypatch):
    """The settings of a user: the sandbox's platforms, and a warehouse that is not there yet."""
    monkeypatch.setenv("WAREHOUSE", str(warehouse))
    return server
