"""CodeArtifact: tokens, endpoints, and the package index that builds install from, judged by policies."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from executors.package_server import PACKAGE, WHEEL, ask, index_of_machine
from plinth_sandbox.environment import AUTHORITIES
from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    with index_of_machine(tmp_path_factory.mktemp("index")), EmulatedAws(tmp_path_factory.mktemp("aws")) as started:
        yield started


class Shelf:
    """A repository in a domain."""

    def __init__(self, aws: EmulatedAws, domain: str) -> None:
        self.aws, self.domain = aws, domain
        self.api = aws.client("codeartifact")
        self.api.create_domain(domain=domain)
        self.api.create_repository(domain=domain, repository="pypi")
        self.where = {"domain": domain, "repository": "pypi"}

    def connect(self) -> None:
        self.api.associate_external_connection(**self.where, externalConnection="public:pypi")

    def disconnect(self) -> None:
        self.api.disassociate_external_connection(**self.where, externalConnection="public:pypi")

    @property
    def url(self) -> str:
        return str(self.api.get_repository_endpoint(**self.where, format="pypi")["repositoryEndpoint"])

    def token(self, api: Any = None, **more: Any) -> str:
        return str((api or self.api).get_authorization_token(domain=self.domain, **more)["authorizationToken"])

    def get(self, path: str, token: str) -> tuple[int, str]:
        """Asks the repository as a package manager does, and returns status and text."""
        return ask(self.aws, self.url, path, token)

    def install(self, token: str, name: str, target: Path) -> subprocess.CompletedProcess[str]:
        """Installs a package with pip through the sandbox as its proxy, as a build does."""
        index = self.url.replace("https://", f"https://aws:{token}@") + "simple/"
        environment = {
            "PATH": "/usr/bin:/bin",
            "PIP_CONFIG_FILE": "/dev/null",
            "PIP_INDEX_URL": index,
            "HTTPS_PROXY": self.aws.url,
            "PIP_CERT": str(self.aws.directory / AUTHORITIES),
        }
        words = ["-m", "pip", "install", "--no-cache-dir", "--retries", "0", "--target", str(target), name]
        return subprocess.run(
            [sys.executable, *words], env=environment, capture_output=True, text=True, check=False, timeout=120
        )


def test_a_package_is_fetched_once_and_stays_when_the_connection_is_removed(server: EmulatedAws) -> None:
    shelf = Shelf(server, "stays")
    token = shelf.token()
    assert shelf.get("plinth-sample/", token)[0] == 404
    shelf.connect()
    status, page = shelf.get("Plinth_Sample/", token)
    assert status == 200
    assert WHEEL in page
    assert shelf.get("absent/", token) == (404, "Package absent not found\n")
    assert shelf.get(f"plinth-sample/{WHEEL}", token)[0] == 200
    shelf.disconnect()
    assert f"{WHEEL}#sha256=" in shelf.get("plinth-sample/", token)[1]
    assert shelf.get(f"plinth-sample/{WHEEL}", token)[0] == 200
    shelf.api.delete_repository(**shelf.where)
    shelf.api.create_repository(**shelf.where)
    assert shelf.get("plinth-sample/", token)[0] == 404


def test_pip_installs_through_the_endpoint_and_names_a_package_that_is_missing(
    server: EmulatedAws, tmp_path: Path
) -> None:
    pytest.importorskip("pip")
    shelf = Shelf(server, "installs")
    shelf.connect()
    done = shelf.install(shelf.token(), "plinth-sample", tmp_path / "target")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "target" / f"{PACKAGE}.py").read_text() == "ANSWER = 42\n"
    failed = shelf.install(shelf.token(), "plinth-absent", tmp_path / "other")
    assert failed.returncode == 1
    assert "No matching distribution found for plinth-absent" in failed.stderr


def test_a_token_is_of_one_domain_and_has_an_end_that_nobody_changes(server: EmulatedAws) -> None:
    shelf, other = Shelf(server, "tokens"), Shelf(server, "others")
    shelf.connect()
    given = shelf.api.get_authorization_token(domain="tokens", durationSeconds=900)
    longest = shelf.api.get_authorization_token(domain="tokens")
    # 12 hours instead of 15 minutes, and what has passed between the two.
    assert longest["expiration"] - given["expiration"] >= timedelta(seconds=42_300)
    assert shelf.get("plinth-sample/", given["authorizationToken"])[0] == 200
    for bad in ("", "token", other.token(), given["authorizationToken"][:-2] + "AA"):
        assert shelf.get("plinth-sample/", bad)[0] == 401
    with pytest.raises(ClientError, match="durationSeconds"):
        shelf.token(durationSeconds=60)
    with pytest.raises(ClientError, match="Domain not found"):
        shelf.api.get_authorization_token(domain="absent")
    head, claims, signature = given["authorizationToken"].split(".")
    content = json.loads(base64.urlsafe_b64decode(claims + "=="))
    later = base64.urlsafe_b64encode(json.dumps({**content, "exp": content["exp"] + 9000}).encode()).decode()
    assert shelf.get("plinth-sample/", f"{head}.{later.rstrip('=')}.{signature}")[0] == 401


def test_a_repository_has_one_external_connection_and_keeps_its_domain(server: EmulatedAws) -> None:
    shelf = Shelf(server, "connects")
    shelf.connect()
    (found,) = shelf.api.describe_repository(**shelf.where)["repository"]["externalConnections"]
    expected = {"externalConnectionName": "public:pypi", "packageFormat": "pypi", "status": "Available"}
    assert found == expected
    with pytest.raises(ClientError, match="more than one external connection"):
        shelf.api.associate_external_connection(**shelf.where, externalConnection="public:npmjs")
    with pytest.raises(ClientError, match="contains repositories"):
        shelf.api.delete_domain(domain="connects")
    with pytest.raises(ClientError, match="Domain not found"):
        shelf.api.create_repository(domain="nowhere", repository="pypi")


def test_the_policies_of_the_holder_decide_about_tokens_and_about_each_request(server: EmulatedAws) -> None:
    shelf = Shelf(server, "judged")
    shelf.connect()
    domain = f"arn:aws:codeartifact:{REGION}:{MANAGEMENT}:domain/judged"
    repository = f"arn:aws:codeartifact:{REGION}:{MANAGEMENT}:repository/judged/pypi"
    role = server.role("installer", "codebuild")
    api, allow = session(server, role), allowing(server, "installer")
    allow(("codeartifact:GetAuthorizationToken", domain, {}))
    with pytest.raises(ClientError, match="sts:GetServiceBearerToken"):
        shelf.token(api)
    bearer = {"StringEquals": {"sts:AWSServiceName": "codeartifact.amazonaws.com"}}
    tokens = [("codeartifact:GetAuthorizationToken", domain, {}), ("sts:GetServiceBearerToken", "*", bearer)]
    allow(*tokens)
    token = shelf.token(api)
    status, text = shelf.get("plinth-sample/", token)
    assert (status, repository in text) == (403, True)
    allow(*tokens, ("codeartifact:ReadFromRepository", repository, {}))
    assert shelf.get("plinth-sample/", token)[0] == 200
    deny = {"Effect": "Deny", "Principal": "*", "Action": "codeartifact:ReadFromRepository", "Resource": "*"}
    shelf.api.put_domain_permissions_policy(
        domain="judged", policyDocument=json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    )
    assert shelf.get("plinth-sample/", token)[0] == 403


def session(aws: EmulatedAws, role: str) -> Any:
    """Returns a client of CodeArtifact whose calls are judged, as those of a build are."""
    import boto3

    from plinth_sandbox.emulator.credentials import management_secret, service_key

    service = boto3.client(
        "sts",
        endpoint_url=aws.url,
        region_name=REGION,
        aws_access_key_id=service_key("codebuild"),
        aws_secret_access_key=management_secret(aws.directory),
    )
    keys = service.assume_role(RoleArn=role, RoleSessionName="build")["Credentials"]
    return boto3.client(
        "codeartifact",
        endpoint_url=aws.url,
        region_name=REGION,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )


def allowing(aws: EmulatedAws, role: str) -> Any:
    """Returns a function that replaces the policy of a role by what it is given: actions, resources, conditions."""

    def allow(*statements: tuple[str, str, dict[str, Any]]) -> None:
        written = [
            {"Effect": "Allow", "Action": action, "Resource": resource, **({"Condition": when} if when else {})}
            for action, resource, when in statements
        ]
        document = json.dumps({"Version": "2012-10-17", "Statement": written})
        aws.client("iam").put_role_policy(RoleName=role, PolicyName="everything", PolicyDocument=document)

    return allow
