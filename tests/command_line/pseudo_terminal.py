"""A command in a terminal of some width, somebody typing, and everything that it shows."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time
from dataclasses import dataclass

from tests.orchestration.conftest import ROOT

RUN = "from pipelines.cli import main; main()"


@dataclass(frozen=True)
class Screen:
    """How the command ended, and all that it wrote to its terminal, as sent."""

    status: int
    shown: str


class Hidden(str):
    """What is typed where nothing is shown: not before the terminal stops showing, for what came earlier is dropped."""

    __slots__ = ()


def shows_input(terminal) -> bool:
    """Whether the terminal shows what is typed."""
    return bool(termios.tcgetattr(terminal)[3] & termios.ECHO)


def in_terminal(*words, typed=(), columns=80, environment=None, folder=None, seconds=300, interrupt=None) -> Screen:
    """Run a command line; `typed` are pairs of what to wait for and what to type; `interrupt` is when Ctrl-C."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder or ".")
        settings = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | (environment or {})
        settings |= {"TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
        os.execve(sys.executable, [sys.executable, "-c", RUN, *map(str, words)], settings)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    steps = [*typed, *([(interrupt, "\x03")] if interrupt else [])]
    shown, seen, give_up = "", 0, time.monotonic() + seconds
    while time.monotonic() < give_up:
        if steps and steps[0][0] in shown[seen:] and not (isinstance(steps[0][1], Hidden) and shows_input(terminal)):
            seen = shown.index(steps[0][0], seen) + len(steps[0][0])
            os.write(terminal, steps.pop(0)[1].encode())
        if select.select([terminal], [], [], 0.05)[0]:
            try:
                part = os.read(terminal, 65536).decode(errors="replace")
            except OSError:  # Linux tells the end of a terminal as an error
                break
            if not part:
                break
            shown += part
    else:
        os.kill(pid, 9)
    _, status = os.waitpid(pid, 0)
    with contextlib.suppress(OSError):
        os.close(terminal)
    assert not steps, f"never shown: {steps[0][0]!r} in {shown!r}"
    return Screen(os.waitstatus_to_exitcode(status), shown)
