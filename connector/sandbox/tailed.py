"""The Tailed API in the assumed shape, every part of which the switches can change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.sandbox import calls, paging, resources, shapes
from connector.sandbox.access import Viewer
from connector.sandbox.exchange import Answer, Refused, as_json
from connector.sandbox.kinds import TAILED_APPLICATION, TAILED_CANDIDATE, TAILED_JOB
from connector.sandbox.paging import BadPageError, Manners
from connector.sandbox.views import Filter, encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.sandbox.calls import Call
    from connector.sandbox.log import Record
    from connector.sandbox.resources import Listing
    from connector.sandbox.switches import Switches, TailedShape
    from connector.sandbox.world import World

LISTS = {
    listing.resource: listing
    for listing in (
        resources.TAILED_CANDIDATES,
        resources.TAILED_JOBS,
        resources.TAILED_APPLICATIONS,
        resources.TAILED_SNAPSHOTS,
    )
}
EYES = Viewer("organization", "admin", None)
DELETABLE = (TAILED_APPLICATION, TAILED_CANDIDATE, TAILED_JOB)


def secret(call: Call) -> str | None:
    """Return the key out of the header that this API looks at."""
    shape = call.switches.tailed
    text = call.request.headers.get(shape.header.lower())
    if text is None or not shape.scheme:
        return text
    scheme, _, rest = text.partition(" ")
    return rest.strip() if scheme.lower() == shape.scheme.lower() else None


def answer(call: Call) -> Answer:
    """Answer a request for one of the four lists. Raises Refused."""
    shape = call.switches.tailed
    names = [name for name, path in shape.paths.items() if path == call.request.path]
    try:
        calls.admit(call, call.service.tailed_requests_per_minute, tailed=True)
    except Refused as refused:
        raise Refused(_slower(shape, refused.answer)) from None
    if not names:
        raise Refused(as_json(404, {"error": "not_found", "message": "No such path."}))
    if call.request.method != "GET":
        raise Refused(as_json(405, {"error": "method_not_allowed", "message": "Only GET is served here."}))
    if names[0] in shape.refused_lists:
        raise Refused(as_json(403, {"error": "forbidden", "message": "The plan or the key does not include this."}))
    return _page(call, LISTS[names[0]], shape)


def _slower(shape: TailedShape, refused: Answer) -> Answer:
    if refused.status == 429:  # noqa: PLR2004
        refused.status = shape.rate_status
        wait = refused.headers.pop("Retry-After", None)
        if wait is not None and shape.rate_header is not None:
            refused.headers[shape.rate_header] = wait
    return refused


def _is_left(_world: World, record: Record, _value: str) -> bool:
    return record.get("deletedAt") is None


def _page(call: Call, listing: Listing, shape: TailedShape) -> Answer:
    switches = call.switches
    echoes = (shape.page_key, shape.page_size_key, shape.total_count_key, shape.total_pages_key)
    manners = Manners(shape.page_param, shape.size_param, shape.first_page, shape.data_key, echoes)
    hides_deleted = not shape.deletes_returned and listing.kind in DELETABLE
    filters = (Filter("deletedAt", "", _is_left),) if hides_deleted else ()
    look = (*shapes.look(switches, listing.name), shape.timestamps, repr(shape.rename.get(listing.resource)))
    try:
        asked = paging.window(call.request.params, manners, switches, shape.max_size, shape.over_max)
        call.service.churn.before(call, listing, asked.start)
        render = _renderer(switches, listing)
        view = call.service.views.get(call.world, listing, EYES, switches, filters, look, render)
        empty = listing.name in switches.empty_lists
        return paging.page(
            0 if empty else len(view),
            asked,
            manners,
            switches,
            lambda start, stop: view.ids(start, 0 if empty else stop, call.service.chance),
            view.row,
        )
    except BadPageError as bad:
        raise Refused(as_json(bad.status, {"error": "bad_request", "message": str(bad)})) from None


def _renderer(switches: Switches, listing: Listing) -> Callable[[Record], bytes]:
    shape = switches.tailed
    names = shape.rename.get(listing.resource, {})
    writer = shapes.shaper(switches, listing.name, shape.timestamps)
    if writer is None and not names:
        return encode

    def render(row: Record) -> bytes:
        shaped = writer(row) if writer is not None else row
        return encode({names.get(name, name): value for name, value in shaped.items()})

    return render
