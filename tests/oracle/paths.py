"""The path of an application: its visits in order, where each ended and how; stays after the close set apart."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from oracle import words
from oracle.dated import NEVER, Dated, lowered
from oracle.outcomes import State, carried_at, changed_at, closing, states
from oracle.visits import Visit, in_order, status

if TYPE_CHECKING:
    from datetime import datetime

    from oracle.applications import Application


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


def path(application: Application) -> Path:
    """Work out the whole path."""
    history = states(application)
    periods = _periods(application, history)
    visits = _bounded_by_close(application, history, application.visits())
    visits = in_order(visits)
    after_close = _into_periods(application, periods, visits)
    stays = [stay for number, period in enumerate(periods) for stay in _chain(period, number)]
    skipped = [] if history[-1].outcome == "unknown" and not stays else _passed_over(application, periods, history[-1])
    late = [Stay(visit, len(periods), is_after_close=True) for visit in sorted(after_close, key=_place)]
    return Path(history, periods, [*stays, *skipped, *late])


def _periods(application: Application, history: list[State]) -> list[Period]:
    """Cut the history at the reopenings; what changes while it is closed is settled by the last word."""
    periods = [Period(history[0], NEVER)]
    for state in history:
        period = periods[-1]
        if state.exit_type is not None:
            period.closed = state
        elif period.closed is not None:
            periods.append(Period(state, changed_at(application, state)))
    for period in periods:
        if period.closed is not None:
            is_vanished = period.closed.exit_type == "vanished"
            period.close = changed_at(application, period.closed) if is_vanished else closing(application, period.closed)
    return periods


def _bounded_by_close(application: Application, history: list[State], visits: list[Visit]) -> list[Visit]:
    """One is closed where one stands: an entry seen together with an exact close was not after it."""
    closes = [(carried_at(application, state), closing(application, state).at) for state in history if state.outcome in words.CLOSED]
    for carried, at in closes:
        if carried is not None:
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


def _into_periods(application: Application, periods: list[Period], visits: list[Visit]) -> list[Visit]:
    """Give each period its visits, and each one that has none a visit of its own; return those after a close."""
    after_close = []
    for visit in sorted(visits, key=_place):
        assert visit.entered.at is not None
        home: Period | None = None
        for number, period in enumerate(periods):
            if period.close.at is None or visit.entered.at <= period.close.at:
                home = period
                break
            follows = periods[number + 1] if number + 1 < len(periods) else None
            if follows is None or visit.known_at < follows.opened.since:
                break
        if home is None:
            after_close.append(visit)
        else:
            home.visits.append(visit)
    first = periods[0]
    applied = application.applied
    if not first.visits or (applied.at is not None and _place(first.visits[0])[0] > applied.at):
        first.visits.insert(0, Visit(None, "applied", None, 1, applied))
    for earlier, period in zip(periods, periods[1:], strict=False):
        if not period.visits:
            last = earlier.visits[-1]
            same = [visit.number for each in periods for visit in each.visits if visit.role_step_id == last.role_step_id]
            same += [visit.number for visit in after_close if visit.role_step_id == last.role_step_id]
            again = replace(last, number=max(same) + 1, entered=period.reopened, opened_at=None)
            period.visits.append(again)
    return after_close


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


def _passed_over(application: Application, periods: list[Period], now: State) -> list[Stay]:
    """Steps that were skipped and never visited, at the entry of the next step that was."""
    found = []
    for record, versions in application.steps.items():
        step = application.templates[record]
        last = versions[-1]
        visited = any(visit.role_step_id == step.id for period in periods for visit in period.visits)
        if status(last) != "skipped" or visited:
            continue
        later = [
            (number, visit)
            for number, period in enumerate(periods)
            for visit in period.visits
            if visit.order is not None and step.order is not None and visit.order > step.order
        ]
        if later:
            number, following = later[0]
            at = following.entered
        elif now.outcome == "hired":
            number, at = len(periods) - 1, periods[-1].close
        else:
            continue
        visit = Visit(step.id, step.stage, step.order, 0, at, None, [], step.step_type, is_skipped=True)
        found.append(Stay(visit, number, at, "forward"))
    return found
