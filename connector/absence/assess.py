"""Which known rows a sweep did not show, and whether that may be believed at all. No request is made here."""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

BREAKER_ROWS = 20
BREAKER_SHARE = 0.05
ORGANIZATION_ROWS = 2


@dataclass(frozen=True, slots=True)
class Assessment:
    """The absences of one stream or child table, before anything is asked.

    `suspended` says why the reading cannot speak for absent rows; `tripped` says why there are too many of them.
    """

    name: str
    count_known: int
    absent: tuple[str, ...] = ()
    suspended: str | None = None
    tripped: str | None = None
    is_empty: bool = False


@dataclass(frozen=True, slots=True)
class Ruling:
    """Whether rows of this account may be marked in this refresh.

    A breaker that trips in one stream stops all of them. `--accept-absences N` lifts it when N covers what is absent
    in the streams that tripped (`count`).
    """

    tripped: tuple[str, ...]
    count: int
    accepted: int

    @property
    def may_mark(self) -> bool:
        """Whether no breaker tripped, or the user accepted the absences."""
        return not self.tripped or self.accepted >= self.count

    @property
    def message(self) -> str | None:
        """What the user should know and do, when the breaker stands."""
        if self.may_mark:
            return None
        names = ", ".join(self.tripped)
        return (
            f"{self.count} known rows are no longer shown in {names}. Nothing was marked as gone. If that is right, "
            f"run refresh --accept-absences {self.count}; if not, check what the key's owner may see."
        )


def assess(
    name: str,
    known: AbstractSet[str] | Mapping[str, object],
    seen: AbstractSet[str] | Mapping[str, object],
    *,
    organizations: Mapping[str, str | Collection[str] | None] | None = None,
    failure: str | None = None,
    reached_end: bool = True,
    is_log: bool = False,
    accepted: int = 0,
) -> Assessment:
    """Compare what is known of a stream with what was just seen.

    `organizations` tells the organization, or organizations, of known rows. `failure` is why the reading ended early,
    if it did. Rows of a log never vanish. `accepted` is the number given to --accept-absences.
    """
    if is_log or not known:
        return Assessment(name, len(known))
    absent = tuple(sorted(_keys(known) - _keys(seen)))
    if failure is not None:
        return Assessment(name, len(known), absent, suspended=failure)
    if not reached_end:
        return Assessment(name, len(known), absent, suspended="the reading did not come to the end of the list")
    if not seen:
        if accepted >= len(absent):
            return Assessment(
                name, len(known), absent, tripped=f"none of {len(known)} known rows is shown", is_empty=True
            )
        reason = f"the list is empty, where {len(known)} rows are known"
        return Assessment(name, len(known), absent, suspended=reason, is_empty=True)
    return Assessment(name, len(known), absent, tripped=_breaker(absent, len(known), organizations))


def assess_children(
    name: str,
    known: AbstractSet[str] | Mapping[str, object],
    seen: AbstractSet[str] | Mapping[str, object],
    *,
    organizations: Mapping[str, str | Collection[str] | None] | None = None,
) -> Assessment:
    """The same for a child table whose rows come whole with their parents.

    Only children of parents just read belong in `known`. A parent may lose its last child, so an empty reply is
    nothing special; the breaker is the table's own.
    """
    absent = tuple(sorted(_keys(known) - _keys(seen)))
    return Assessment(name, len(known), absent, tripped=_breaker(absent, len(known), organizations))


def judge(assessments: Iterable[Assessment], *, accepted: int = 0) -> Ruling:
    """Hold the breakers of all streams and child tables of an account against what the user accepted."""
    tripped = [assessment for assessment in assessments if assessment.tripped]
    names = tuple(assessment.name for assessment in tripped)
    return Ruling(names, sum(len(assessment.absent) for assessment in tripped), accepted)


def fingerprint(base_url: str, user_id: str, user_role: str, scopes: Iterable[str]) -> str:
    """What decides which rows a key sees of a stream; a new key of the same user with the same rights has the same."""
    parts = [base_url.rstrip("/").lower(), user_id, user_role, sorted(set(scopes))]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _keys(rows: AbstractSet[str] | Mapping[str, object]) -> AbstractSet[str]:
    return rows.keys() if isinstance(rows, Mapping) else rows


def _breaker(
    absent: Sequence[str], count_known: int, organizations: Mapping[str, str | Collection[str] | None] | None
) -> str | None:
    """Why so many absences, or these, look like a narrower view rather than like deletions."""
    limit = max(BREAKER_ROWS, BREAKER_SHARE * count_known)
    if len(absent) > limit:
        return f"{len(absent)} of {count_known} known rows are not shown, more than {limit:.0f}"
    if absent and organizations:
        missing = Counter(one for row in absent for one in _of(organizations.get(row)))
        if missing:
            known = Counter(one for of_row in organizations.values() for one in _of(of_row) if one in missing)
            hidden = sorted(one for one, rows in missing.items() if rows == known[one] >= ORGANIZATION_ROWS)
            if hidden:
                return f"all known rows of organization {', '.join(hidden)} are not shown"
    return None


def _of(organizations: str | Collection[str] | None) -> Collection[str]:
    if organizations is None:
        return ()
    return (organizations,) if isinstance(organizations, str) else organizations
