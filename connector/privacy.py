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
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from connector.contract import Kind, Privacy
from connector.findings import LONGEST_SAMPLE, Quarantined

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from connector.contract import Column, Table

PSEUDONYM_PREFIX: Final = "v1:"
TOKEN_CHARACTERS: Final = 26
PSEUDONYM_PATTERN: Final = r"^v1:[A-Z2-7]{26}$"
EXTENSION: Final = re.compile(r"\s*(?:;|#|ext|x)")


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
class Erased:
    """People who were erased, known by keyed hashes of their ids alone: by hash key, the hashes made with it."""

    subjects: Mapping[bytes, frozenset[str]] = field(default_factory=dict, repr=False)

    def __bool__(self) -> bool:
        return bool(self.subjects)

    def among(self, platform: str, stream: str, ids: Iterable[str | None]) -> set[str]:
        """Those of the ids (of records of a stream: candidates, leads) that are of somebody erased."""
        if not self.subjects:
            return set()
        asked = {one for one in ids if one is not None}
        return {one for one in asked if self._holds(platform, stream, one)}

    def _holds(self, platform: str, stream: str, record_id: str) -> bool:
        return any(subject(key, platform, stream, record_id) in known for key, known in self.subjects.items())


def subject(key: bytes, platform: str, stream: str, record_id: str) -> str:
    """The keyed hash by which an erased record is recognised: 64 hexadecimal digits."""
    message = b"\0".join((platform.encode(), stream.encode(), record_id.encode("utf-8", "replace")))
    return hmac.digest(key, message, "sha256").hex()


@dataclass(frozen=True)
class Policy:
    """A profile, for tokens the secret they are made with (never stored; its id is), and who must not come back."""

    profile: Profile = Profile.MINIMAL
    pseudonym_key: bytes | None = field(default=None, repr=False)
    erased: Erased = field(default_factory=Erased, compare=False)

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

    def tokenises(self, column: Column) -> bool:
        """Whether a token is stored in the place of each value of the column."""
        tokenised = self.profile is Profile.PSEUDONYMOUS and self.pseudonym_key is not None
        return tokenised and column.privacy is Privacy.DIRECT and column.kind is Kind.TEXT

    @property
    def stores_undeclared(self) -> bool:
        """Whether fields that nobody declared are kept, in `_extra`: they count as free text."""
        return Privacy.FREE_TEXT in STORED[self.profile]

    def applied(self, table: Table, rows: pa.Table) -> pa.Table:
        """The rows as they may be stored."""
        for column in table.columns:
            if self.stores(column):
                continue
            position = rows.schema.get_field_index(column.name)
            values = rows[column.name]
            if self.tokenises(column):
                kept = pa.array(tokens(self.pseudonym_key or b"", column, values.to_pylist()), pa.string())
            else:
                kept = pa.nulls(len(rows), values.type)
            rows = rows.set_column(position, column.name, kept)
        if not self.stores_undeclared and "_extra" in rows.column_names:
            rows = rows.set_column(rows.schema.get_field_index("_extra"), "_extra", pa.nulls(len(rows), pa.string()))
        return rows

    def quarantined(self, table: Table, found: Sequence[Quarantined]) -> list[Quarantined]:
        """Quarantine as it may be stored: a sample of the value only where the class allows the value itself."""
        columns = {column.name: column for column in table.columns}
        return [replace(entry, value=self._sample(columns.get(entry.column), entry.value)) for entry in found]

    def _sample(self, column: Column | None, value: str | None) -> str | None:
        if value is None or column is None or not self.stores(column):
            return None
        return value[:LONGEST_SAMPLE]


def tokens(secret: bytes, column: Column, values: Sequence[str | None]) -> list[str | None]:
    """A token for each value; equal values of one kind of field have equal tokens. What is empty has none."""
    domain = token_domain(column.name)
    made = {value: token(secret, domain, value) for value in set(values) if value is not None}
    return [None if value is None else made[value] for value in values]


def token(secret: bytes, domain: str, value: str) -> str | None:
    """The token of one value in one domain (`email`, `phone`, `name`, ...): `v1:` and 26 characters of base32.

    None for a value of which nothing is left once it is trimmed: blanks identify nobody.
    """
    spelling = canonical(domain, value)
    if not spelling:
        return None
    digest = hmac.digest(secret, domain.encode() + b"\0" + spelling.encode("utf-8", "replace"), "sha256")
    return PSEUDONYM_PREFIX + base64.b32encode(digest).decode()[:TOKEN_CHARACTERS]


def token_domain(column: str) -> str:
    """The kind of value a column holds: two e-mail columns share one domain, so that people can be matched."""
    for domain in ("email", "phone", "name", "user_agent", "ip"):
        if column == domain or column.endswith(f"_{domain}"):
            return domain
    return column


def canonical(domain: str, value: str) -> str:
    """The spelling that is hashed: composed, trimmed; e-mail in lower case by ASCII rules; phone as E.164."""
    value = unicodedata.normalize("NFKC", value).strip()
    if domain == "email":
        # ASCII rules alone: by those of Turkish, I would become a dotless i and match nobody.
        return re.sub(r"[A-Z]", lambda match: match.group().lower(), value)
    return _phone(value) if domain == "phone" else value


def _phone(value: str) -> str:
    """`+` and digits; without a country code (+ or 00) the digits alone, for no country can be guessed.

    An extension is dropped, so is the (0) that is dialled at home only.
    """
    value = EXTENSION.split(value.lower().removeprefix("tel:"))[0].strip()
    international = value.startswith(("+", "00"))
    value = value.replace("(0)", "") if international else value
    digits = "".join(str(unicodedata.digit(one)) for one in value if unicodedata.digit(one, None) is not None)
    return f"+{digits.removeprefix('00')}" if international and digits else digits
