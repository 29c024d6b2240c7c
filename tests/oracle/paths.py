"""The path of an application: its visits in order, where each ended and how; stays after the close set apart."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from oracle import words
from oracle.dated import NEVER, Dated, lowered
from oracle.visits import Visit

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from oracle.outcomes import State


@dataclass
class Story:
    """What a platform says of one application, for the path to be made of."""

    applied: Dated
    history: list[State]
    visits: list[Visit]
    changed_at: Callable[[State], Dated]
    """The bounds of a change of state."""
    closing: Callable[[State], Dated]
    """When the application was closed in that way."""
    carried_at: Callable[[State], datetime | None]
    """The reply that carried the exact instant of a closing."""
    skipped: list[Visit] = field(default_factory=list)
    """Steps passed over, if a later one was entered."""
    settle: Callable[[list[Visit]], list[Visit]] = lambda visits: visits
    """What a platform still has to say on the entries, once those seen with a close are bounded."""


@dataclass
class Stay:
    """A visit in its place in the path."""

    visit: Visit
    period: int
    left: Dated = NEVER
    exit_type: str | None = None
    is_current: bool = False
    is_after_close: bool = False
    is_stage_entry: bool = False
    is_stage_exit: bool = False


@dataclass
class Period:
    """One time in the pipeline: from the application or a reopening to the close, if there was one."""

    opened: State
    reopened: Dated
    """The change that reopened it; null for the first."""
    closed: State | None = None
    close: Dated = NEVER
    visits: list[Visit] = field(default_factory=list)


@dataclass
class Path:
    """All of an application's story."""

    states: list[State]
    periods: list[Period]
    stays: list[Stay]

    @property
    def state(self) -> State:
        return self.states[-1]

    @property
    def walked(self) -> list[Stay]:
        """The stays that count: neither passed over nor after the close."""
        return [stay for stay in self.stays if not stay.is_after_close and not stay.visit.is_skipped]


def path(story: Story) -> Path:
    """Work out the whole path."""
    story = replace(story, history=_without_echoes(story))
    periods = _periods(story)
    visits = story.settle(_bounded_by_close(story))
    after_close = _into_periods(story, periods, visits)
    stays = [stay for number, period in enumerate(periods) for stay in _chain(period, number)]
    late = [Stay(visit, len(periods), is_after_close=True) for visit in sorted(after_close, key=_place)]
    return Path(story.history, periods, [*stays, *_passed_over(story, periods), *late])


def _without_echoes(story: Story) -> list[State]:
    """Leave out what seems open again after it was out of sight, though a moment later its close of before is told."""
    history = story.history
    kept = history[:1]
    for place in range(1, len(history)):
        before, state, after = history[place - 1], history[place], (history[place + 1 :] or [None])[0]
        if state.exit_type is None and before.exit_type == "vanished" and after and after.outcome in words.CLOSED:
            close = story.closing(after)
            if close.is_exact and close.at is not None and close.at <= state.since:
                continue
        kept.append(state)
    return kept


def _periods(story: Story) -> list[Period]:
    """Cut the history at the reopenings; what changes while it is closed is settled by the last word."""
    periods = [Period(story.history[0], NEVER)]
    for state in story.history:
        period = periods[-1]
        if state.exit_type is not None:
            period.closed = state
        elif period.closed is not None:
            periods.append(Period(state, story.changed_at(state)))
    for period in periods:
        if period.closed is not None:
            when = story.changed_at if period.closed.exit_type == "vanished" else story.closing
            period.close = when(period.closed)
    return periods


def _bounded_by_close(story: Story) -> list[Visit]:
    """One is closed where one stands: an entry seen together with an exact close was not after it."""
    visits = story.visits
    for state in story.history:
        carried = story.carried_at(state) if state.outcome in words.CLOSED else None
        if carried is not None:
            at = story.closing(state).at
            visits = [
                replace(visit, entered=lowered(visit.entered, at))
                if visit.opened_at == carried and not visit.entered.is_exact
                else visit
                for visit in visits
            ]
    return visits


def _place(visit: Visit) -> tuple[datetime, int, str, int]:
    assert visit.entered.at is not None
    order = -1 if visit.order is None else visit.order
    return visit.entered.at, order, visit.role_step_id or "", visit.number


def _into_periods(story: Story, periods: list[Period], visits: list[Visit]) -> list[Visit]:
    """Give each period its visits, and each one that has none a visit of its own; return those after a close."""
    after_close = []
    for visit in sorted(visits, key=_place):
        assert visit.entered.at is not None
        home: Period | None = None
        for period in periods:
            if period.close.at is None or visit.entered.at <= period.close.at:
                home = period
                break
        if home is None:
            after_close.append(visit)
        else:
            home.visits.append(visit)
    first = periods[0]
    applied = story.applied
    if not first.visits or (applied.at is not None and _place(first.visits[0])[0] > applied.at):
        first.visits.insert(0, Visit(None, "applied", None, 1, applied))
    for earlier, period in pairwise(periods):
        if not period.visits:
            last = earlier.visits[-1]
            same = [
                visit.number for each in periods for visit in each.visits if visit.role_step_id == last.role_step_id
            ]
            same += [visit.number for visit in after_close if visit.role_step_id == last.role_step_id]
            again = replace(
                last,
                number=max(same) + 1,
                entered=_not_after(period.reopened, period.close),
                opened_at=None,
                versions=[],
            )
            period.visits.append(again)
    return after_close


def _not_after(entered: Dated, close: Dated) -> Dated:
    """A stay cannot begin after the exact instant at which it ended."""
    if not close.is_exact or close.at is None or entered.at is None or entered.at <= close.at:
        return entered
    known = entered.not_before
    return Dated(close.at, None if known is None else min(known, close.at), close.at)


def _chain(period: Period, number: int) -> list[Stay]:
    stays = [Stay(visit, number) for visit in period.visits]
    for place, stay in enumerate(stays):
        visit = stay.visit
        before = stays[place - 1].visit if place else None
        following = stays[place + 1].visit if place + 1 < len(stays) else None
        stay.is_stage_entry = before is None or before.stage != visit.stage
        stay.is_stage_exit = following is None or following.stage != visit.stage
        if following is not None:
            stay.left = following.entered
            # Tailed: the order of a step is the rank of its stage.
            is_back = following.order is not None and visit.order is not None and following.order < visit.order
            stay.exit_type = "back" if is_back else "forward"
        elif period.closed is not None:
            stay.left = period.close
            stay.exit_type = period.closed.exit_type
        else:
            stay.exit_type = "open"
            stay.is_current = True
            stay.is_stage_exit = False
    return stays


def _passed_over(story: Story, periods: list[Period]) -> list[Stay]:
    """Steps that were skipped and never visited, at the entry of the next step that was."""
    found = []
    for step in story.skipped:
        later = [
            (number, visit)
            for number, period in enumerate(periods)
            for visit in period.visits
            if visit.order is not None and step.order is not None and visit.order > step.order
        ]
        if later:
            number, at = later[0][0], later[0][1].entered
        elif story.history[-1].outcome == "hired":
            number, at = len(periods) - 1, periods[-1].close
        else:
            continue
        found.append(Stay(replace(step, entered=at), number, at, "forward"))
    return found
