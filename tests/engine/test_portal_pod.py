"""The portal as a pod of the tooling cluster on the real engine, with a real Kubernetes API, opened through its load
balancer by people who sign in with a code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest
import urllib3

from plinth_sandbox.testing import self_signed
from plinth_sandbox.waiting import eventually
from selfservice.catalog.change_requests import ChangeRequests
from selfservice.catalog.items import CatalogItems
from tests.engine.tooling.test_tooling_platform import ask
from tests.support.cluster_node import bench_with_node, serves
from tests.support.platform_team import add_people, join_platform_team
from tests.support.request_builds import push_settings
from tests.support.workbench import COMMANDS, Workbench

HOST = "portal.acme.example"
ADDRESS = f"https://{HOST}"
PODS = "/api/v1/namespaces/plinth-portal/pods"
RUNNER = {"image": f"sha256:{'a' * 64}", "state_bucket": "acme-states", "interval_minutes": 1440, "drift_hour": None}
"""A runner of requests whose builds nothing starts but requests, and no image answers."""
TEAM = {"team": "claims", "owner": "claims-owner@acme.example", "cost_centre": "4712", "monthly_budget_usd": "3000"}
UNREACHABLE = urllib3.exceptions.HTTPError
"""The error of a visitor while the load balancer has no healthy target: it closes the connection."""
_FORM_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
_ID = re.compile(r'name="id" value="([^"]+)"')
_USER_CODE = re.compile(r"[A-Z]{4}-[A-Z]{4}")


@dataclass
class Visitor:
    """A browser of a person, who reaches the load balancer through the sandbox and trusts its certificate."""

    balancer: str
    proxy: urllib3.ProxyManager
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> urllib3.BaseHTTPResponse:
        headers = {"Host": HOST, "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if fields is not None:
            body = urlencode(fields)
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": ADDRESS}
        answer = self.proxy.request(
            method, f"https://{self.balancer}{path}", headers=headers, body=body, redirect=False, retries=False
        )
        for line in answer.headers.getlist("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def text(self, path: str) -> str:
        return self.ask("GET", path).data.decode()


@dataclass
class Shared:
    """The organization with the portal in its cluster."""

    acme: Workbench
    certificate: Path
    certificate_arn: str

    def visitor(self) -> Visitor:
        balancer = self.acme.outputs("tooling-portal")["load_balancer_host"]
        proxy = urllib3.ProxyManager(
            self.acme.environment()["AWS_ENDPOINT_URL"],
            ca_certs=str(self.certificate),
            server_hostname=HOST,
            assert_hostname=HOST,
        )
        return Visitor(balancer, proxy)

    def allowed(self, visitor: Visitor, user: str) -> str:
        """Begins a sign-in, which the person allows with the password of the directory on the page for codes. Returns
        the address of the page that waits for it."""
        assert visitor.ask("GET", "/").headers["location"] == "/sign-in"
        waiting = visitor.ask("GET", "/sign-in").headers["location"]
        code = _USER_CODE.search(visitor.text(waiting))
        assert code is not None
        password = self.acme.sandbox("user", user).stdout.strip()
        filled = urlencode({"user_code": code[0], "user": user, "password": password})
        page = f"{self.acme.environment()['AWS_ENDPOINT_URL']}/device"
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        assert b"approved" in urllib3.request("POST", page, body=filled, headers=form).data
        return waiting

    def signed_in(self, user: str) -> Visitor:
        """Opens a browser, and signs in."""
        visitor = self.visitor()
        assert visitor.ask("GET", self.allowed(visitor, user)).headers["location"] == "/"
        return visitor

    def pods(self) -> list[str]:
        """Returns the names of the pods that serve."""
        return [pod["metadata"]["name"] for pod in ask(self.acme, PODS).body["items"] if serves(pod)]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    """The shared stacks of the example, the cluster with a node, and the portal in it."""
    with bench_with_node(tmp_path_factory.mktemp("portal")) as bench:
        yield bring_up(bench)


def bring_up(bench: Workbench) -> Shared:
    """Deploys the portal with the image of this program, after the settings are in their repository."""
    bench.plinth("up", "tooling", "--with-needs", "--yes")
    certificate, key = self_signed(HOST)
    acm = bench.client("acm", bench.outputs("tooling")["account_id"])
    arn = acm.import_certificate(Certificate=certificate, PrivateKey=key)["CertificateArn"]
    file = bench.root / "certificate.pem"
    file.write_bytes(certificate)
    repository = bench.outputs("tooling")["platform_repository"]
    bench.sandbox("image", f"{repository}:*", str(COMMANDS.parent), "--engine")
    portal = {
        "image": bench.sandbox("push", repository).stdout.strip(),
        "address": ADDRESS,
        "certificate": arn,
        "proxy": {"address": "http://proxy.acme.example:3128", "cidr": "10.200.4.0/22"},
    }
    bench.change_organization(request_runner=RUNNER, tooling_cluster={"version": "1.35", "portal": portal})
    bench.plinth("up", "governance", "tooling-platform", "--with-needs", "--yes")
    push_settings(bench)
    bench.plinth("up", "tooling-portal", "--with-needs", "--yes")
    add_people(bench, "ana")
    join_platform_team(bench, "grace")
    return Shared(bench, file, arn)


@pytest.fixture(scope="module")
def grace(shared: Shared) -> Visitor:
    return shared.signed_in("grace")


def test_browsers_reach_the_pod_over_tls_and_nobody_sees_a_page_before_signing_in(shared: Shared) -> None:
    assert eventually(lambda: shared.visitor().ask("GET", "/health").status == 200, ignored=UNREACHABLE)
    for path in ("/", "/requests", "/data"):
        answer = shared.visitor().ask("GET", path)
        assert (answer.status, answer.headers["location"]) == (303, "/sign-in")
        assert answer.headers["strict-transport-security"]


@pytest.mark.requirement("GOV-10.a")
def test_a_person_requests_a_team_under_the_own_name(shared: Shared, grace: Visitor) -> None:
    form = grace.text("/requests/new/create")
    token, id_ = _FORM_TOKEN.search(form), _ID.search(form)
    assert token is not None
    assert id_ is not None
    sent = grace.ask("POST", "/requests/new/create", {**TEAM, "form_token": token[1], "id": id_[1]})
    assert (sent.status, sent.headers["location"]) == (303, f"/requests/{id_[1]}"), sent.data.decode()
    governance = shared.acme.outputs("governance")["account_id"]
    (change,) = ChangeRequests(CatalogItems(shared.acme.client("dynamodb", governance))).open_changes()
    assert (change.user, json.loads(change.text)["team"]) == ("grace", "claims")


@pytest.mark.threat("T-25")
def test_a_person_without_a_permission_set_gets_no_session(shared: Shared) -> None:
    visitor = shared.visitor()
    refused = visitor.ask("GET", shared.allowed(visitor, "ana"))
    assert (refused.status, b"you have no role in any account" in refused.data) == (403, True)
    assert visitor.ask("GET", "/").headers["location"] == "/sign-in"


def test_a_pod_that_dies_loses_the_sessions_and_nothing_else(shared: Shared, grace: Visitor) -> None:
    (before,) = shared.pods()
    assert ask(shared.acme, f"{PODS}/{before}", method="DELETE").code == 200
    assert eventually(lambda: shared.pods() not in ([], [before]))

    def leads_to_sign_in() -> bool:
        answer = grace.ask("GET", "/requests")
        return (answer.status, answer.headers.get("location")) == (303, "/sign-in")

    assert eventually(leads_to_sign_in, ignored=UNREACHABLE)
    assert "claims" in shared.signed_in("grace").text("/requests")


def test_a_second_preview_shows_no_change(shared: Shared) -> None:
    again = json.loads(shared.acme.plinth("preview", "tooling-portal", "--no-skip", "--refresh", "--json").stdout)
    assert again["stacks"]["tooling-portal"]["changes"] == {}
