"""The command `plinth portal`, up to the point where it serves."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from click.testing import CliRunner

from selfservice.cli.command import main
from selfservice.errors import ExitCode
from selfservice.portal import server
from selfservice.portal.access import audit
from selfservice.projects import states
from selfservice.projects.project import Project

ISSUER = "https://identitycenter.amazonaws.com/ssoins-1234567890abcdef"


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Any]:
    """Records the applications that would be served, each of which refuses a long reason of Ada."""
    found: list[Any] = []

    def run(made: uvicorn.Server, sockets: list[socket.socket]) -> None:
        audit.record("ada", "approve", "20261129T120000Z-00000001", "refused", "x" * 500)
        found.append((made.config.app, sockets))

    monkeypatch.setenv("PLINTH_STATE_DIR", str(tmp_path / "operations"))
    monkeypatch.setattr(uvicorn.Server, "run", run)
    return found


def invoke(project: Path, *words: str) -> Any:
    return CliRunner().invoke(main, ["-C", str(project), "portal", *words])


def test_it_serves_the_own_machine_and_tells_the_address_once_it_listens(project: Path, served: list[Any]) -> None:
    result = invoke(project, "--port", "0", "--issuer-url", ISSUER)
    assert result.exit_code == ExitCode.OK, result.output
    ((application, (listener,)),) = served
    options = application.state.portal.options
    assert f"The portal is at {options.address}." in result.output
    assert options.address.startswith("http://127.0.0.1:")
    assert (options.issuer_url, options.region, options.directory) == (ISSUER, "eu-west-1", project)
    assert listener.fileno() == -1, "the listener is closed afterwards"


def test_the_instance_of_the_stack_is_the_one_to_sign_in_to(
    project: Path, served: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = {"instance_arn": "arn:aws:sso:::instance/ssoins-1234567890abcdef"}
    stack = {"type": "pulumi:pulumi:Stack", "outputs": outputs}

    def resources(_: Project, stacks: list[str]) -> dict[str, Any]:
        return {name: [stack] for name in stacks}

    monkeypatch.setattr(server, "require_engine", lambda _: None)
    monkeypatch.setattr(states, "resources_by_stack", resources)
    assert invoke(project, "--port", "0").exit_code == ExitCode.OK
    assert served[0][0].state.portal.options.issuer_url == ISSUER
    outputs["instance_arn"] = ""
    refused = invoke(project, "--port", "0")
    assert refused.exit_code == ExitCode.BAD_INPUT
    assert "plinth up identity --with-needs" in refused.output
    assert len(served) == 1


def test_behind_a_load_balancer_it_listens_for_all_machines_and_logs_to_the_output(
    project: Path, served: list[Any]
) -> None:
    address = "https://portal.acme.example"
    result = invoke(project, "--port", "0", "--issuer-url", ISSUER, "--address", address)
    assert result.exit_code == ExitCode.OK, result.output
    ((application, _),) = served
    assert application.state.portal.options.address == address
    line = json.loads(next(candidate for candidate in result.output.splitlines() if candidate.startswith("{")))
    assert (line["user"], line["outcome"]) == ("ada", "refused")
    for wrong in ("http://portal.acme.example", "portal.acme.example", "https://portal.acme.example/path"):
        refused = invoke(project, "--port", "0", "--issuer-url", ISSUER, "--address", wrong)
        assert refused.exit_code == ExitCode.BAD_INPUT
        assert "https://portal.acme.example" in refused.output
    assert len(served) == 1


def test_a_port_in_use_is_named_with_the_remedy(project: Path, served: list[Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        result = invoke(project, "--port", str(port), "--issuer-url", ISSUER)
    assert result.exit_code == ExitCode.BAD_INPUT
    assert f"port {port} is not free" in result.output
    assert "--port" in result.output
    assert served == []


def test_each_action_is_a_line_of_the_log_that_the_command_names(project: Path, served: list[Any]) -> None:
    named = invoke(project, "--port", "0", "--issuer-url", ISSUER).output.splitlines()[-1]
    file = Path(named.removeprefix("Actions of people are logged in ").rstrip("."))
    (line,) = map(json.loads, file.read_text().splitlines())
    assert (line["user"], line["action"], line["outcome"]) == ("ada", "approve", "refused")
    assert line["reason"] == "x" * 200
    assert file.stat().st_mode & 0o077 == 0
    audit.record("ada", "approve")
    assert len(file.read_text().splitlines()) == 1
