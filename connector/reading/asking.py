"""Asks the platform what `connector.absence` wants to know of rows that a list no longer shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.absence import AskListAgain, AskPrincipal, AskRows, Found, Missing, Undecided, fingerprint
from connector.errors import Forbidden, HiringEltError, KeyRefused, SourceUnavailable, Stopped, StreamFailed
from connector.http.hosts import fill_path
from connector.reading.pages import PageDecoder
from connector.reading.principal import ask_principal
from connector.reading.record import RecordDecoder

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from connector.absence import Answer, Question
    from connector.contract import Stream
    from connector.reading.access import Access
    from connector.reading.harvest import Harvest

NOT_FOUND = 404


class Asking:
    """The questions of one account in one refresh; requests are counted in the notes of the harvest."""

    def __init__(self, access: Access, harvest: Harvest) -> None:
        self.access = access
        self.harvest = harvest

    def answer(self, question: Question) -> Any:
        """What was asked for: an answer for each id, fingerprints of the principal, whether the list is empty."""
        match question:
            case AskRows(stream=name, ids=ids):
                stream = self.access.platform.stream(name)
                return self.rows(stream, ids)
            case AskPrincipal():
                return self.principal_again()
            case AskListAgain(stream=name):
                return self._is_empty(self.access.platform.stream(name))

    def rows(self, stream: Stream, ids: Sequence[str]) -> list[Answer]:
        """What became of some rows, each asked for by its id."""
        return list(self.access.pool.map(lambda one: self._row(stream, one), ids))

    def _row(self, stream: Stream, record_id: str) -> Answer:
        """One row by its id; what is neither 200 nor a 404 of the API itself decides nothing."""
        decoder = RecordDecoder(self.access.manners_of(stream), self.access.marker, record_id)
        try:
            answer = self.access.client_for(stream).get(
                fill_path(stream.by_id or "", id=record_id), decode=decoder, returned=(NOT_FOUND,)
            )
        except (KeyRefused, Stopped):
            raise
        except Forbidden:
            return Undecided(403)
        except (StreamFailed, SourceUnavailable) as error:
            return Undecided(type(error).__name__)
        finally:
            self.harvest.sweeps[stream.name].requests += 1
        if answer.status == NOT_FOUND:
            return Missing() if answer.code or self.access.platform.me_path is None else Undecided("404 of no API")
        return Found((answer.value, answer.at))

    def principal_again(self) -> dict[str, str] | None:
        """The fingerprint of each stream under who the key is now; None where that could not be asked."""
        try:
            principal = ask_principal(self.access)
        except (KeyRefused, Stopped):
            raise
        except HiringEltError:
            return None
        return {
            stream.name: self.fingerprint(stream, principal.user_id, principal.role, principal.scopes)
            for stream in self.access.platform.streams
        }

    def _is_empty(self, stream: Stream) -> bool:
        manners = self.access.manners_of(stream)
        query = {manners.page_param: manners.first_page, manners.size_param: manners.max_size}
        try:
            page = self.access.client.get(
                stream.path, query, decode=PageDecoder(stream, manners, self.access.marker), returned=()
            ).value
        except (StreamFailed, SourceUnavailable):
            return False
        return page is not None and not page.ids and page.total_count == 0

    def fingerprint(self, stream: Stream, user_id: str, role: str, scopes: Collection[str] | None) -> str:
        """Under whose eyes a stream is read."""
        needed = [stream.scope] if stream.scope and (scopes is None or stream.scope in scopes) else []
        return fingerprint(self.access.base_url, user_id, role, needed)
