"""The main job: read, load, build, verify, publish."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from connector.errors import HiringEltError, Stopped
from connector.reading.account import Wishes, read_account
from connector.reading.harvest import Harvest, SweepNote
from pipelines import settings as settings_of
from pipelines.accounts import access_to, gates_of
from pipelines.ids import new_id
from pipelines.load import load_rows, write_ledger
from pipelines.personal.care_of import care_of
from pipelines.rollback import kept_wanted
from pipelines.transform import Built, build
from pipelines.verify import verify
from pipelines.warehouse import open_warehouse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipelines.accounts import Gates
    from pipelines.settings import AccountSettings, Settings
    from pipelines.tell import Tell
    from pipelines.warehouse import Session


@dataclass(frozen=True)
class Options:
    """What the command line asks of a refresh."""

    warehouse: str | None = None
    platforms: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    full: bool = False
    skip_build: bool = False
    wait_seconds: float = 0.0
    accept_absences: int | None = None
    max_requests: int | None = None
    max_minutes: float | None = None


@dataclass
class Outcome:
    """What a refresh did: the object behind `--json`."""

    refresh_id: str
    place: str
    harvests: list[Harvest] = field(default_factory=list)
    failures: dict[str, HiringEltError] = field(default_factory=dict)
    built: Built | None = None
    seconds: float = 0.0

    @property
    def exit_status(self) -> int:
        """6 when the absence breaker tripped, else 5 when anything is partial, else 0."""
        statuses = {harvest.exit_status for harvest in self.harvests} | ({5} if self.failures else set())
        return max(statuses, default=0)

    @property
    def word(self) -> str:
        """The outcome in one word."""
        return {0: "ok", 5: "partial", 6: "absence_breaker"}[self.exit_status]

    def as_json(self) -> dict[str, Any]:
        """The last line of standard output under `--json`."""
        return {
            "refresh_id": self.refresh_id,
            "outcome": self.word,
            "exit_status": self.exit_status,
            "streams": {
                stream_name(harvest, note): {
                    "verdict": note.verdict,
                    "requests": note.requests,
                    "rows": note.count_distinct,
                    "new": note.rows_new,
                    "changed": note.rows_changed,
                    "gone": note.rows_gone,
                    "seconds": round(note.seconds, 3),
                }
                for harvest in self.harvests
                for note in harvest.sweeps.values()
            },
            "requests": sum(harvest.requests for harvest in self.harvests),
            "seconds": round(self.seconds, 3),
        }


def stream_name(harvest: Harvest, note: SweepNote) -> str:
    """How a stream is named in output."""
    return f"{account_name(harvest)}.{note.resource}"


def account_name(harvest: Harvest) -> str:
    """How an account is named in output: it is told unless it is the default one."""
    return harvest.platform if harvest.account == "default" else f"{harvest.platform}.{harvest.account}"


def refresh(options: Options, tell: Tell, stop: threading.Event) -> Outcome:
    """Bring the warehouse up to date; raises HiringEltError when nothing was published."""
    began = time.monotonic()
    settings = settings_of.load(
        warehouse=options.warehouse, platforms=options.platforms, accounts=options.accounts, select=options.select
    )
    for warning in settings.warnings:
        tell.warn(warning)
    warehouse = open_warehouse(settings.warehouse)
    outcome = Outcome(new_id(), warehouse.place)
    with warehouse.session(wait_seconds=options.wait_seconds, stop=stop) as session:
        care = care_of(session)
        settings = replace(settings, policy=care.begin(settings.policy))
        tell.step(f"reading {' and '.join(account.name for account in settings.accounts)}")
        read_accounts(settings, session, options, outcome, tell, stop)
        care.forget(outcome.harvests)
        tell.step("loading what changed")
        load_rows(session, outcome.refresh_id, outcome.harvests)
        write_ledger(session, outcome.refresh_id, outcome.harvests, policy=settings.policy.fingerprint)
        care.expire(outcome.harvests)
        _refuse_when_stopped(stop)
        builds = can_build(session, tell) and (care.must_build or not options.skip_build)
        if builds:
            tell.step("building and testing the models")
            outcome.built = build_models(session, settings)
        _refuse_when_stopped(stop)
        tell.step("verifying")
        verify(session, outcome.harvests, models_built=builds)
        care.finish(keep=kept_wanted())
        _refuse_when_stopped(stop)
        session.publish()
    outcome.seconds = time.monotonic() - began
    return outcome


def read_accounts(
    settings: Settings, session: Session, options: Options, outcome: Outcome, tell: Tell, stop: threading.Event
) -> None:
    """Read all accounts side by side; one that fails does not stop the others, unless all do."""
    gates = gates_of(settings.accounts)
    with ThreadPoolExecutor(len(settings.accounts), "account") as threads:
        tasks = {
            account.name: threads.submit(_read_one, account, settings, session, options, gates, tell, stop)
            for account in settings.accounts
        }
        for account in settings.accounts:
            try:
                outcome.harvests.append(tasks[account.name].result())
            except Stopped:
                raise
            except HiringEltError as error:
                outcome.failures[account.name] = error
    _refuse_when_stopped(stop)
    if len(outcome.failures) == len(settings.accounts):
        raise _all_failed(outcome.failures)
    for account in settings.accounts:
        if account.name in outcome.failures:
            outcome.harvests.append(_nothing_read(account, outcome.failures[account.name]))


def _read_one(
    account: AccountSettings,
    settings: Settings,
    session: Session,
    options: Options,
    gates: Gates,
    tell: Tell,
    stop: threading.Event,
) -> Harvest:
    wishes = Wishes(
        full=options.full,
        accept_absences=options.accept_absences,
        max_requests=options.max_requests,
        max_minutes=options.max_minutes,
        grace_hours=account.absence_grace_hours,
    )
    known = session.known(account.platform.name, account.account)
    with access_to(account, known, settings.policy, gates, tell, stop) as access:
        return read_account(access, account.streams, wishes)


def _all_failed(failures: Mapping[str, HiringEltError]) -> HiringEltError:
    """The first failure; where there are several accounts, with what became of each."""
    first = next(iter(failures.values()))
    if len(failures) == 1:
        return first
    return type(first)(" ".join(f"{name}: {error.what}" for name, error in failures.items()), first.next_step)


def _nothing_read(account: AccountSettings, error: HiringEltError) -> Harvest:
    """The notes of an account that failed as a whole: its rows stay, and the ledger says why."""
    now = datetime.now(UTC)
    harvest = Harvest(account.platform.name, account.account, started_at=now, finished_at=now)
    for name in account.streams:
        harvest.sweeps[name] = SweepNote(name, verdict="failed", reason=words_of_part(error), absences="suspended")
    return harvest


def words_of_part(error: HiringEltError) -> str:
    """What an error says when it cost one account alone: others were read and published."""
    return str(error).replace("Nothing was changed.", "Its rows stay as they are.")


def can_build(session: Session, tell: Tell) -> bool:
    """Whether the models can be built here; says why where they cannot."""
    reason = session.why_no_models()
    if reason is not None:
        tell.line(f"The models are not built: {reason}.")
    return reason is None


def build_models(session: Session, settings: Settings, select: Sequence[str] = ()) -> Built:
    """Build and test the SQL models in the session."""
    variables = {"report_timezone": settings.report_timezone} | schema_variables(session)
    return build(session.dbt_output(), session.work, variables=variables, select=select)


def schema_variables(session: Session) -> dict[str, str]:
    """The names of schemas as the models are told them, where a session builds beside what people read."""
    prefix = session.schema("marts").removesuffix("marts")
    return {"schema_prefix": prefix, "meta_schema": session.schema("meta")}


def rebuild(address: str | None, tell: Tell, stop: threading.Event) -> Built:
    """Build and test the models of a warehouse again and publish them; reads no platform."""
    settings = settings_of.load(warehouse=address, need_accounts=False)
    warehouse = open_warehouse(settings.warehouse)
    warehouse.query("select 1")
    with warehouse.session(wait_seconds=0.0, stop=stop) as session:
        tell.step("building and testing the models")
        built = build_models(session, settings)
        _refuse_when_stopped(stop)
        session.publish()
    return built


def _refuse_when_stopped(stop: threading.Event) -> None:
    if stop.is_set():
        raise Stopped


__all__ = ["Options", "Outcome", "build_models", "rebuild", "refresh"]
