"""Candidates without end: every record is computed from its number when it is asked for.

The server starts at once at any size and costs little, so that a machine measures its clients.
`python -m tests.bench.endless 100000` serves so many.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from urllib.parse import parse_qsl, urlsplit

ROLES = 1_000
STEP_NAMES = ("CV Screening", "AI Assessment", "HR interview", "Offer")
STEP_TYPES = ("cv_screening", "ai_assessment", "interview", "offer")
STATUSES = ("In Pipeline", "Rejected", "Rejected", "Withdrawn", "Rejected", "Rejected", "Rejected", "Hired", "Rejected")
SCOPES = ("candidates:read", "roles:read", "pipeline:read", "tests:read", "sourcing:read", "cv-screening:read")
FIRST = datetime(2024, 1, 1, tzinfo=UTC)


class Company:
    """So many candidates, and how often one in a hundred of them has been edited."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.edits = 0

    def candidate(self, i: int) -> str:
        """Candidate number i, as JSON. Later numbers were created later."""
        created = _text(FIRST + timedelta(seconds=i * 60))
        edited = self.edits > 0 and i % 100 < self.edits
        updated = _text(datetime(2026, 1, 1, 0, 0, i % 100, tzinfo=UTC)) if edited else created
        roles = self.role(i, 0) if i % 5 else f"{self.role(i, 0)},{self.role(i, 1)}"
        return (
            f'{{"id":"cand_{i:08d}","fullName":"Candidate {i}","email":"candidate.{i}@example.com",'
            f'"phone":"+4915{i:08d}","status":"Active","createdAt":"{created}","updatedAt":"{updated}",'
            f'"roles":[{roles}]}}'
        )

    def role(self, i: int, which: int) -> str:
        """One of the roles that candidate i applied to."""
        number = (i * 7 + which) % ROLES
        return (
            f'{{"roleId":"role_{number:05d}","roleName":"Role {number}","organizationId":"org_{number % 4}",'
            f'"status":"{STATUSES[i % 9]}","overallFitScore":{i % 101},"approved":false}}'
        )

    def steps(self, i: int) -> str:
        """The four steps of candidate i."""
        created, number = _text(FIRST + timedelta(seconds=i * 60)), i * 7 % ROLES
        rows = [
            f'{{"id":"crs_{i:08d}_{k}","roleId":"role_{number:05d}","roleStepId":"step_{number:05d}_{k}",'
            f'"name":"{STEP_NAMES[k]}","order":{k},"stepType":"{STEP_TYPES[k]}","status":"validated",'
            f'"startedAt":"{created}","completedAt":"{created}","validatedAt":"{created}","rejectedAt":null,'
            f'"validationScore":{i % 101},"rejectionReason":null,"offerResponse":null,"createdAt":"{created}",'
            f'"updatedAt":"{created}"}}'
            for k in range(4)
        ]
        return f'{{"data":[{",".join(rows)}]}}'

    def page(self, page: int, size: int) -> str:
        """One page of the list."""
        rows = ",".join(map(self.candidate, range(page * size, min(self.count, (page + 1) * size))))
        total = {"page": page, "pageSize": size, "totalCount": self.count, "totalPages": -(-self.count // size)}
        return f'{{"data":[{rows}],"pagination":{json.dumps(total)}}}'

    def answer(self, target: str) -> tuple[int, str]:
        """Status and body for a path."""
        url = urlsplit(target)
        match url.path.removeprefix("/").split("/"):
            case ["sandbox", "edit-some"]:
                self.edits += 1
                return 200, "{}"
            case ["api", "v1", "me"]:
                auth = {"type": "api_key", "keyId": "apikey_1", "scopes": SCOPES}
                return 200, json.dumps(
                    {"user": {"id": "user_1", "email": "u@example.com", "role": "admin"}, "auth": auth}
                )
            case ["api", "v1", "candidates"]:
                asked = {name: int(value) for name, value in parse_qsl(url.query)}
                return 200, self.page(asked.get("page", 0), min(100, asked.get("pageSize", 20)))
            case ["api", "v1", "candidates", one]:
                return 200, f'{{"data":{self.candidate(int(one[5:]))}}}'
            case ["api", "v1", "candidates", one, "steps"]:
                return 200, self.steps(int(one[5:]))
        return 404, '{"error":"not found"}'


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _serve(connection: socket.socket, company: Company) -> None:
    """Answer the requests of one connection, one after the other. None of them has a body that is read."""
    with connection, connection.makefile("rb") as lines:
        while request := lines.readline():
            length = 0
            while (line := lines.readline()) not in {b"\r\n", b""}:
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            lines.read(length)
            status, text = company.answer(request.split(b" ")[1].decode())
            body = text.encode()
            head = f"HTTP/1.1 {status} OK\r\ndate: {formatdate(usegmt=True)}\r\ncontent-type: application/json\r\n"
            connection.sendall(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)


def main() -> None:
    """Serve until told to end; prints where."""
    company = Company(int(sys.argv[1]))
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(f"http://127.0.0.1:{server.getsockname()[1]}", flush=True)
        while True:
            connection, _ = server.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=_serve, args=(connection, company), daemon=True).start()


if __name__ == "__main__":
    main()
