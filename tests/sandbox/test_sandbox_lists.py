"""Orders, page edges, and rows that move: every switch of lists."""

from random import Random
from typing import TYPE_CHECKING, Any, cast

import pytest
from sandbox_asking import END, Asking, by_id, read_all

from connector.sandbox import Company, Drift, Server, Switches
from connector.sandbox.resources import CANDIDATES, EVERYTHING
from connector.sandbox.views import View

if TYPE_CHECKING:
    from connector.sandbox.switches import Order

LIST = "/api/v1/candidates"
KEYS: dict[str, Any] = {
    "created_desc": (lambda row: (row["createdAt"], row["id"]), True),
    "created_asc": (lambda row: (row["createdAt"], row["id"]), False),
    "id_asc": (lambda row: row["id"], False),
    "id_desc": (lambda row: row["id"], True),
    "updated_asc": (lambda row: (row["updatedAt"], row["id"]), False),
    "updated_desc": (lambda row: (row["updatedAt"], row["id"]), True),
    "name": (lambda row: (row["fullName"], row["id"]), False),
}


@pytest.fixture
def company() -> Company:
    """Rows are enough here; their stories take longer to tell."""
    return Company.light(candidates=150, end=END)


@pytest.mark.parametrize("order", sorted(KEYS))
def test_a_list_has_the_order_asked_for_also_after_changes(
    ask: Asking, company: Company, switches: Switches, order: str
) -> None:
    switches.order = cast("Order", order)
    key, reverse = KEYS[order]
    for _ in range(3):
        rows = read_all(ask, LIST, size=9)
        assert rows == sorted(company.truth("talent_ray", "candidates"), key=key, reverse=reverse)
        company.advance(days=3)
        company.update("talent_ray", "candidates", rows[5]["id"], fullName="Aaron Moved")
        company.delete("talent_ray", "candidates", rows[7]["id"])
        company.hide("talent_ray", "candidates", rows[9]["id"])


def test_ties_come_in_another_order_each_time(ask: Asking, switches: Switches, company: Company) -> None:
    switches.order = "ties_shuffled"
    for number in range(30):
        company.insert("talent_ray", "candidates", fullName=f"Twin {number}")

    one, other = (ask(LIST, params={"page": 1, "pageSize": 100}).json()["data"] for _ in range(2))

    assert [row["id"] for row in one] != [row["id"] for row in other]
    days = [row["createdAt"][:10] for row in one]
    assert days == sorted(days)


def test_a_list_without_order_is_shuffled_by_every_request(ask: Asking, switches: Switches, company: Company) -> None:
    switches.order = "shuffled"

    ids = [row["id"] for row in read_all(ask, LIST, size=20)]

    assert len(ids) == len(company.truth("talent_ray", "candidates"))
    assert len(set(ids)) < len(ids)


def test_windows_of_any_size_overlap_as_arithmetic_says(ask: Asking, company: Company) -> None:
    everything = [row["id"] for row in read_all(ask, LIST, size=100)]
    for page, size in [(0, 100), (1, 99), (3, 31), (2, 40), (17, 6)]:
        data = ask(LIST, params={"page": page, "pageSize": size}).json()["data"]
        assert [row["id"] for row in data] == everything[page * size : (page + 1) * size]


# Edges


def test_a_page_past_the_end(ask: Asking, switches: Switches) -> None:
    def past() -> tuple[int, int]:
        answer = ask(LIST, params={"page": 50, "pageSize": 100})
        return answer.status_code, len(answer.json().get("data", ()))

    last = len(ask(LIST, params={"page": 1, "pageSize": 100}).json()["data"])
    assert past() == (200, 0)
    switches.past_the_end = "400"
    assert past() == (400, 0)
    switches.past_the_end = "404"
    assert past() == (404, 0)
    switches.past_the_end = "last_page"
    assert past() == (200, last)
    assert ask(LIST, params={"page": 50, "pageSize": 100}).json()["pagination"]["page"] == 1


def test_a_page_size_over_the_maximum(ask: Asking, switches: Switches) -> None:
    def over() -> tuple[int, int | None, int]:
        body = ask(LIST, params={"pageSize": 110}).json()
        return len(body.get("data", ())), body.get("pagination", {}).get("pageSize"), len(body)

    assert over() == (100, 100, 2)
    switches.page_size_over_max = "clamped_echo_requested"
    assert over() == (100, 110, 2)
    switches.page_size_over_max = "ignored"
    assert over()[0] == 110
    switches.page_size_over_max = "400"
    assert ask(LIST, params={"pageSize": 110}).status_code == 400
    switches.page_size_ignored = 20
    assert over() == (20, 20, 2)
    switches.page_size_echo = "requested"
    assert over() == (20, 110, 2)
    switches.page_size_echo = "wrong"
    assert over() == (20, 21, 2)


