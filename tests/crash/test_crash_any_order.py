"""Edits, refreshes, crashes, faults, lost scopes, erasures, roll-backs in any order: what holds, always."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from pathlib import Path
from unittest import mock

import duckdb
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from connector.errors import HiringEltError
from connector.platforms import PLATFORMS
from connector.sandbox import Fault, Switches
from pipelines.personal.erase import Whom, erase
from pipelines.personal.places import reading, warehouse_of
from pipelines.rollback import kept, rollback
from pipelines.settings import load
from pipelines.tell import Teller
from tests.crash.conftest import SMALL
from tests.scenarios import town as towns
from tests.scenarios.town import Town, company, copied
from tests.truth import differences

EDITED = (("talent_ray", "sourcing"), ("talent_ray", "candidates"), ("talent_ray", "roles"), ("tailed", "candidates"))
LISTS = ("/api/v1/sourcing", "/api/v1/candidates", "/v1/candidates", "/api/v1/")
FAULTS = (
    Fault("status", rate=1.0, status=501),
    Fault("data_object", rate=1.0),
    Fault("redirect", rate=1.0),
    Fault("401", rate=1.0),
    Fault("429", rate=1.0, retry_after="huge"),
    Fault("status", rate=0.2, status=502, retry_after=None),
    Fault("cut", rate=0.1, octets=90),
    Fault("empty", rate=1.0),
)


class AnyOrder(RuleBasedStateMachine):
    """A town, and what must be true of its warehouse whatever was done to both."""

    def __init__(self, address, first, zygote, deeds, events):
        super().__init__()
        self.events = events
        self.zygote = zygote
        self.deeds = deeds
        self.folder = Path(tempfile.mkdtemp(dir=first.parent.parent))
        address.show(company(**SMALL), Switches())
        self.kept_none = mock.patch.dict(os.environ, {"KEEP_PUBLISHED": "0"})
        self.kept_none.start()
        self.town = Town(address, copied(first, self.folder / "warehouse"))
        towns.later(self.town.company, hours=1)
        self.erased: set[str] = set()
        self.lost = False

    def teardown(self):
        self.kept_none.stop()
        shutil.rmtree(self.folder)

    def done(self, what):
        self.deeds[what] = self.deeds.get(what, 0) + 1

    # What happens to the company

    @rule(place=st.sampled_from(EDITED), share=st.sampled_from([0.1, 0.5, 1.0]))
    def edit(self, place, share):
        self.town.company.edit_some(*place, share)
        towns.later(self.town.company, seconds=1)

    @rule(hours=st.integers(1, 40))
    def live(self, hours):
        self.town.company.advance(hours=hours)

    @rule(number=st.integers(0, 1_000))
    def delete_a_lead(self, number):
        leads = self.town.company.truth("talent_ray", "sourcing")
        if len(leads) > 3:
            self.town.company.delete("talent_ray", "sourcing", leads[number % len(leads)]["id"])
            towns.later(self.town.company, seconds=1)

    @rule()
    def lose_or_regain_a_scope(self):
        self.lost = not self.lost
        self.town.switch(removed_scopes=("candidates:read",) if self.lost else ())

    # What happens to the warehouse

    @rule(keep=st.booleans())
    def refresh(self, keep):
        """A good refresh is the truth, but for the erased and for what the key may not see."""
        before = self.town.versions("talent_ray.candidates")
        with mock.patch.dict(os.environ, {"KEEP_PUBLISHED": str(int(keep))}):
            status = self.status_of(full=True)
        self.done(f"refresh {status}")
        assert status in ({5, 6} if self.lost else {0, 6})
        if self.lost and not self.erased:
            assert self.town.versions("talent_ray.candidates") == before
        if status == 0:
            self.equals_the_truth()

    @rule(fault=st.sampled_from(FAULTS), path=st.sampled_from(LISTS))
    def refresh_with_faults(self, fault, path):
        """Either all of it is published or nothing, and the exit status says which."""
        before = self.town.digest()
        self.town.switch(faults=[Fault(**vars(fault) | {"path": path})])
        try:
            status = self.status_of()
        finally:
            self.town.switch(faults=[])
        self.done(f"faults {status}")
        assert status in {0, 3, 5, 6, 8}
        assert (self.town.digest() == before) == (status in {3, 8})

    @rule(thousandth=st.integers(0, 1_000))
    def crash(self, thousandth):
        before = self.town.digest()
        ended = self.zygote.refresh(self.town, kill_at=1 + self.events * thousandth // 1_000)
        self.done("killed" if ended.status == -9 else "not killed")
        assert ended.status in {-9, 0, 5, 6}
        if self.town.digest() == before:
            assert ended.status == -9

    @rule(number=st.integers(0, 1_000))
    def erase_somebody(self, number):
        people = self.town.ask("select distinct id from raw_talent_ray.candidates order by 1")
        if not people:
            return
        (candidate,) = people[number % len(people)]
        whom = Whom(candidate)
        with reading(warehouse_of(self.settings())) as connection:
            person = whom.found(connection, self.settings().policy)
        erase(self.settings(), whom, Teller(quiet=True), threading.Event())
        self.done("erased")
        self.erased |= {record_id for _, _, record_id in person.records()}

    @precondition(lambda self: kept(self.town.warehouse))
    @rule()
    def go_back(self):
        rollback(self.town.warehouse)
        self.done("went back")

    # What is asked, and what holds

    def settings(self):
        return load(warehouse=str(self.town.warehouse), need_accounts=False)

    def status_of(self, **options):
        try:
            return self.town.run(**options).exit_status
        except HiringEltError as error:
            return error.exit_status

    def equals_the_truth(self):
        leads = self.town.company.truth("talent_ray", "sourcing")
        self.erased |= {lead["id"] for lead in leads if lead["candidateId"] in self.erased}  # theirs, found anew
        assert differences(str(self.town.warehouse), self.town.company, without=self.erased) == {}

    @invariant()
    def nobody_erased_is_in_any_row(self):
        if not self.erased:
            return
        with duckdb.connect(str(self.town.warehouse), read_only=True) as connection:
            for platform in PLATFORMS.values():
                for table in platform.tables:
                    rows = connection.execute(f'select * from raw_{platform.name}."{table.name}"').fetchall()
                    assert [row for row in rows if self.erased & {str(value) for value in row}] == []

    @invariant()
    def one_version_of_a_key_is_open(self):
        for name, versions in self.town.versions().items():
            current = [key for key, _, _, _, until in versions if until is None]
            assert len(current) == len(set(current)), name


def test_whatever_the_order_a_good_refresh_is_the_truth_and_nothing_else_is_published(
    address, first_refresh, zygote, tmp_path, monkeypatch, capsys
):
    for name, value in towns.settings(address).items():
        monkeypatch.setenv(name, value)
    deeds: dict[str, int] = {}
    examples = int(os.environ.get("EXAMPLES", "12"))
    address.show(company(**SMALL), Switches())
    events = zygote.refresh(Town(address, copied(first_refresh, tmp_path / "once"))).events
    run_state_machine_as_test(
        lambda: AnyOrder(address, first_refresh, zygote, deeds, events),
        settings=settings(
            max_examples=examples,
            stateful_step_count=14,
            deadline=None,
            derandomize="EXAMPLES" not in os.environ,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

    with capsys.disabled():
        print(f"\n{examples} orders: {dict(sorted(deeds.items()))}")
