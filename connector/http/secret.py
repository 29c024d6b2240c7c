"""A value that does not show itself, and masks for the texts that others write."""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import threading
import traceback
from typing import Any, Final, NoReturn
from urllib.parse import quote

MASK: Final = "***"

# Shorter values than this are no keys, and masking them would riddle every text.
_SHORTEST_MASKED: Final = 6
_TALENT_RAY_KEY: Final = re.compile(r"tr_[0-9A-Za-z]{8,}")

_known: set[str] = set()
_known_lock: Final = threading.Lock()


class Secret:
    """A key. Shows `***` in every text, copy, pickle and JSON; only the transport calls `reveal`."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value: str | None = value
        if len(value) >= _SHORTEST_MASKED:
            with _known_lock:
                _known.update((value, quote(value, safe="")))

    def reveal(self) -> str:
        """Return the value itself. A copy or an unpickled secret has none."""
        if self._value is None:
            raise ValueError("This is a copy of a secret, and copies hold no value. Pass the original on.")
        return self._value

    def derive(self, purpose: str) -> bytes:
        """Return 32 bytes that depend on the value and the purpose, and that do not lead back to the value."""
        return hmac.new(self.reveal().encode(), purpose.encode(), hashlib.sha256).digest()

    def matches(self, pattern: str) -> bool:
        """Whether the whole value has the form of a regular expression."""
        return re.fullmatch(pattern, self.reveal()) is not None

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, specification: str) -> str:
        return MASK

    def __json__(self) -> str:
        return MASK

    def __setattr__(self, name: str, value: object) -> None:
        if name == "_value" and not hasattr(self, "_value"):
            object.__setattr__(self, name, value)
        else:
            raise AttributeError("A secret does not change.")

    def __iter__(self) -> NoReturn:
        raise TypeError("A secret cannot be taken apart.")

    def __reduce__(self) -> tuple[Any, ...]:
        return (_masked_copy, ())

    def __copy__(self) -> Secret:
        return _masked_copy()

    def __deepcopy__(self, memo: object) -> Secret:
        return _masked_copy()


def _masked_copy() -> Secret:
    copy = Secret.__new__(Secret)
    object.__setattr__(copy, "_value", None)
    return copy


def mask(text: str) -> str:
    """Return the text with every known secret, and whatever looks like a Talent-Ray key, replaced by `***`."""
    with _known_lock:
        # Longest first, so that a key which contains another one leaves no rest.
        known = sorted(_known, key=len, reverse=True)
    for value in known:
        text = text.replace(value, MASK)
    return _TALENT_RAY_KEY.sub(MASK, text)


class MaskSecrets(logging.Filter):
    """A filter for handlers: masks the message, its arguments, the traceback and the stack."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the record and let it pass."""
        _mask_record(record)
        return True


def mask_logs() -> None:
    """Mask every log record of this process where it is born, whoever logs and whatever handler writes it."""
    make_record = logging.getLogRecordFactory()
    if getattr(make_record, "masks_secrets", False):
        return

    def make_masked_record(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make_record(*args, **kwargs)
        _mask_record(record)
        return record

    make_masked_record.masks_secrets = True  # type: ignore[attr-defined] # a mark against wrapping twice
    logging.setLogRecordFactory(make_masked_record)


def _mask_record(record: logging.LogRecord) -> None:
    try:
        message = record.getMessage()
    except (TypeError, ValueError, KeyError):  # arguments that do not fit: logging would print them raw
        message = f"{record.msg} {record.args}"
    record.msg, record.args = mask(message), ()
    if record.exc_info and record.exc_info[0] is not None:
        # Formatters reuse `exc_text` and do not look at `exc_info` again.
        record.exc_text = mask("".join(traceback.format_exception(*record.exc_info)).rstrip("\n"))
    if record.stack_info:
        record.stack_info = mask(record.stack_info)
