"""``plinth predict``: which API it calls, how it signs, and what it says when the API does not answer."""

from __future__ import annotations

import json
import shlex
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from runtime.promotion.records import robust_state_of
from selfservice.errors import ExitCode
from selfservice.promotions.prediction import Predictions
from tests.unit.selfservice.promotions.site import BUCKET, COMMIT, USE_CASE, Site


class Api(BaseHTTPRequestHandler):
    seen: ClassVar[list[tuple[str, str, bytes]]] = []
    keys: ClassVar[list[str | None]] = []
    status: ClassVar[int] = 200
    later: ClassVar[list[int]] = []
    """Statuses of the next answers to questions about an accepted request."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((self.path, self.headers["Authorization"], body))
        self.keys.append(self.headers["x-api-key"])
        self._answer(self.status, {"id": "1-2"} if self.status == 202 else {"predictions": [0.5]})

    def do_GET(self) -> None:
        self.seen.append((self.path, self.headers["Authorization"], b""))
        self.keys.append(self.headers["x-api-key"])
        self._answer(self.later.pop(0), {"predictions": [0.25]})

    def _answer(self, status: int, content: dict[str, object]) -> None:
        answer = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *values: object) -> None: ...


@pytest.fixture
def url() -> Iterator[str]:
    Api.seen, Api.keys, Api.status, Api.later = [], [], 200, []
    with HTTPServer(("127.0.0.1", 0), Api) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/live"
        server.shutdown()


@pytest.fixture
def request_file(tmp_path: Path) -> Path:
    file = tmp_path / "request.json"
    file.write_text('{"instances": []}')
    return file


def serves(site: Site, url: str, **outputs: object) -> None:
    state = {"execution": "e", "version": 1, "commit": COMMIT, "deployed_at": "2026-11-22T10:00:00Z"}
    site.record(robust_state_of("production"), {**state, "outputs": {"url": url, **outputs}})


def test_the_request_is_signed_and_the_command_for_other_clients_is_printed(
    site: Site, url: str, request_file: Path
) -> None:
    serves(site, url)
    done = site.plinth("predict", USE_CASE, f"--data={request_file}", AWS_CA_BUNDLE="/ca.pem")
    assert done.exit_code == 0, done.output
    shown, curl, answer = done.output.splitlines()
    assert shown == f"URL: {url}/v1/predictions"
    words = shlex.split(curl)
    assert (words[0], words[-1]) == ("curl", f"{url}/v1/predictions")
    assert words[words.index("--aws-sigv4") + 1] == "aws:amz:eu-west-1:execute-api"
    assert words[words.index("--data") + 1] == f"@{request_file}"
    assert words[words.index("--cacert") + 1] == "/ca.pem"
    assert "--proxy" not in words
    assert json.loads(answer) == {"predictions": [0.5]}
    ((path, authorization, body),) = Api.seen
    assert (path, body) == ("/live/v1/predictions", b'{"instances": []}')
    assert f"Credential={site.people['dan']['aws_access_key_id']}/" in authorization
    assert "/eu-west-1/execute-api/aws4_request" in authorization


@pytest.mark.parametrize("key_id", ["", "k1"])
def test_the_command_for_other_clients_assumes_the_role_of_the_call(tmp_path: Path, key_id: str) -> None:
    """It works in the shell that printed it, whose own credentials the API refuses."""
    for name, script in (
        ("aws", 'case "$1" in sts) printf "A\\tB\\tC\\n";; *) echo "key of $AWS_ACCESS_KEY_ID";; esac\n'),
        ("curl", 'echo "$AWS_ACCESS_KEY_ID $AWS_SECRET_ACCESS_KEY $AWS_SESSION_TOKEN"; printf "%s|" "$@"\n'),
    ):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}")
        (tmp_path / name).chmod(0o755)
    service = Predictions(url="https://api/live/v1/predictions", region="eu-west-1", key_id=key_id)
    command = service.curl(Path("request.json"), "arn:aws:iam::111111111111:role/release")
    shell = {"PATH": f"{tmp_path}:/usr/bin:/bin", "AWS_ACCESS_KEY_ID": "own", "AWS_SECRET_ACCESS_KEY": "own"}
    done = subprocess.run(["/bin/sh", "-c", command], env=shell, capture_output=True, text=True, check=True)
    said = done.stdout.splitlines()
    assert said[0] == "A B C"
    assert "|A:B|" in said[1]
    assert ("|x-api-key: key of A|" in said[1]) is bool(key_id)


def test_an_answer_that_is_a_refusal_and_an_api_that_does_not_answer_end_the_command(
    site: Site, url: str, request_file: Path
) -> None:
    serves(site, url)
    Api.status = 403
    done = site.plinth("predict", USE_CASE, f"--data={request_file}")
    assert done.exit_code == ExitCode.REFUSED
    assert f"{url}/v1/predictions answered with 403" in done.output
    assert "with --role" in done.output
    serves(site, "http://127.0.0.1:1/live")
    done = site.plinth("predict", USE_CASE, f"--data={request_file}")
    assert done.exit_code == ExitCode.REFUSED
    assert "private APIs are reached from the network of the environment" in done.output


def test_an_environment_that_serves_nothing_is_named(site: Site, request_file: Path) -> None:
    site.s3.delete_object(Bucket=BUCKET, Key=f"fraud/scoring/promotions/{robust_state_of('preproduction')}")
    done = site.plinth("predict", USE_CASE, "--in=preproduction", f"--data={request_file}")
    assert done.exit_code == ExitCode.BAD_INPUT
    assert "preproduction of fraud--scoring serves nothing yet" in done.output


@pytest.mark.requirement("RT-05")
def test_the_answer_of_asynchronous_inference_is_awaited(site: Site, url: str, request_file: Path) -> None:
    serves(site, url)
    Api.status, Api.later = 202, [202, 429, 200]
    done = site.plinth("predict", USE_CASE, f"--data={request_file}")
    assert done.exit_code == 0, done.output
    assert json.loads(done.output.splitlines()[-1]) == {"predictions": [0.25]}
    assert [path for path, _, _ in Api.seen[1:]] == ["/live/v1/predictions/1-2"] * 3


def test_a_failure_of_asynchronous_inference_ends_the_command(site: Site, url: str, request_file: Path) -> None:
    serves(site, url)
    Api.status, Api.later = 202, [502]
    done = site.plinth("predict", USE_CASE, f"--data={request_file}")
    assert (done.exit_code, "answered with 502" in done.output) == (ExitCode.REFUSED, True)


@pytest.mark.requirement("RT-10.d")
def test_the_api_key_of_a_caller_comes_from_api_gateway(site: Site, url: str, request_file: Path) -> None:
    gateway = site.aws.client("apigateway")
    made = {name: gateway.create_api_key(name=name, enabled=True) for name in ("claims", "tests")}
    ids = {name: api_key["id"] for name, api_key in made.items()}
    values = {name: gateway.get_api_key(apiKey=id_, includeValue=True)["value"] for name, id_ in ids.items()}
    serves(site, url, api_keys=ids, api_key_id=ids["tests"])
    for option in ((), ("--caller=claims",)):
        done = site.plinth("predict", USE_CASE, f"--data={request_file}", *option)
        assert done.exit_code == 0, done.output
        assert not [value for value in values.values() if value in done.output]
    assert Api.keys == [values["tests"], values["claims"]]
    done = site.plinth("predict", USE_CASE, f"--data={request_file}", "--caller=marketing")
    assert done.exit_code == ExitCode.BAD_INPUT
    assert "there is no plan marketing; there are: claims, tests" in done.output


def test_batch_inference_has_no_api_to_call(site: Site, request_file: Path) -> None:
    state = {"execution": "e", "version": 1, "commit": COMMIT, "deployed_at": "2026-11-22T10:00:00Z"}
    site.record(robust_state_of("production"), {**state, "outputs": {"pipeline_name": "p"}})
    done = site.plinth("predict", USE_CASE, f"--data={request_file}")
    assert (done.exit_code, "predicts in batches and has no API" in done.output) == (ExitCode.BAD_INPUT, True)
