"""Keys, their owners and scopes; what an owner may see; how many requests a key may send."""

# ruff: noqa: S311 - repeatable chance is wanted; nothing here is secret.

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from connector.sandbox.kinds import (
    ASSIGNMENT,
    BATCH,
    BATCH_MEMBER,
    CANDIDATE,
    LEAD,
    LEAD_ORGANIZATION,
    ROLE,
    TEST,
    USER,
    Kind,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from connector.sandbox.log import Record
    from connector.sandbox.switches import Switches
    from connector.sandbox.world import World

READ_SCOPES = ("candidates:read", "roles:read", "pipeline:read", "tests:read", "sourcing:read", "cv-screening:read")
WRITE_SCOPES = ("candidates:write", "roles:write", "tests:write", "sourcing:write")
ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
WINDOW_SECONDS = 60.0
WRITERS = ("owner", "employer")


@dataclass(slots=True)
class Key:
    """An API key. `tailed` keys stand for the whole organization, others for one user."""

    id: str
    secret: str
    name: str | None
    user_id: str
    scopes: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None
    enabled: bool = True
    tailed: bool = False
    last_request: datetime | None = None
    request_count: int = 0
    usage: list[Record] = field(default_factory=list)


class Access:
    """All keys that were ever made."""

    def __init__(self, seed: int) -> None:
        self._chance = Random(f"keys {seed}")
        self.keys: dict[str, Key] = {}
        """By id."""
        self.by_secret: dict[str, Key] = {}
        self._used = 0

    def create(
        self,
        user_id: str,
        now: datetime,
        *,
        scopes: Iterable[str] = (),
        name: str | None = None,
        days: int | None = 90,
        tailed: bool = False,
    ) -> Key:
        """Make a key; `days` None never expires."""
        secret = ("tl_" if tailed else "tr_") + "".join(self._chance.choices(ALPHABET, k=64))
        expires = now + timedelta(days=days) if days else None
        key_id = f"apikey_{len(self.keys) + 1}"
        key = Key(key_id, secret, name, user_id, tuple(scopes), now, now, expires, tailed=tailed)
        self.keys[key_id] = key
        self.by_secret[secret] = key
        return key

    def revoke(self, key_id: str) -> bool:
        """Take a key away for good."""
        key = self.keys.pop(key_id, None)
        if key is not None:
            self.by_secret.pop(key.secret, None)
        return key is not None

    def valid(self, secret: str | None, now: datetime) -> Key | None:
        """Return the key of this secret when it may be used."""
        key = self.by_secret.get(secret or "")
        if key is None or not key.enabled or (key.expires_at is not None and key.expires_at <= now):
            return None
        return key

    def note(self, key: Key, now: datetime, method: str, path: str, ip: str, user_agent: str | None) -> None:
        """Write a request into the key's usage log."""
        self._used += 1
        key.request_count += 1
        key.last_request = now
        key.usage.append(
            {
                "id": f"usage_{self._used}",
                "timestamp": now,
                "method": method,
                "path": path,
                "ip": ip,
                "userAgent": user_agent,
                "authEndpoint": "/get-session",
            }
        )


@dataclass(frozen=True, slots=True)
class Viewer:
    """Through whose eyes the records are seen. Equal viewers see the same."""

    user_id: str
    position: str
    """admin, owner, employer, hiring_manager or member."""
    organization_id: str | None
    hidden_organizations: frozenset[str] = frozenset()
    hidden_inside_roles: frozenset[str] = frozenset()
    share: float = 1.0
    own_roles_only: bool = False
    member_sees_organization: bool = False

    def sees(self, world: World, kind: Kind, record: Record) -> bool:
        """Tell whether this viewer may see a record."""
        if record.get("hidden"):
            return False
        if self.share < 1.0 and _portion(record["id"]) >= self.share:
            return False
        if kind is CANDIDATE:
            return self._sees_candidate(world, record)
        if kind is ROLE:
            return self._sees_role(record)
        if kind is TEST:
            return record["isPublic"] or self._belongs(record["organizationIds"])
        if kind is LEAD:
            links = world.related(LEAD_ORGANIZATION, "leadId", record["id"])
            return self._belongs([link["organizationId"] for link in links])
        if kind is BATCH:
            members = world.related(BATCH_MEMBER, "batchId", record["id"])
            return any(self.sees(world, LEAD, world.get(LEAD, member["leadId"])) for member in members)
        return True

    def may_write(self, organizations: Collection[str]) -> bool:
        """Tell whether this viewer has employer-write in one of the organizations."""
        return self.position == "admin" or (self.position in WRITERS and self.organization_id in organizations)

    def inside_roles(self, world: World, links: list[Record]) -> list[Record]:
        """Return those role entries of a record that this viewer is shown."""
        if self.hidden_inside_roles:
            links = [link for link in links if link["organizationId"] not in self.hidden_inside_roles]
        if self.own_roles_only and self.position == "hiring_manager":
            links = [link for link in links if self._manages(world, link["roleId"])]
        return links

    def _belongs(self, organizations: Collection[str]) -> bool:
        if self.position == "admin":
            return not organizations or not self.hidden_organizations.issuperset(organizations)
        return self.organization_id in organizations and self.organization_id not in self.hidden_organizations

    def _sees_candidate(self, world: World, record: Record) -> bool:
        if self.position == "hiring_manager":
            links = world.related(ASSIGNMENT, "candidateId", record["id"])
            return any(self._manages(world, link["roleId"]) for link in links)
        if self.position == "member" and not self.member_sees_organization:
            return False
        return self._belongs(record["organizationIds"])

    def _sees_role(self, record: Record) -> bool:
        involved = self.user_id in record["hiringManagerIds"] or self.user_id == record["hrRepresentativeId"]
        if self.position == "hiring_manager":
            return self.user_id in record["hiringManagerIds"]
        if self.position == "member" and not self.member_sees_organization:
            return False
        if record["confidential"] and self.position != "admin" and not involved:
            return False
        return self._belongs([record["organizationId"]])

    def _manages(self, world: World, role_id: str) -> bool:
        role = world.find(ROLE, role_id)
        return role is not None and self.user_id in role["hiringManagerIds"]


def viewer(world: World, user_id: str, switches: Switches) -> Viewer:
    """Return the eyes of a user, as narrowed by the switches."""
    user = world.get(USER, user_id)
    position = "admin" if user["platformRole"] == "admin" else user["orgRole"]
    organization_id = user["organizationId"]
    if switches.demoted_to is not None and position == "admin":
        position, organization_id = switches.demoted_to, switches.demoted_into
        if position == "hiring_manager":
            user_id = switches.demoted_user_id
    return Viewer(
        user_id,
        position,
        organization_id,
        frozenset(switches.hidden_organizations),
        frozenset(switches.hidden_inside_roles),
        switches.visible_share,
        switches.manager_sees_own_roles_only,
        switches.member_sees_organization,
    )


def _portion(record_id: str) -> float:
    """Return a fixed number between 0 and 1 for an id."""
    return Random(record_id).random()


class RateLimit:
    """Counts a key's requests in real time: a sliding 60 seconds, or fixed minutes."""

    def __init__(self) -> None:
        self._accepted: dict[str, list[float]] = {}
        self._seen: dict[str, list[float]] = {}
        self._busiest: dict[str, int] = {}

    def see(self, key_id: str, instant: float) -> None:
        """Note that a request came in, whatever becomes of it."""
        seen = self._seen.setdefault(key_id, [])
        seen.append(instant)
        _forget(seen, instant - WINDOW_SECONDS)
        self._busiest[key_id] = max(self._busiest.get(key_id, 0), len(seen))

    def admit(self, key_id: str, instant: float, limit: int | None, *, sliding: bool) -> float:
        """Return 0.0 when a request may pass, else the seconds to wait."""
        if limit is None:
            return 0.0
        accepted = self._accepted.setdefault(key_id, [])
        begins = instant - WINDOW_SECONDS if sliding else instant // WINDOW_SECONDS * WINDOW_SECONDS
        _forget(accepted, begins)
        if len(accepted) < limit:
            accepted.append(instant)
            return 0.0
        if not accepted:
            return WINDOW_SECONDS
        return (accepted[0] if sliding else begins) + WINDOW_SECONDS - instant

    def busiest(self, key_id: str) -> int:
        """Return the most requests seen within any 60 seconds, refused ones included."""
        return self._busiest.get(key_id, 0)


def _forget(instants: list[float], until: float) -> None:
    """Drop what lies more than a window back; in lumps, since a list loses its head slowly."""
    if instants and instants[0] <= until:
        del instants[: bisect_left(instants, until + 1e-9)]


def shown(key: Key, owner: Record | None) -> dict[str, Any]:
    """Return a key as the list of keys shows it, without its secret."""
    person = owner or {"id": key.user_id, "email": None, "name": None, "platformRole": None}
    return {
        "id": key.id,
        "name": key.name,
        "prefix": key.secret[:3],
        "start": key.secret[:7],
        "enabled": key.enabled,
        "createdAt": key.created_at,
        "updatedAt": key.updated_at,
        "lastRequest": key.last_request,
        "expiresAt": key.expires_at,
        "requestCount": key.request_count,
        "owner": {
            "id": person["id"],
            "email": person["email"],
            "name": person["name"],
            "platformRole": person["platformRole"],
            "orgRole": person.get("orgRole"),
            "organizationId": person.get("organizationId"),
        },
    }