@pytest.mark.parametrize(
    "bad", [{"page": "-1"}, {"page": "x"}, {"pageSize": "0"}, {"pageSize": "1.5"}, {"pageSize": ""}]
)
def test_a_bad_page(ask: Asking, switches: Switches, bad: dict[str, str]) -> None:
    assert ask(LIST, params=bad).status_code == 400
    switches.bad_page = "default"
    assert ask(LIST, params=bad).json()["pagination"] | {"totalCount": 0, "totalPages": 0} == {
        "page": 0,
        "pageSize": 20,
        "totalCount": 0,
        "totalPages": 0,
    }


def test_totals_can_lie(ask: Asking, switches: Switches) -> None:
    def told() -> Any:
        return ask(LIST).json()["pagination"]

    true = told()["totalCount"]
    for form, expected in {"plus_one": true + 1, "negative": -1, "zero": 0, "text": str(true), "capped": 100}.items():
        switches.total_count = form  # type: ignore[assignment]
        assert told()["totalCount"] == expected
    switches.total_count = "absent"
    assert "totalCount" not in told()
    switches.total_pages = "zero"
    assert told()["totalPages"] == 0


def test_an_empty_list(ask: Asking, switches: Switches) -> None:
    switches.empty_lists = ("candidates",)
    assert ask(LIST).json() == {"data": [], "pagination": {"page": 0, "pageSize": 20, "totalCount": 0, "totalPages": 0}}
    switches.empty_total_pages = 1
    assert ask(LIST).json()["pagination"]["totalPages"] == 1


def test_a_list_can_have_a_depth(ask: Asking, switches: Switches) -> None:
    switches.deepest_row = 60

    assert ask(LIST, params={"page": 1, "pageSize": 30}).status_code == 200
    assert ask(LIST, params={"page": 2, "pageSize": 30}).status_code == 400


def test_an_unknown_parameter(ask: Asking, switches: Switches) -> None:
    assert ask(LIST, params={"sort": "id"}).status_code == 200
    switches.unknown_parameter = "400"
    assert ask(LIST, params={"sort": "id"}).status_code == 400


# Shapes


def test_times_and_scores_take_other_forms(ask: Asking, company: Company, switches: Switches) -> None:
    row = next(row for row in company.truth("talent_ray", "candidates") if row["roles"])
    path = f"{LIST}/{row['id']}"
    scored = next(
        row for row in company.truth("talent_ray", "candidates") if any(r["overallFitScore"] > 0 for r in row["roles"])
    )
    switches.timestamps = "fractions"
    assert "." in ask(path).json()["createdAt"]
    switches.timestamps = "offset"
    assert ask(path).json()["createdAt"] == row["createdAt"].replace("Z", "+00:00")
    switches.scores = "decimals"
    scores = [link["overallFitScore"] for link in ask(f"{LIST}/{scored['id']}").json()["roles"]]
    assert any(score % 1 == 0.75 for score in scores)
    assert all(score in (-1, 0) or score % 1 == 0.75 for score in scores)


def test_what_is_absent_or_dropped(ask: Asking, company: Company, switches: Switches) -> None:
    switches.passing_score = "absent"
    switches.ended_assignments = "dropped"
    steps = [
        step
        for role in company.truth("talent_ray", "roles")[:6]
        for step in ask(f"/api/v1/roles/{role['id']}/steps").json()["data"]
    ]

    assert {"passingScore" in step for step in steps} == {True, False}
    statuses = {link["status"].lower() for row in read_all(ask, LIST) for link in row["roles"]}
    assert not statuses & {"rejected", "hired", "withdrawn"}
    assert "in pipeline" in statuses


