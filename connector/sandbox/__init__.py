"""A simulated company, served through both APIs, with everything that ever happened in it on record.

    company = Company(seed=7, candidates=200, days=180)
    with serve(company, switches=Switches(order="updated_desc")) as server:
        os.environ.update(server.environment())
        company.advance(days=7)

**The log.** `company.log` is a list of `Event(number, at, platform, entity, id, event, before, after, ...)`,
append-only. `at` is a whole second in UTC. An insert has no `before` and the whole record as `after`; a deletion has
the whole record as `before` and no `after`; any other event has the changed fields only, with old and new values
(instants are aware datetimes). `replay(company.log)` gives the present records. The ids of what an event is about stand
in columns of their own: `candidate_id`, `role_id`, `step_id` (progress record), `role_step_id` (template step),
`lead_id`, `batch_id`, `organization_id`, `test_id`, `application_id`, `snapshot_id`.

talent_ray.candidate: created, edited, joined (an organization, internal), hidden, shown, touched, deleted
talent_ray.assignment (id candidate:role): assigned, scored, rejected, withdrawn, parked, hired, approved, reopened,
    edited, deleted
talent_ray.candidate_step (id of the progress record): assigned, started, completed, validated, rejected, skipped,
    accepted, declined, locked, moved_back, restarted, corrected, edited, deleted
talent_ray.role: created, opened, held, resumed, filled, closed, reopened, edited, hidden, shown, touched, deleted
talent_ray.role_step (id of the template step): created, edited, deleted
talent_ray.test: created, edited, deleted
talent_ray.lead: created, parsed, contacted, converted, unlinked, edited, hidden, shown, deleted
talent_ray.lead_organization (id lead:organization), lead_role (id lead:role): linked, screened, scored, edited, deleted
talent_ray.batch, batch_member (id batch:lead), organization, user: created, edited, deleted
tailed.candidate: created, edited, deleted (soft: `deletedAt` is set), restored
tailed.job (in column role_id): created, published, closed, reopened, edited, hidden, shown
tailed.application: applied, moved, hired, rejected, withdrawn, reopened, edited, deleted (soft), restored
tailed.snapshot: generated, regenerated

The event's word tells why; what changed is in `before` and `after` alone. Fields that no API shows: `hidden` (invisible
to every key), and what keys and portals go by (`organizationIds` of a candidate, `confidential`, ...).

**The journal.** `server.journal` is a list of `Reply(number, at, position, platform, method, path, params, key_id,
status, ids, fault, monotonic)`: the reply showed the state after the first `position` events of the log, dated `at`.
"""

from connector.sandbox.company import Company
from connector.sandbox.exchange import Reply
from connector.sandbox.faults import Fault
from connector.sandbox.log import Event, replay
from connector.sandbox.running import run
from connector.sandbox.serving import Server, serve
from connector.sandbox.shapes import Drift
from connector.sandbox.switches import Switches, TailedShape

__all__ = ["Company", "Drift", "Event", "Fault", "Reply", "Server", "Switches", "TailedShape", "replay", "run", "serve"]
