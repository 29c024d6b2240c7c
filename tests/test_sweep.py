"""What a sweep reads of a moving list, what it costs, and what it dares to call proven."""

from dataclasses import replace

import pytest
from moving_list import SORTED, STABLE_PLACES, MovingList, drive

from connector.sweep import Reply, Swept, Window, predicted_requests, sweep

PURGED_ROWS = 250


def swept(moving: MovingList, *, ahead: int = 0, first_page: int = 0) -> Swept:
    return drive(sweep(ahead=ahead, first_page=first_page), moving)


def missed(moving: MovingList, result: Swept) -> set[str]:
    return moving.alive_throughout() - result.seen.keys()


QUIET_COSTS = [(0, 1), (99, 1), (100, 3), (500, 7), (1_000, 13), (3_000, 35), (10_000, 116), (100_000, 1_154)]


@pytest.mark.parametrize(("rows", "requests"), QUIET_COSTS)
def test_a_quiet_sorted_list_costs_what_the_plan_says(rows, requests):
    moving = MovingList(rows)
    result = swept(moving)

    assert (result.verdict, result.requests, predicted_requests(rows)) == ("proven", requests, requests)
    assert len(result.seen) == result.distinct == rows


def test_a_quiet_list_without_a_known_order_costs_twice_that():
    result = swept(MovingList(3_000, "name"))

    assert (result.verdict, result.requests, result.order) == ("count_complete", 70, None)
    assert predicted_requests(3_000, is_sorted=False) == 70


@pytest.mark.parametrize(
    ("order", "recognised"),
    [
        ("id_asc", "id rising"),
        ("id_sorted", "id rising"),
        ("created_desc", "id falling"),
        ("updated_desc", "updatedAt falling"),
        ("updated_asc", "updatedAt rising"),
    ],
)
def test_the_order_of_the_list_is_recognised(order, recognised):
    assert swept(MovingList(1_000, order, churn=3, seed=4)).order == recognised


@pytest.mark.parametrize("ahead", [0, 3])
@pytest.mark.parametrize("order", SORTED)
def test_a_row_deleted_just_behind_the_cursor_hides_nothing_though_the_count_agrees(order, ahead):
    """T2."""
    moving = MovingList(3_000, order, churn=3, behind=True, mix=(0, 0, 0, 1), seed=1)
    result = swept(moving, ahead=ahead)

    assert (result.verdict, missed(moving, result)) == ("proven", set())


@pytest.mark.parametrize("order", SORTED)
def test_a_purge_at_the_head_in_mid_sweep_hides_nothing_at_thrice_the_requests(order):
    """T3."""
    moving = MovingList(3_000, order)
    moving.script[17] = lambda rows: [rows.delete(0) for _ in range(PURGED_ROWS)]
    result = swept(moving)

    assert (result.verdict, missed(moving, result)) == ("proven", set())
    assert result.requests <= 3 * predicted_requests(3_000)


def test_after_a_purge_too_large_to_follow_a_second_pass_proves_the_list():
    moving = MovingList(3_000)
    moving.script[17] = lambda rows: [rows.delete(0) for _ in range(1_000)]
    result = swept(moving)

    assert (result.verdict, result.passes, missed(moving, result)) == ("proven", 2, set())


def test_a_row_that_moves_to_the_head_while_the_head_is_read_again_is_seen():
    """Unread rows go to the head; while that is read in several windows, one of them goes to the very top."""
    heads = 0

    class Restless(MovingList):
        def reply(self, window: Window) -> Reply:
            nonlocal heads
            reply = super().reply(window)
            heads += window.page == 0
            if heads == 2 and window.page == 0:
                self.update(180)
            return reply

    moving = Restless(1_000, "updated_desc")
    moving.script[3] = lambda rows: [rows.update(990) for _ in range(200)]
    result = swept(moving)

    assert heads > 2
    assert (result.verdict, missed(moving, result)) == ("proven", set())


def test_all_unread_rows_edited_once_are_seen_though_each_moves_to_the_head():
    """T4."""
    moving = MovingList(1_000, "updated_desc")
    for request in range(1, 10):
        moving.script[request] = lambda rows: [rows.update(950) for _ in range(90)]
    result = swept(moving)

    assert missed(moving, result) == set()


@pytest.mark.parametrize("order", STABLE_PLACES)
def test_a_list_whose_order_is_not_strict_is_never_proven(order):
    """T5."""
    assert {swept(MovingList(600, order, churn=churn)).verdict for churn in (0, 1)} <= {"count_complete", "unproven"}


@pytest.mark.parametrize("order", ["ties", "random"])
def test_rows_that_change_places_are_noticed_and_read_forward_and_backward(order):
    result = swept(MovingList(600, order))

    assert "rows change places" in result.reason
    assert result.passes >= 3


@pytest.mark.parametrize(
    "platform",
    [
        {"clamp": 100},
        {"clamp": 20},
        {"clamp": 20, "echo_size": lambda size: 20},
        {"clamp": 100, "echo_size": lambda size: None},
        {"echo_size": lambda size: 100},
    ],
    ids=["clamped", "ignored", "ignored and said so", "clamped without echo", "echoed wrong"],
)
def test_a_page_size_of_the_server_s_own_is_noticed_and_proves_nothing(platform):
    """T6."""
    quiet, busy = MovingList(1_050, **platform), MovingList(1_050, churn=1, **platform)
    result = swept(quiet)

    assert (result.verdict, result.sizes_honoured, missed(quiet, result)) == ("count_complete", False, set())
    assert swept(busy).verdict in {"count_complete", "unproven"}


