"""One Talent-Ray application with all that was ever seen of it: the assignment, the steps, the candidate."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from oracle.dated import Dated, between, earliest, exact, latest, lowered
from oracle.visits import Visit, visits_of

if TYPE_CHECKING:
    from datetime import datetime

    from oracle.observed import Observed, Version
    from oracle.templates import RoleStep


@dataclass
class Application:
    """What the outcome and the path are worked out from."""

    candidate_id: str
    role_id: str
    candidate: list[Version]
    assignment: list[Version]
    steps: dict[str, list[Version]]
    """Step record -> versions."""
    templates: dict[str, RoleStep]
    """Step record -> the role's step."""
    applied: Dated = field(default_factory=Dated)

    def instants(self) -> list[datetime]:
        """When something of this application was seen for the first time or otherwise than before."""
        first = self.first_observed_at
        records = [self.candidate, self.assignment, *self.steps.values()]
        seen = {version.observed_at for versions in records for version in versions}
        return sorted(at for at in seen if at >= first)

    @property
    def first_observed_at(self) -> datetime:
        return min(versions[0].observed_at for versions in [self.assignment, *self.steps.values()] if versions)

    @property
    def candidate_created_at(self) -> datetime | None:
        return self.candidate[-1].instant("created_at") if self.candidate else None

    def visits(self, until: datetime | None = None) -> list[Visit]:
        """The visits of all steps, as they were known at an instant."""
        found: list[Visit] = []
        for step_record, versions in self.steps.items():
            known = [version for version in versions if until is None or version.observed_at <= until]
            found += visits_of(
                known,
                self.templates[step_record],
                not_before=self.applied.not_before,
                candidate_created_at=self.candidate_created_at,
            )
        return found

    def change(self, version: Version) -> Dated:
        """The bounds of what a version of one of the records shows."""
        own = version.instant("created_at") if "created_at" in version.values else None
        return between(
            latest(version.seen_not_before, own, self.candidate_created_at, self.applied.not_before),
            version.observed_at,
        )

    def __post_init__(self) -> None:
        made = [
            version.instant(name)
            for versions in self.steps.values()
            for version in versions
            for name in ("created_at", "started_at")
        ]
        known = earliest(*made)
        if known is not None:
            self.applied = exact(known)
            return
        first = min(
            (versions[0] for versions in [self.assignment, *self.steps.values()] if versions),
            key=lambda version: version.observed_at,
        )
        facts = [
            version.instant(name)
            for versions in self.steps.values()
            for version in versions
            for name in ("completed_at", "validated_at", "rejected_at")
        ]
        bounds = between(latest(first.seen_not_before, self.candidate_created_at), first.observed_at)
        self.applied = lowered(bounds, earliest(*facts))


def current(versions: list[Version], instant: datetime) -> Version | None:
    """The version in force at an instant."""
    return next((version for version in reversed(versions) if version.observed_at <= instant), None)


def applications(seen: Observed, templates: dict[str, RoleStep]) -> dict[tuple[str, str], Application]:
    """Return every pair of candidate and role that assignments or steps ever named."""
    steps: dict[tuple[str, str], dict[str, list[Version]]] = {}
    for (record_id,), versions in seen.table("talent_ray", "candidate_steps").items():
        row: dict[str, Any] = versions[-1].values
        steps.setdefault((row["candidate_id"], row["role_id"]), {})[record_id] = versions
    assignments = seen.table("talent_ray", "candidate_roles")
    candidates = seen.table("talent_ray", "candidates")
    found = {}
    for pair in sorted({*assignments, *steps}):
        own = steps.get(pair, {})  # type: ignore[arg-type]
        found[pair] = Application(
            pair[0],
            pair[1],
            candidates.get((pair[0],), []),
            assignments.get(pair, []),
            own,
            {record: templates[versions[-1].values["role_step_id"]] for record, versions in own.items()},
        )
    return found  # type: ignore[return-value]
