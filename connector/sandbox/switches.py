"""Everything about the server that is unknown, assumed, or can go wrong, each as one switch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from connector.sandbox.faults import Fault
    from connector.sandbox.shapes import Drift

Order = Literal[
    "created_desc",
    "created_asc",
    "id_asc",
    "id_desc",
    "updated_asc",
    "updated_desc",
    "name",
    "ties_shuffled",
    "shuffled",
]


@dataclass
class TailedShape:
    """What the Tailed API looks like; the defaults are the assumed shape, its numbers those of the assumptions."""

    header: str = "Authorization"  # A2
    scheme: str = "Bearer"
    paths: dict[str, str] = field(  # A3
        default_factory=lambda: {
            "candidates": "/v1/candidates",
            "jobs": "/v1/jobs",
            "applications": "/v1/applications",
            "snapshots": "/v1/analytics/snapshots",
        }
    )
    data_key: str = "data"  # A4; empty: the body is the array
    page_key: str = "pagination.page"  # A5
    page_size_key: str = "pagination.pageSize"
    total_count_key: str = "pagination.totalCount"
    total_pages_key: str = "pagination.totalPages"
    first_page: int = 0  # A6
    page_param: str = "page"  # A7
    size_param: str = "pageSize"
    max_size: int = 100  # A8
    over_max: Literal["clamped", "400"] = "clamped"
    rename: dict[str, dict[str, str]] = field(default_factory=dict)
    """A9, A10, A15: list -> assumed field -> field sent."""
    timestamps: Literal["Z", "fractions", "offset", "naive", "epoch_seconds", "epoch_milliseconds", "day_first"] = (
        "Z"  # A11
    )
    deletes_returned: bool = True  # A12
    rate_status: int = 429  # A14; A13 is the server's tailed_requests_per_minute
    rate_header: str | None = "Retry-After"
    refused_lists: tuple[str, ...] = ()
    """These answer 403: the scope or the plan lacks."""


@dataclass
class Switches:
    """How the servers behave. Every one can be changed while they serve; the defaults are the documented manners."""

    order: Order = "created_desc"
    past_the_end: Literal["empty", "400", "404", "last_page"] = "empty"
    page_size_over_max: Literal["clamped", "clamped_echo_requested", "400", "ignored"] = "clamped"
    page_size_max: int = 100
    page_size_ignored: int | None = None
    """The size of every page, whatever was asked for."""
    page_size_echo: Literal["applied", "requested", "wrong"] = "applied"
    bad_page: Literal["400", "default"] = "400"
    deepest_row: int | None = None
    """Beyond this row pages answer 400."""
    total_count: Literal["true", "plus_one", "negative", "zero", "text", "absent", "capped"] = "true"
    total_pages: Literal["true", "zero", "plus_one"] = "true"
    empty_lists: tuple[str, ...] = ()
    """Lists that answer with no rows at all, as a broken server does."""
    empty_total_pages: int = 0
    unknown_parameter: Literal["ignored", "400"] = "ignored"
    rate_window: Literal["sliding", "fixed"] = "sliding"
    retry_after: str | None = "seconds"
    """seconds, date, past_date, negative, zero, fraction, text, huge, any other text as it is, or None: no header."""
    retry_header: str = "Retry-After"
    refusal_body: Literal["json", "empty", "html"] = "json"
    """Body of a 401 and a 429."""
    timestamps: Literal["Z", "fractions", "offset"] = "Z"
    scores: Literal["integers", "decimals"] = "integers"
    passing_score: Literal["null", "absent"] = "null"
    ended_assignments: Literal["stay", "dropped"] = "stay"
    updated_at_moves_with: tuple[str, ...] = ()
    """Besides own fields: assignments, scores, steps, role_steps."""
    manager_sees_own_roles_only: bool = False
    member_sees_organization: bool = False
    new_key_scopes: Literal["none", "all"] = "none"
    contact_check: bool = True
    patch_unknown_only: Literal["400", "unchanged"] = "400"
    patch_unlisted_value: Literal["400", "accepted"] = "400"
    last_next_before: Literal["null", "absent"] = "null"
    counts_usage: bool = True

    # A key that sees less than before
    removed_scopes: tuple[str, ...] = ()
    demoted_to: str | None = None
    """owner, employer, hiring_manager or member: what platform admins become."""
    demoted_into: str | None = "org_north"
    demoted_user_id: str = "user_manager_north-harbour"
    demotion_shows_in_me: bool = True
    hidden_organizations: tuple[str, ...] = ()
    hidden_inside_roles: tuple[str, ...] = ()
    visible_share: float = 1.0

    # Rows that move while they are read
    churn_rate: float = 0.0
    """Mean number of events before each request for a list."""
    churn_mix: dict[str, float] = field(default_factory=lambda: {"insert": 3.0, "update": 4.0, "delete": 3.0})
    """Weights of insert, update, delete, pair (a delete and an insert), hide, edit_unread."""
    churn_behind: bool = False
    """Deletes hit rows before the page that is asked for."""
    churn_backdated: float = 0.3
    """Share of inserts that look old."""
    churn_lists: tuple[str, ...] = ()
    """Only these lists; empty: all."""
    purge_rows: int = 0
    """So many rows vanish from the head of the list, once, just before its request number `purge_at_request`."""
    purge_at_request: int = 5
    replica_share: float = 0.0
    """Share of requests answered from a copy that lags."""
    replica_lag_events: int = 20
    replica_lag_seconds: int = 0

    tailed: TailedShape = field(default_factory=TailedShape)

    faults: list[Fault] = field(default_factory=list)

    # What the schema may turn into
    new_fields: bool = False
    """Extra keys at every level."""
    drift: list[Drift] = field(default_factory=list)
