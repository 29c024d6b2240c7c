"""The other end of `crash_child`: a process that has imported everything, and forks a child for each run or stays."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import TracebackType

    from tests.scenarios.town import Town

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ended:
    """How a run ended: exit status (negative: the signal), events, the one at which it was killed, and so on."""

    status: int
    events: int
    at: str
    seconds: float
    seconds_after: float
    peak_mb: int
    sockets: list[str]


@dataclass(frozen=True)
class Stayed:
    """How a run ended in a process that lives on, and what that holds afterwards."""

    status: int
    memory_mb: int
    open_files: int


class Zygote:
    """Runs commands in children of a process that is ready."""

    root = ROOT
    words: tuple[str, ...] = ()
    ended: type[Any] = Ended

    def __enter__(self) -> Self:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SOURCES__")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.crash_child", *self.words],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def refresh(self, town: Town, *arguments: str, **order: Any) -> Any:
        """Refresh a town's warehouse; the models are left out unless `build` is asked for."""
        built = () if order.pop("build", False) else ("--skip-build",)
        words = ["refresh", *built, "--warehouse", str(town.warehouse), *arguments]
        environment = dict(os.environ) | order.pop("environment", {})
        output = order.pop("output", str(town.warehouse.parent.parent / "output.txt"))
        return self.order(
            arguments=words, environment=environment, folder=str(town.warehouse.parent), output=output, **order
        )

    def order(self, **order: Any) -> Any:
        """Give one order and wait for what came of it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self.ended(**json.loads(self._process.stdout.readline()))


class OneProcess(Zygote):
    """Runs all commands in one process that stays."""

    words = ("stays",)
    ended = Stayed
