"""The care that a session's kind of warehouse allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from pipelines.duckdb_file import DuckDBSession
from pipelines.personal.care import Care
from pipelines.personal.server_care import ServerCare

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.privacy import Policy
    from connector.reading.harvest import Harvest
    from pipelines.warehouse import Session


class Caring(Protocol):
    """What a refresh asks about personal data that is stored already; see `pipelines.personal.care`."""

    must_build: bool

    def begin(self, policy: Policy) -> Policy:
        """Before reading."""
        ...

    def forget(self, harvests: Sequence[Harvest]) -> None:
        """Before loading."""
        ...

    def expire(self, harvests: Sequence[Harvest] = ()) -> dict[str, int]:
        """After loading."""
        ...

    def finish(self, *, keep: int = 0) -> int:
        """Before publishing."""
        ...


class NoCare:
    """A warehouse whose rows cannot be rewritten from here: only what comes in goes by the policy."""

    must_build = False

    def begin(self, policy: Policy) -> Policy:
        """The policy as it is."""
        return policy

    def forget(self, harvests: Sequence[Harvest]) -> None:
        """Nobody is known to be erased."""

    def expire(self, harvests: Sequence[Harvest] = ()) -> dict[str, int]:
        """Nothing is blanked."""
        del harvests
        return {}

    def finish(self, *, keep: int = 0) -> int:
        """Nothing is kept beside."""
        del keep
        return 0


def care_of(session: Session | Any) -> Care | NoCare:
    """The care for a session."""
    if isinstance(session, DuckDBSession):
        return Care(session)
    rows_of_a_server: Any = session
    return ServerCare(rows_of_a_server) if hasattr(session, "leaves_no_bytes") else NoCare()
