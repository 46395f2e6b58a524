"""``python -m tests.engine.ci_runners.forge FOLDER``: the part of GitLab's API that runners call, over TLS.

It refuses requests with a token that it does not know, as GitLab does. Sources: GitLab Runner 19.4,
``network/gitlab.go`` and ``common/spec``. Tests add jobs and read what became of them under ``/control``, which no
runner calls. FOLDER has the files ``certificate.pem`` and ``key.pem``.
"""

from __future__ import annotations

import json
import re
import ssl
import sys
import threading
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PORT = 8443
RUNNER_HEADER, JOB_HEADER = "RUNNER-TOKEN", "JOB-TOKEN"


@dataclass
class Job:
    """A job, and what its runner has told about it."""

    number: int
    runner_token: str
    script: list[str]
    image: str
    state: str = "pending"
    trace: str = ""
    refused: list[str] = field(default_factory=list)

    @property
    def token(self) -> str:
        return f"job-token-{self.number}"

    def definition(self) -> dict[str, Any]:
        """Returns the job as GitLab hands it out."""
        variables = {"GIT_STRATEGY": "none", "CI_JOB_ID": str(self.number), "CI_JOB_TOKEN": self.token}
        return {
            "id": self.number,
            "token": self.token,
            "allow_git_fetch": False,
            "job_info": {
                "id": self.number,
                "name": "test",
                "stage": "test",
                "project_id": 1,
                "project_name": "scoring",
            },
            "git_info": {
                "repo_url": "https://gitlab.forge.svc.cluster.local/fraud/scoring.git",
                "ref": "main",
                "sha": "0" * 40,
                "before_sha": "0" * 40,
                "ref_type": "branch",
            },
            "runner_info": {"timeout": 3600},
            "variables": [{"key": key, "value": value, "public": True} for key, value in variables.items()],
            "steps": [{"name": "script", "script": self.script, "timeout": 3600, "when": "on_success"}],
            "image": {"name": self.image},
            "credentials": [
                {"type": "registry", "url": "registry.acme.example", "username": "ci", "password": self.token}
            ],
            "features": {"failure_reasons": ["script_failure", "runner_system_failure"]},
        }


class Forge:
    """All jobs, in the order in which they were added."""

    def __init__(self) -> None:
        self._jobs: list[Job] = []
        self.tokens: set[str] = set()
        self.asked: dict[str, int] = {}
        """Number of requests for jobs by token, also of tokens that nobody knows."""
        self._lock = threading.Lock()

    def add(self, token: str, script: list[str], image: str) -> Job:
        with self._lock:
            self._jobs.append(Job(len(self._jobs) + 1, token, script, image))
            return self._jobs[-1]

    def count(self, token: str) -> None:
        """Counts a request for jobs."""
        with self._lock:
            self.asked[token] = self.asked.get(token, 0) + 1

    def next(self, token: str) -> Job | None:
        with self._lock:
            waiting = [job for job in self._jobs if job.state == "pending" and job.runner_token == token]
            if not waiting:
                return None
            waiting[0].state = "running"
            return waiting[0]

    def job(self, number: str) -> Job | None:
        return next((job for job in self._jobs if str(job.number) == number), None)


class Handler(BaseHTTPRequestHandler):
    """The API. ``forge`` is set before the server starts."""

    forge: Forge
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        content = json.loads(self._body() or "{}")
        if self.path == "/api/v4/jobs/request":
            self._hand_out(content)
        elif self.path == "/api/v4/runners/verify":
            self._answer(200 if content.get("token") in self.forge.tokens else 403, {"id": 1})
        elif self.path == "/control/tokens":
            self.forge.tokens.add(content["token"])
            self._answer(201, {})
        elif self.path == "/control/jobs":
            self._answer(201, asdict(self.forge.add(content["token"], content["script"], content["image"])))
        else:
            self._answer(404, {})

    def _hand_out(self, content: dict[str, Any]) -> None:
        token = content.get("token", "")
        known = token in self.forge.tokens and self.headers.get(RUNNER_HEADER, token) == token
        self.forge.count(token)
        if not known:
            self._answer(403, {"message": "403 Forbidden"})
        elif job := self.forge.next(token):
            self._answer(201, job.definition())
        else:
            self._answer(204, None)

    def do_PATCH(self) -> None:
        """Appends to the output of a job, at the place that the runner names."""
        body, job = self._body(), self._own_job(r"/api/v4/jobs/(\d+)/trace(?:\?.*)?")
        if job is None:
            return
        start = int(str(self.headers.get("Content-Range")).partition("-")[0])
        if start != len(job.trace.encode()):
            self._answer(416, {}, Range=f"0-{len(job.trace.encode())}")
            return
        job.trace += body
        self._answer(202, {}, **{"Job-Status": "running", "Range": f"0-{len(job.trace.encode())}"})

    def do_PUT(self) -> None:
        body, job = self._body(), self._own_job(r"/api/v4/jobs/(\d+)")
        if job is not None:
            job.state = json.loads(body)["state"]
            self._answer(200, {}, **{"Job-Status": "running"})

    def do_GET(self) -> None:
        if self.path == "/control/asked":
            self._answer(200, self.forge.asked)
        elif (found := re.fullmatch(r"/control/jobs/(\d+)", self.path)) and (job := self.forge.job(found[1])):
            self._answer(200, asdict(job))
        else:
            self._answer(404, {})

    def _own_job(self, pattern: str) -> Job | None:
        """Returns the job of the path if the request has its token, and answers otherwise."""
        found = re.fullmatch(pattern, self.path)
        job = self.forge.job(found[1]) if found else None
        if job is None:
            self._answer(404, {})
        elif self.headers.get(JOB_HEADER) != job.token:
            self._answer(403, {})
        else:
            return job
        return None

    def _body(self) -> str:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()

    def _answer(self, status: int, content: Any, **headers: str) -> None:
        body = b"" if content is None else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def main(folder: Path) -> None:
    Handler.forge = Forge()
    server = ThreadingHTTPServer(("", PORT), Handler)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
