"""How an application goes through the steps of a role, with what happens in practice: skips, detours, corrections."""

# ruff: noqa: PLR2004 - chances and days are the story itself; nothing here is secret.

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from connector.sandbox import vocabulary
from connector.sandbox.clock import Agenda, Process, at_work, later
from connector.sandbox.kinds import ASSIGNMENT, CANDIDATE, CANDIDATE_STEP, ROLE, ROLE_STEP

if TYPE_CHECKING:
    from collections.abc import Generator
    from datetime import datetime
    from random import Random

    from connector.sandbox.log import Record
    from connector.sandbox.world import World

TEMPLATES = {step.name: step for _, steps in vocabulary.PIPELINES for step in steps}
PASSED, FAILED, LEFT, STUCK = "passed", "failed", "left", "stuck"
Verdict = str


def assignment_id(candidate_id: str, role_id: str) -> str:
    """Return our id of an assignment; the API shows none."""
    return f"{candidate_id}:{role_id}"


class Hiring:
    """What recruiters and candidates do with applications."""

    def __init__(self, world: World, agenda: Agenda, chance: Random) -> None:
        self.world = world
        self.agenda = agenda
        self.chance = chance
        self.hires: dict[str, int] = {}

    # One application

    def application(self, candidate_id: str, role_id: str) -> Process:
        """Tell the whole story of one application."""
        world, chance = self.world, self.chance
        link = self.assign(candidate_id, role_id)
        steps = [row["id"] for row in self._steps(candidate_id, role_id)]
        if not steps:
            yield from self._without_steps(link)
            return
        position = 0
        detours = 0
        while position < len(steps):
            if not self._is_open(link):
                return
            record = world.get(CANDIDATE_STEP, steps[position])
            if self._may_skip(record) and position + 1 < len(steps) and chance.random() < 0.22:
                world.update(CANDIDATE_STEP, record["id"], "skipped", status="skipped")
                position += 1
                continue
            if position + 1 < len(steps) and record["stepType"] != "offer" and chance.random() < 0.06:
                self._start_in_parallel(steps[position + 1])
            verdict = yield from self._step(link, record["id"])
            if verdict == FAILED and chance.random() < 0.06:
                yield at_work(later(world.now, chance, 9), chance)
                self._reopen(link, record["id"])
                continue
            if verdict != PASSED:
                return
            if position and detours < 2 and chance.random() < 0.05:
                # Back to the step before: that one runs again, this one waits.
                detours += 1
                yield at_work(later(world.now, chance, 1), chance)
                self._move_back(steps[position - 1], steps[position])
                position -= 1
                continue
            position += 1
            if position < len(steps):
                yield at_work(later(world.now, chance, 1.5), chance)
        self._hire(link)

    def assign(self, candidate_id: str, role_id: str) -> str:
        """Put a candidate on a role: the assignment, and a progress record for each step."""
        world, chance = self.world, self.chance
        role = world.get(ROLE, role_id)
        link = assignment_id(candidate_id, role_id)
        own = world.get(CANDIDATE, candidate_id)["organizationIds"]
        if role["organizationId"] not in own:
            world.update(CANDIDATE, candidate_id, "joined", silent=True, organizationIds=(*own, role["organizationId"]))
        world.insert(
            ASSIGNMENT,
            {
                "id": link,
                "candidateId": candidate_id,
                "roleId": role_id,
                "roleName": role["name"],
                "organizationId": role["organizationId"],
                "status": chance.choice(vocabulary.IN_PIPELINE_WORDS),
                "overallFitScore": -1,
                "approved": False,
            },
            "assigned",
        )
        for template in world.related(ROLE_STEP, "roleId", role_id):
            self.progress(candidate_id, template)
        return link

    def progress(self, candidate_id: str, template: Record, **fields: Any) -> str:
        """Make the progress record of a candidate on a role's step."""
        record: Record = {
            "id": self.world.new_id("crs"),
            "candidateId": candidate_id,
            "roleId": template["roleId"],
            "roleStepId": template["id"],
            "name": template["name"],
            "order": template["order"],
            "stepType": template["stepType"],
            "status": "locked",
            "startedAt": None,
            "completedAt": None,
            "validatedAt": None,
            "rejectedAt": None,
            "validationScore": None,
            "rejectionReason": None,
            "offerResponse": None,
            "createdAt": self.world.now,
            "updatedAt": self.world.now,
            **fields,
        }
        return str(self.world.insert(CANDIDATE_STEP, record, "assigned")["id"])

    def _step(self, link: str, step_id: str) -> Generator[datetime, None, Verdict]:
        world, chance = self.world, self.chance
        record = world.get(CANDIDATE_STEP, step_id)
        template = TEMPLATES.get(record["name"], vocabulary.TRIAL_DAY)
        if record["status"] != "active":
            # Some steps never get a start time.
            begun = None if chance.random() < 0.03 else world.now
            world.update(CANDIDATE_STEP, step_id, "started", status="active", startedAt=begun)
        if record["stepType"] == "offer":
            return (yield from self._offer(link, step_id))
        yield later(world.now, chance, template.work_days * 1.5)
        if not self._is_open(link):
            return LEFT
        if chance.random() < 0.035:
            self._withdraw(link)
            return LEFT
        if chance.random() < 0.02:
            self._set_status(link, "parked", chance.choice(vocabulary.UNMAPPED_WORDS))
            return STUCK
        passed = chance.random() < template.pass_rate
        score = self._score(template, passed)
        world.update(
            CANDIDATE_STEP, step_id, "completed", status="completed", completedAt=world.now, validationScore=score
        )
        if score is not None:
            self._rate(link, score)
        if template.validation == "auto" and passed:
            world.update(CANDIDATE_STEP, step_id, "validated", status="validated", validatedAt=world.now)
            return PASSED
        yield at_work(later(world.now, chance, template.decision_days * 1.7), chance)
        if not self._is_open(link):
            return LEFT
        if passed:
            world.update(CANDIDATE_STEP, step_id, "validated", status="validated", validatedAt=world.now)
            if chance.random() < 0.04:
                self.agenda.start(self._correction(step_id), later(world.now, chance, 4))
            return PASSED
        self._reject(link, step_id)
        return FAILED

    def _offer(self, link: str, step_id: str) -> Generator[datetime, None, Verdict]:
        world, chance = self.world, self.chance
        yield at_work(later(world.now, chance, 5), chance)
        if not self._is_open(link):
            return LEFT
        dice = chance.random()
        if dice < 0.06:
            # No answer ever comes.
            return STUCK
        if dice < 0.12:
            self._reject(link, step_id)
            return FAILED
        if dice < 0.32:
            word = chance.choice(vocabulary.DECLINED_WORDS)
            world.update(
                CANDIDATE_STEP, step_id, "declined", status="completed", completedAt=world.now, offerResponse=word
            )
            if chance.random() < 0.6:
                yield at_work(later(world.now, chance, 1), chance)
                self._withdraw(link)
            return LEFT
        word = chance.choice(vocabulary.ACCEPTED_WORDS)
        world.update(CANDIDATE_STEP, step_id, "accepted", status="completed", completedAt=world.now, offerResponse=word)
        yield at_work(later(world.now, chance, 0.5), chance)
        world.update(CANDIDATE_STEP, step_id, "validated", status="validated", validatedAt=world.now)
        return PASSED

    def _without_steps(self, link: str) -> Process:
        """Decide on an application to a role that has no pipeline."""
        world, chance = self.world, self.chance
        yield at_work(later(world.now, chance, 12), chance)
        if not self._is_open(link):
            return
        dice = chance.random()
        if dice < 0.1:
            self._rate(link, 71)
            self._hire(link)
        elif dice < 0.7:
            self._set_status(link, "rejected", chance.choice(vocabulary.REJECTED_WORDS))

    # Single acts

    def _steps(self, candidate_id: str, role_id: str) -> list[Record]:
        rows = [
            row for row in self.world.related(CANDIDATE_STEP, "candidateId", candidate_id) if row["roleId"] == role_id
        ]
        return sorted(rows, key=lambda row: int(row["order"]))

    def _may_skip(self, record: Record) -> bool:
        template = self.world.find(ROLE_STEP, record["roleStepId"])
        return record["status"] == "locked" and bool(template and template["allowSkip"])

    def _start_in_parallel(self, step_id: str) -> None:
        if self.world.get(CANDIDATE_STEP, step_id)["stepType"] not in ("offer", "contract"):
            self.world.update(CANDIDATE_STEP, step_id, "started", status="active", startedAt=self.world.now)

    def _score(self, template: vocabulary.Template, passed: bool) -> int | None:  # noqa: FBT001
        chance = self.chance
        if template.step_type not in ("cv_screening", "ai_assessment", "interview"):
            return None
        if template.step_type == "interview" and chance.random() < 0.5:
            return None
        if chance.random() < 0.02:
            return -1
        low, high = (template.passing_score or 50, 100) if passed else (0, (template.passing_score or 50) - 1)
        return chance.randint(low, high)

    def _rate(self, link: str, score: int) -> None:
        old = self.world.get(ASSIGNMENT, link)["overallFitScore"]
        mean = score if old == -1 else round((old + max(score, 0)) / 2)
        self.world.update(ASSIGNMENT, link, "scored", overallFitScore=mean)

    def _set_status(self, link: str, event: str, status: str, **changes: Any) -> None:
        self.world.update(ASSIGNMENT, link, event, status=status, **changes)

    def _is_open(self, link: str) -> bool:
        return bool(self.world.get(ASSIGNMENT, link)["status"].lower() == vocabulary.IN_PIPELINE.lower())

    def _reject(self, link: str, step_id: str) -> None:
        world, chance = self.world, self.chance
        reason = chance.choice(vocabulary.REASONS)
        world.update(
            CANDIDATE_STEP, step_id, "rejected", status="rejected", rejectedAt=world.now, rejectionReason=reason
        )
        # In a fifth of the cases nobody closes the assignment itself.
        if chance.random() < 0.8:
            self._set_status(link, "rejected", chance.choice(vocabulary.REJECTED_WORDS))

    def _reopen(self, link: str, step_id: str) -> None:
        self._set_status(link, "reopened", vocabulary.IN_PIPELINE)
        self._restart(step_id, "restarted")

    def _restart(self, step_id: str, event: str) -> None:
        changes: Record = {"status": "active", "startedAt": self.world.now, "validationScore": None}
        # Mostly the old times go; now and then they stay.
        if self.chance.random() < 0.7:
            changes |= {"completedAt": None, "validatedAt": None, "rejectedAt": None, "rejectionReason": None}
        self.world.update(CANDIDATE_STEP, step_id, event, **changes)

    def _move_back(self, earlier: str, current: str) -> None:
        self.world.update(CANDIDATE_STEP, current, "locked", status="locked")
        self._restart(earlier, "moved_back")

    def _correction(self, step_id: str) -> Process:
        """Correct a time or a score after the fact."""
        record = self.world.get(CANDIDATE_STEP, step_id)
        if record["startedAt"] and self.chance.random() < 0.6:
            earlier = record["startedAt"] - timedelta(seconds=self.chance.randrange(60, 7200))
            self.world.update(CANDIDATE_STEP, step_id, "corrected", startedAt=max(earlier, record["createdAt"]))
        elif record["validationScore"] is not None:
            score = min(100, record["validationScore"] + 3)
            self.world.update(CANDIDATE_STEP, step_id, "corrected", validationScore=score)
        return
        yield

    def _withdraw(self, link: str) -> None:
        self._set_status(link, "withdrawn", self.chance.choice(vocabulary.WITHDRAWN_WORDS))

    def _hire(self, link: str) -> None:
        record = self.world.get(ASSIGNMENT, link)
        if self.chance.random() < 0.9:
            self._set_status(link, "hired", self.chance.choice(vocabulary.HIRED_WORDS), approved=True)
        else:
            self._set_status(link, "approved", record["status"], approved=True)
        self.hires[record["roleId"]] = self.hires.get(record["roleId"], 0) + 1

    def turn_down_everybody(self, role_id: str) -> None:
        """Close what is still open on a role that has closed."""
        for record in self.world.related(ASSIGNMENT, "roleId", role_id):
            if record["status"].lower() != vocabulary.IN_PIPELINE.lower():
                continue
            for step in self._steps(record["candidateId"], role_id):
                if step["status"] in ("active", "completed"):
                    changes: Record = {"status": "rejected", "rejectedAt": self.world.now}
                    changes["rejectionReason"] = "Position filled"
                    self.world.update(CANDIDATE_STEP, step["id"], "rejected", **changes)
            self._set_status(record["id"], "rejected", "Rejected")
