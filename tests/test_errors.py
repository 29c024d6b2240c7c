"""The tree of errors as its docstring draws it."""

from __future__ import annotations

import copy
import pickle
import re

import pytest

from connector import errors

CLASSES = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)]


def drawn() -> dict[str, str]:
    """Return each drawn class with the one above it, by the depth of its branch."""
    above: dict[int, str] = {-1: "Exception"}
    tree = {}
    for indent, name in re.findall(r"^([│├└─ ]*)([A-Z]\w+)(?= |$)", errors.__doc__ or "", re.MULTILINE):
        if not indent and name != "HiringEltError":
            continue
        depth = len(indent) // 4
        tree[name], above[depth] = above[depth - 1], name
    return tree


def test_the_drawing_shows_each_class_below_its_base():
    assert drawn() == {kind.__name__: kind.__base__.__name__ for kind in CLASSES}


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (errors.HiringEltError, 1),
        (errors.UsageError, 2),
        (errors.KeyRefused, 3),
        (errors.Locked, 4),
        (errors.StreamFailed, 5),
        (errors.ScopeMissing, 5),
        (errors.Forbidden, 5),
        (errors.ContractBroken, 5),
        (errors.RequestRefused, 5),
        (errors.AbsenceBreaker, 6),
        (errors.CannotWrite, 7),
        (errors.SourceUnavailable, 8),
        (errors.BadBody, 8),
        (errors.ChecksFailed, 9),
        (errors.Stopped, 143),
    ],
)
def test_each_class_has_its_exit_status(kind, status):
    assert kind().exit_status == status


def test_being_stopped_from_the_keyboard_has_the_status_of_its_signal():
    assert errors.Stopped(signal_number=2).exit_status == 130


def test_a_message_says_what_happened_then_the_next_step():
    error = errors.KeyRefused("Talent-Ray refused the key (401).", "Make a new one.")

    assert str(error) == "Talent-Ray refused the key (401). Make a new one."
    assert (error.what, error.next_step) == ("Talent-Ray refused the key (401).", "Make a new one.")


@pytest.mark.parametrize("kind", CLASSES)
def test_a_message_is_never_empty(kind):
    assert str(kind())


@pytest.mark.parametrize(
    "error",
    [
        errors.ScopeMissing("It lacks a scope.", stream="candidates", required=["a:read"], granted=["b:read"]),
        errors.UsageError("No key.", setting="SOURCES__TAILED__API_KEY"),
        errors.RequestRefused("No.", status=400),
        errors.Stopped(signal_number=2),
    ],
)
def test_an_error_survives_a_pickle_and_a_copy_whole(error):
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(again) is type(error)
        assert (str(again), vars(again)) == (str(error), vars(error))
