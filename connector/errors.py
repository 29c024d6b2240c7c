"""The ways in which a run can end badly, each with its exit status.

HiringEltError (1, a bug)
├── UsageError (2)              a setting, an option, a host: `setting` names it
├── KeyRefused (3)              401, or no stream is open to the key
├── Locked (4)                  somebody else holds the warehouse
├── StreamFailed (5)            one stream is not read, the others are: `stream` names it
│   ├── ScopeMissing            403 insufficient_scope: `required`, `granted`
│   ├── Forbidden               403 for another reason
│   ├── ContractBroken          whole and valid JSON of a shape that the contract does not know
│   └── RequestRefused          400, 501 and other 4xx: `status`
├── AbsenceBreaker (6)          too many known rows are absent at once
├── CannotWrite (7)             no space, read-only, no permission
├── SourceUnavailable (8)       the platform did not answer properly in the time given
│   └── BadBody                 raised by decoders: a reply that is not whole, strict JSON; asked again before it counts
├── ChecksFailed (9)            the new warehouse did not pass its own checks
└── Stopped (143, 130)          SIGTERM or SIGINT: 128 + `signal_number`

A message says what happened, where, and the next step. It never holds a key, a name, an e-mail address or a body.
"""

# ruff: noqa: N818 - the names say what happened; a suffix on each would only repeat the base class
from __future__ import annotations

import signal
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable


class HiringEltError(Exception):
    """Ends a run, or a part of it, with a message for people and an exit status for schedulers."""

    exit_status: int = 1
    default_next_step: ClassVar[str] = ""

    def __init__(self, what: str = "Something went wrong.", next_step: str = "") -> None:
        self.what = what
        self.next_step = next_step or self.default_next_step
        super().__init__(" ".join(part for part in (what, self.next_step) if part))

    def __reduce__(self) -> tuple[object, ...]:
        # Fields are keyword arguments: a copy is made from the texts, then gets the fields.
        return (type(self), (self.what, self.next_step), dict(self.__dict__))


class UsageError(HiringEltError):
    """A setting or an option is missing or wrong; nothing was asked or changed."""

    exit_status = 2

    def __init__(self, what: str = "A setting is wrong.", next_step: str = "", *, setting: str = "") -> None:
        self.setting = setting
        super().__init__(what, next_step)


class KeyRefused(HiringEltError):
    """The platform refuses the key; nothing was changed."""

    exit_status = 3
    default_next_step = "Nothing was changed. Make a new key and put it in the settings."


class Locked(HiringEltError):
    """Somebody else holds the warehouse; nothing was changed."""

    exit_status = 4
    default_next_step = "Nothing was changed. Try again later, or wait for it with --wait."


class StreamFailed(HiringEltError):
    """One stream could not be read; its rows stay as they are and the other streams go on."""

    exit_status = 5

    def __init__(self, what: str = "A stream could not be read.", next_step: str = "", *, stream: str = "") -> None:
        self.stream = stream
        super().__init__(what, next_step)


class ScopeMissing(StreamFailed):
    """The key lacks a scope; `required` and `granted` say which."""

    default_next_step = "Its rows stay as they are. Ask for a key with that scope."

    def __init__(
        self,
        what: str = "The key lacks a scope.",
        next_step: str = "",
        *,
        stream: str = "",
        required: Iterable[str] = (),
        granted: Iterable[str] = (),
    ) -> None:
        self.required = tuple(required)
        self.granted = tuple(granted)
        super().__init__(what, next_step, stream=stream)


class Forbidden(StreamFailed):
    """The owner of the key may not see this."""

    default_next_step = "Its rows stay as they are. Ask the owner of the key for the role it takes."


class ContractBroken(StreamFailed):
    """A reply was whole and valid, yet not of the agreed shape; asking again would not help."""

    default_next_step = "Its rows stay as they are. Run `hiring-elt check` to see which assumption no longer holds."


class RequestRefused(StreamFailed):
    """The platform refuses the request itself with `status`; asking again would not help."""

    default_next_step = "Its rows stay as they are. Run `hiring-elt check`."

    def __init__(
        self, what: str = "A request was refused.", next_step: str = "", *, stream: str = "", status: int = 0
    ) -> None:
        self.status = status
        super().__init__(what, next_step, stream=stream)


class AbsenceBreaker(HiringEltError):
    """So many known rows are absent that none is marked."""

    exit_status = 6


class CannotWrite(HiringEltError):
    """There is no space or no right to write; the published warehouse is untouched."""

    exit_status = 7


class SourceUnavailable(HiringEltError):
    """The platform did not answer properly within the tries and the time given."""

    exit_status = 8
    default_next_step = "Nothing was changed. Run it again later."


class BadBody(SourceUnavailable):
    """A reply is not whole, strict JSON. The client asks again before it lets this count."""


class ChecksFailed(HiringEltError):
    """The new warehouse did not pass its checks, so the old one stays."""

    exit_status = 9
    default_next_step = "The published warehouse is as it was before."


class Stopped(HiringEltError):
    """Somebody asked the run to stop."""

    def __init__(
        self,
        what: str = "Stopped on request.",
        next_step: str = "",
        *,
        signal_number: int = signal.SIGTERM,
    ) -> None:
        self.signal_number = int(signal_number)
        self.exit_status = 128 + self.signal_number
        super().__init__(what, next_step or "The published warehouse is as it was before.")