SEAMS = {1: 1, 2: 2, 3: 6, 4: 12, 5: 60, 6: 60, 7: 420, 8: 840, 9: 2_520, 10: 2_520, 12: 27_720}
"""Each largest page size, and the row at which pages of no size overlap any more."""


@pytest.mark.parametrize("ahead", [0, 3])
@pytest.mark.parametrize("largest", SEAMS)
def test_small_pages_are_proven_up_to_the_row_at_which_none_overlap_and_read_whole_beyond(largest, ahead):
    seam = SEAMS[largest]
    for rows in {0, 1, largest, min(seam - 1, 1_500), seam, seam + 1, min(3 * seam, seam + 1_500)} - {
        27_720,
        27_721,
        29_220,
    }:
        moving = MovingList(rows, "created_desc")
        result = drive(sweep(largest=largest, ahead=ahead), moving)

        assert missed(moving, result) == set()
        assert result.verdict == ("proven" if rows < max(seam, 1) else "count_complete"), (rows, result.reason)
        assert result.requests == predicted_requests(rows, largest=largest)


@pytest.mark.parametrize("past_end", ["empty", "refused", "last page again"])
@pytest.mark.parametrize("order", SORTED)
def test_a_list_that_shrinks_below_the_cursor_ends_where_it_ends(order, past_end):
    moving = MovingList(1_500, order, past_end=past_end)
    moving.script[12] = lambda rows: [rows.delete(900) for _ in range(500)]
    result = swept(moving, ahead=3)

    assert (result.verdict, missed(moving, result)) == ("proven", set())


@pytest.mark.parametrize(
    "total",
    [lambda rows: -1, lambda rows: 0, lambda rows: 1_000, lambda rows: None, lambda rows: min(rows, 2_000)],
    ids=["negative", "nil", "capped", "absent", "capped further on"],
)
def test_a_wrong_count_never_ends_a_list(total):
    moving = MovingList(3_000, total=total)
    result = swept(moving)

    assert (result.verdict, len(result.seen)) == ("proven", 3_000)


def test_a_count_that_promises_rows_that_never_come_is_told():
    result = swept(MovingList(1_000, total=lambda rows: rows + 500))

    assert (result.verdict, result.depth_limit, len(result.seen)) == ("unproven", 1_000, 1_000)
    assert "nothing behind row 1000" in result.reason


def test_a_depth_limit_is_told_and_what_lies_before_it_is_read():
    result = swept(MovingList(5_000, depth=2_000))

    assert (result.verdict, result.depth_limit is not None) == ("unproven", True)
    assert 1_800 <= len(result.seen) <= 2_000
    assert result.requests < 60


def test_the_first_page_may_be_number_one():
    moving = MovingList(500)
    answer = moving.reply

    def from_one(window: Window) -> Reply:
        reply = answer(window)
        return replace(reply, page=window.page + 1)

    moving.reply = from_one

    assert swept(moving, first_page=1).verdict == "proven"
    assert swept(moving).verdict == "unproven"


def test_a_server_that_sends_the_same_page_for_ever_is_left():
    class Deaf(MovingList):
        def reply(self, window: Window) -> Reply:
            same = super().reply(Window(0, window.size))
            return replace(same, page=None, page_size=window.size, total_count=None)

    result = swept(Deaf(500))

    assert result.verdict == "unproven"
    assert result.requests < 150


def test_an_id_twice_in_a_window_breaks_the_order():
    class Stuttering(MovingList):
        def reply(self, window: Window) -> Reply:
            reply = super().reply(window)
            ids = [*reply.ids[:-1], reply.ids[0]] if len(reply.ids) > 1 else reply.ids
            return replace(reply, ids=ids)

    result = swept(Stuttering(50))

    assert (result.verdict, result.duplicate_in_window > 0) == ("unproven", True)


def test_a_row_without_an_id_keeps_its_place():
    class Holed(MovingList):
        def reply(self, window: Window) -> Reply:
            reply = super().reply(window)
            ids = [None if row == "0000250" else row for row in reply.ids]
            return replace(reply, ids=ids)

    result = swept(Holed(500))

    assert (result.verdict, len(result.seen)) == ("proven", 499)


def test_ids_are_compared_as_numbers_when_they_are():
    class Numbered(MovingList):
        def reply(self, window: Window) -> Reply:
            reply = super().reply(window)
            ids = [str(int(row or "0") + 95) for row in reply.ids]
            return replace(reply, ids=ids, created=(), updated=())

    assert swept(Numbered(500)).order == "id rising"


def test_windows_asked_ahead_never_reach_the_tail():
    moving = MovingList(1_000)
    planner, offered = sweep(ahead=3), set()
    ask = next(planner)
    try:
        while True:
            offered |= set(ask.ahead)
            ask = planner.send(moving.reply(ask.window))
    except StopIteration:
        pass

    assert max(window.end for window in offered) <= 900


def test_replies_from_replicas_that_lag_lose_no_row_that_was_not_edited():
    for seed in range(20):
        moving = MovingList(1_000, SORTED[seed % 4], churn=1, seed=seed, lag=3)
        before = moving.unchanged()
        result = swept(moving)
        still = before & moving.unchanged() & moving.alive_throughout()

        assert result.verdict != "proven" or not still - result.seen.keys()