def test_the_schema_drifts(ask: Asking, company: Company, switches: Switches) -> None:
    rows = by_id(read_all(ask, LIST))
    victim = rows[3]["id"]
    switches.new_fields = True
    switches.drift = [
        Drift("candidates", "phone", gone=True),
        Drift("candidates", "status", value=7, ids=(victim,)),
        Drift("candidates", "roles.roleId", value=None, share=0.5),
    ]

    drifted = by_id(read_all(ask, LIST))

    assert all("phone" not in row and row["xNewField"] == {"level": 1, "tags": ["a"]} for row in drifted)
    assert all("xNewField" in link for row in drifted for link in row["roles"])
    assert [row["id"] for row in drifted if row["status"] == 7] == [victim]
    nulls = {link["roleId"] is None for row in drifted for link in row["roles"]}
    assert nulls == {True, False}
    switches.drift = [Drift("candidates", "", value="oops", ids=(victim,))]
    assert read_all(ask, LIST).count("oops") == 1  # type: ignore[arg-type]
    switches.drift = []
    switches.new_fields = False
    assert by_id(read_all(ask, LIST)) == rows


def test_a_row_is_written_once_however_often_it_is_read(company: Company) -> None:
    written: list[str] = []

    def render(row: dict[str, Any]) -> bytes:
        written.append(row["id"])
        return row["id"].encode()

    view = View(company.world, CANDIDATES, EVERYTHING, "created_desc", lambda _world, _row: True, render)
    ids = view.ids(0, len(view), Random(0))
    for _ in range(3):
        assert [view.row(record_id).decode() for record_id in ids] == ids
    company.update("talent_ray", "candidates", ids[4], phone="+4930123456")
    view.sync()
    assert view.row(ids[4]).decode() == ids[4]

    assert written == [*ids, ids[4]]


# Moving rows


def test_a_quiet_list_stays_as_it_is(ask: Asking, company: Company) -> None:
    count = len(company.log)
    read_all(ask, LIST, size=10)

    assert len(company.log) == count


def test_rows_move_while_they_are_read_and_every_move_is_logged(
    ask: Asking, company: Company, switches: Switches
) -> None:
    count = len(company.log)
    switches.churn_rate = 2.0
    read_all(ask, LIST, size=10)
    switches.churn_rate = 0.0
    moves = [event for event in company.log[count:] if event.entity == "candidate"]

    assert {event.event for event in moves} == {"created", "edited", "deleted"}
    assert by_id(read_all(ask, LIST)) == by_id(company.truth("talent_ray", "candidates"))


def test_deletes_fall_behind_the_cursor(ask: Asking, company: Company, server: Server, switches: Switches) -> None:
    everything = [row["id"] for row in read_all(ask, LIST, size=100)]
    switches.churn_rate, switches.churn_mix, switches.churn_behind = 2.0, {"pair": 1.0}, True
    switches.churn_lists = ("candidates",)
    switches.churn_backdated = 0.0

    ask(LIST, params={"page": 3, "pageSize": 20})

    assert len(company.truth("talent_ray", "candidates")) == len(everything)
    gone = set(everything) - {row["id"] for row in company.truth("talent_ray", "candidates")}
    assert gone <= set(everything[:60])


def test_the_head_is_purged_once(ask: Asking, company: Company, switches: Switches) -> None:
    everything = [row["id"] for row in read_all(ask, LIST, size=100)]
    switches.purge_rows, switches.purge_at_request = 25, 4

    for page in range(3):
        ask(LIST, params={"page": page, "pageSize": 10})

    left = [row["id"] for row in read_all(ask, LIST, size=100)]
    assert left == everything[25:]


def test_a_lagging_replica_shows_the_past(ask: Asking, company: Company, switches: Switches) -> None:
    row = company.truth("talent_ray", "candidates")[0]
    switches.replica_share, switches.replica_lag_events = 1.0, 1

    company.update("talent_ray", "candidates", row["id"], fullName="Newer Name")
    assert ask(f"{LIST}/{row['id']}").json() == row
    company.insert("talent_ray", "tests", name="One more")

    assert ask(f"{LIST}/{row['id']}").json()["fullName"] == "Newer Name"


@pytest.mark.parametrize(
    ("moves", "moved"), [((), False), (("assignments",), True), (("scores",), False), (("steps",), False)]
)
def test_what_moves_a_candidates_updated_at(
    ask: Asking, company: Company, switches: Switches, moves: tuple[str, ...], moved: bool
) -> None:
    row = next(row for row in company.truth("talent_ray", "candidates") if row["roles"])
    switches.updated_at_moves_with = moves
    company.advance(hours=0, seconds=5)

    company.update("talent_ray", "candidate_roles", f"{row['id']}:{row['roles'][0]['roleId']}", status="Second Look")

    assert (ask(f"{LIST}/{row['id']}").json()["updatedAt"] != row["updatedAt"]) is moved
