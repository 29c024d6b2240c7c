"""Personal data is withheld or tokenised here, in memory, before anything is written.

Profiles: `minimal` stores keys and facts; `pseudonymous` stores direct identifiers as keyed tokens too; `full` stores
everything but links. Withheld columns exist and are null.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from connector.contract import Kind, Privacy
from connector.findings import LONGEST_SAMPLE, Quarantined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.contract import Column, Table

TOKEN_CHARACTERS: Final = 26


class Profile(StrEnum):
    """How much personal data is stored."""

    MINIMAL = "minimal"
    PSEUDONYMOUS = "pseudonymous"
    FULL = "full"


STORED: Final = {
    Profile.MINIMAL: {Privacy.KEY, Privacy.FACT},
    Profile.PSEUDONYMOUS: {Privacy.KEY, Privacy.FACT},
    Profile.FULL: {Privacy.KEY, Privacy.FACT, Privacy.DIRECT, Privacy.FREE_TEXT, Privacy.SENSITIVE},
}


@dataclass(frozen=True)
class Policy:
    """A profile and, for tokens, the secret they are made with (never stored; its id is)."""

    profile: Profile = Profile.MINIMAL
    pseudonym_key: bytes | None = None

    @property
    def fingerprint(self) -> str:
        """Tells policies apart without telling the key: another fingerprint means other stored values."""
        return f"{self.profile}:{self.key_id}"

    @property
    def key_id(self) -> str:
        """A name for the pseudonym key that does not help to find it; empty without a key."""
        if self.pseudonym_key is None:
            return ""
        return hmac.new(self.pseudonym_key, b"hiring-elt key id", hashlib.sha256).hexdigest()[:16]

    def stores(self, column: Column) -> bool:
        """Whether values of the column are stored as they are."""
        return column.privacy in STORED[self.profile]

    def applied(self, table: Table, rows: pa.Table) -> pa.Table:
        """The rows as they may be stored."""
        for column in table.columns:
            if self.stores(column):
                continue
            position = rows.schema.get_field_index(column.name)
            values = rows[column.name]
            if self._tokenises(column):
                kept = pa.array(tokens(self.pseudonym_key or b"", column, values.to_pylist()), pa.string())
            else:
                kept = pa.nulls(len(rows), values.type)
            rows = rows.set_column(position, column.name, kept)
        if self.profile is not Profile.FULL and "_extra" in rows.column_names:
            rows = rows.set_column(rows.schema.get_field_index("_extra"), "_extra", pa.nulls(len(rows), pa.string()))
        return rows

    def _tokenises(self, column: Column) -> bool:
        tokenised = self.profile is Profile.PSEUDONYMOUS and self.pseudonym_key is not None
        return tokenised and column.privacy is Privacy.DIRECT and column.kind is Kind.TEXT

    def quarantined(self, table: Table, found: Sequence[Quarantined]) -> list[Quarantined]:
        """Quarantine as it may be stored: a sample of the value only where the class allows the value itself."""
        columns = {column.name: column for column in table.columns}
        return [replace(entry, value=self._sample(columns.get(entry.column), entry.value)) for entry in found]

    def _sample(self, column: Column | None, value: str | None) -> str | None:
        if value is None or column is None or not self.stores(column):
            return None
        return value[:LONGEST_SAMPLE]


def tokens(secret: bytes, column: Column, values: Sequence[str | None]) -> list[str | None]:
    """A token for each value: `v1:` and 26 characters; equal values of one kind of field have equal tokens."""
    domain = token_domain(column.name)
    made: dict[str, str] = {}
    for value in set(values):
        if value is not None:
            made[value] = token(secret, domain, value)
    return [None if value is None else made[value] for value in values]


def token(secret: bytes, domain: str, value: str) -> str:
    """The token of one value in one domain (`email`, `phone`, `name`, ...)."""
    message = domain.encode() + b"\0" + canonical(domain, value).encode("utf-8", "replace")
    digest = hmac.new(secret, message, hashlib.sha256).digest()
    return "v1:" + base64.b32encode(digest).decode().lower()[:TOKEN_CHARACTERS]


def token_domain(column: str) -> str:
    """The kind of value a column holds: two e-mail columns share one domain, so that people can be matched."""
    for domain in ("email", "phone", "name", "user_agent", "ip"):
        if column == domain or column.endswith(f"_{domain}"):
            return domain
    return column


def canonical(domain: str, value: str) -> str:
    """The spelling that is hashed: composed, trimmed; e-mail in lower case by ASCII rules; phone as + and digits."""
    value = unicodedata.normalize("NFKC", value).strip()
    if domain == "email":
        return re.sub(r"[A-Z]", lambda match: match.group().lower(), value)
    if domain == "phone":
        digits = re.sub(r"\D", "", value)
        international = value.startswith(("+", "00"))
        return f"+{digits.removeprefix('00')}" if international else digits
    return value
