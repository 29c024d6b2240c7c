"""placeholder"""

from __future__ import annotations


class Absences:
    may_mark = True

    def __init__(self, access, harvest, wishes, readings):
        self.access = access

    def settle(self): ...
    def compare(self, reading):
        first = reading.note.started_at
        h = self.access.known.history(reading.name)
        reading.comparison.versions(reading.collector.tables(), h.last_complete_before(first))

    def children_may_be_marked(self, stream, missing):
        return True
