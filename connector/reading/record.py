"""One record by its id: the same bytes as its row in the list, so it gets the same mark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from connector.errors import BadBody, ContractBroken

if TYPE_CHECKING:
    from connector.contract import Manners
    from connector.reading.pages import Marker


class RecordDecoder:
    """Takes a reply that is one record; raises ContractBroken when it is another one or none."""

    def __init__(self, manners: Manners, marker: Marker, record_id: str) -> None:
        self.manners = manners
        self.marker = marker
        self.record_id = record_id

    def __call__(self, body: bytes) -> tuple[bytes, int]:
        """The record's bytes and its mark."""
        try:
            record: Any = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise BadBody("A record asked for by its id did not come as whole JSON.") from None
        found = record.get(self.manners.id_field) if isinstance(record, dict) else None
        if found is None or str(found) != self.record_id:
            raise ContractBroken("A record asked for by its id came as another one, or as none.")
        return body, self.marker.marks([body])[0]
