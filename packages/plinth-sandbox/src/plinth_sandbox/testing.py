"""An emulated AWS server for tests, and clients for it."""

from __future__ import annotations

import base64
import contextlib
import http.client
import itertools
import json
import multiprocessing
import os
import ssl
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from plinth_sandbox.emulator.credentials import management_keys, management_secret
from plinth_sandbox.emulator.forks.forked import PRELOADED, serve
from plinth_sandbox.emulator.process import CHARGES_PATH, CLOCK_PATH, ISSUER_PATH
from plinth_sandbox.environment import endpoint_of
from plinth_sandbox.waiting import LONGEST_SECONDS

REGION = "eu-west-1"
MANAGEMENT = "123456789012"
IMAGE_OF_AWS = f"763104351884.dkr.ecr.{REGION}.amazonaws.com/pytorch-inference:2.6.0"
"""An image of AWS Deep Learning Containers. Their registry is not emulated, so it has every image."""
_NUMBERS = itertools.count(1)


@dataclass
class EmulatedAws:
    directory: Path
    port: int = 0
    schedules: str = "automatic"
    """Whether schedules fire in time (``automatic``) or only when a test moves the clock (``manual``)."""
    kubernetes: Path | None = None
    """Program of the control planes of clusters, which have none without it."""
    nodes: bool = False
    """Whether clusters in Auto Mode have a node, whose programs this machine has."""
    program: Callable[..., None] = serve
    """Function that serves in the process of the server, as :func:`serve` does."""
    process: BaseProcess | None = None
    _said: TextIO | None = None
    """Output of the server. It stays open while the server runs."""
    _credentials: dict[str, dict[str, str]] = field(default_factory=dict)

    def __enter__(self) -> EmulatedAws:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        options = ["--directory", str(self.directory), "--port", str(self.port), "--schedules", self.schedules]
        if self.kubernetes is not None:
            options += ["--kubernetes", str(self.kubernetes)]
        if self.nodes:
            options.append("--nodes")
        forks = multiprocessing.get_context("forkserver")
        forks.set_forkserver_preload(list(PRELOADED))
        said, written = forks.Pipe(duplex=False)
        errors = str(self.directory / "errors.log")
        # Nothing waits for it when the tests end: a test may have failed before it stopped its server.
        self.process = forks.Process(
            target=self.program, args=(options, dict(os.environ), written, errors), daemon=True
        )
        self.process.start()
        written.close()
        self._said = os.fdopen(os.dup(said.fileno()), encoding="utf-8")
        for line in self._said:
            if line.startswith("listening on "):
                self.port = int(line.rstrip().rpartition(":")[2])
                return
        raise AssertionError("the server ended before it listened")

    def kill(self) -> None:
        assert self.process
        self.process.kill()
        self.process.join()

    def stop(self) -> None:
        """Stops the server and everything that it runs with SIGTERM."""
        assert self.process
        self.process.terminate()
        self.process.join()

    def restart(self) -> None:
        """Kills the server, as a power failure would, and starts it again on the same directory."""
        self.kill()
        self.start()

    def advance(self, **duration: float) -> list[dict[str, str]]:
        """Moves the clock of schedules and returns what fired. The duration is that of a ``timedelta``."""
        fired: list[dict[str, str]] = self._move_clock(timedelta(**duration))["fired"]
        return fired

    def clock(self) -> datetime:
        """Returns the time of the clock of schedules."""
        return datetime.fromisoformat(self._move_clock(timedelta())["now"])

    def _move_clock(self, by: timedelta) -> dict[str, Any]:
        return self._tell(CLOCK_PATH, {"advance_seconds": by.total_seconds()})

    def register(self, issuer: TokenIssuer) -> None:
        """Registers the keys of a token issuer, as ``plinth sandbox issuer`` does."""
        self._tell(ISSUER_PATH, {"issuer": issuer.url, "keys": [issuer.public_key()]})

    def charge(self, charges: Sequence[Mapping[str, object]]) -> None:
        """Gives Cost Explorer charges, as ``plinth sandbox charge`` does."""
        self._tell(CHARGES_PATH, {"charges": charges})

    def _tell(self, path: str, content: Mapping[str, object]) -> dict[str, Any]:
        """Sends the emulator something as the owner of the sandbox, and returns the answer."""
        headers = {"Authorization": f"Bearer {management_secret(self.directory)}"}
        asked = urllib.request.Request(self.url + path, json.dumps(content).encode(), headers)
        with urllib.request.urlopen(asked) as answer:
            return dict(json.load(answer))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, service: str, account: str = MANAGEMENT, *, region: str = REGION, checked: bool = True) -> Any:
        """Returns a client. ``checked=False`` sends requests that botocore would reject."""
        client: Any = boto3.client(  # type: ignore[call-overload] # the service is known when it is called
            service,
            endpoint_url=endpoint_of(service, self.url),
            region_name=region,
            config=Config(
                retries={"total_max_attempts": 1}, parameter_validation=checked, read_timeout=LONGEST_SECONDS
            ),
            **self.credentials(account),
        )
        return client

    def credentials(self, account: str) -> dict[str, str]:
        """Returns credentials of the management account, or of a member account's role, which is assumed once."""
        if account == MANAGEMENT:
            return {name.lower(): value for name, value in management_keys(self.directory).items()}
        if account not in self._credentials:
            role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
            session = self.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
            self._credentials[account] = {
                "aws_access_key_id": session["AccessKeyId"],
                "aws_secret_access_key": session["SecretAccessKey"],
                "aws_session_token": session["SessionToken"],
            }
        return self._credentials[account]

    def role(self, name: str, service: str, account: str = MANAGEMENT, **more: Any) -> str:
        """Creates a role that a service, such as ``sagemaker``, may assume and that may do everything, and returns its
        ARN. What runs as the role is judged by its policies."""
        iam = self.client("iam", account)
        trusted = {"Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
        trust, policy = (
            json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})
            for statement in (trusted, {"Action": "*", "Resource": "*"})
        )
        created = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, **more)["Role"]
        iam.put_role_policy(RoleName=name, PolicyName="everything", PolicyDocument=policy)
        return str(created["Arn"])

    def network(self, account: str = MANAGEMENT) -> dict[str, Any]:
        """Creates a VPC with two subnets. Returns their ids as ``VpcId`` and ``SubnetIds``, as requests name them."""
        ec2 = self.client("ec2", account)
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")
            for number, zone in enumerate("ab")
        ]
        return {"VpcId": vpc, "SubnetIds": [subnet["Subnet"]["SubnetId"] for subnet in subnets]}

    def new_account(self, name: str) -> str:
        organizations = self.client("organizations")
        try:
            organizations.describe_organization()
        except organizations.exceptions.AWSOrganizationsNotInUseException:
            organizations.create_organization(FeatureSet="ALL")
        # Tests that share a server may choose the same name, and an address belongs to one account.
        email = f"{name}-{next(_NUMBERS)}@acme.example"
        created = organizations.create_account(Email=email, AccountName=name)
        return str(created["CreateAccountStatus"]["AccountId"])


@dataclass(slots=True)
class TokenIssuer:
    """An issuer of OpenID Connect tokens, as tests need one. It serves nothing."""

    url: str
    key: RSAPrivateKey = field(default_factory=lambda: generate_private_key(65537, 2048))
    key_id: str = "one"

    def public_key(self) -> dict[str, str]:
        """Returns the key with which tokens are verified, as a JSON Web Key."""
        numbers = self.key.public_key().public_numbers()
        parts = {
            name: _encoded(value.to_bytes((value.bit_length() + 7) // 8, "big"))
            for name, value in (("n", numbers.n), ("e", numbers.e))
        }
        return {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": self.key_id, **parts}

    def token(self, **claims: Any) -> str:
        """Returns a token with these claims, valid for ten minutes unless they say otherwise."""
        now = int(time.time())
        content = {"iss": self.url, "iat": now, "nbf": now - 5, "exp": now + 600, **claims}
        head = {"alg": "RS256", "kid": self.key_id, "typ": "JWT"}
        signed = ".".join(_encoded(json.dumps(part).encode()) for part in (head, content))
        return f"{signed}.{_encoded(self.key.sign(signed.encode(), PKCS1v15(), SHA256()))}"


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def code_of(error: Any) -> str:
    """Returns the AWS error code of the exception that ``pytest.raises(ClientError)`` caught."""
    return str(error.value.response["Error"]["Code"])


def refusal(call: Callable[..., Any], **parameters: Any) -> str:
    """Returns the AWS error code with which a call is refused."""
    with pytest.raises(ClientError) as error:
        call(**parameters)
    return code_of(error)


def self_signed(host: str, *others: str) -> tuple[bytes, bytes]:
    """Returns a certificate for host names, as somebody imports it into ACM, and its key, both in PEM."""
    key, now, names = generate_private_key(65537, 2048), datetime.now(UTC), (host, *others)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return certificate.public_bytes(Encoding.PEM), text


def publish_text(route53: Any, zone: str, record: str, value: str, **parameters: Any) -> None:
    """Creates a hosted zone with a TXT record. ``parameters`` are further ones of the zone."""
    reference = f"{zone}-{record}-{value}"
    created = route53.create_hosted_zone(Name=zone, CallerReference=reference, **parameters)["HostedZone"]
    text = {"Name": record, "Type": "TXT", "TTL": 1800, "ResourceRecords": [{"Value": f'"{value}"'}]}
    changes = [{"Action": "CREATE", "ResourceRecordSet": text}]
    route53.change_resource_record_sets(HostedZoneId=created["Id"], ChangeBatch={"Changes": changes})


def ask_load_balancer(
    sandbox_url: str, balancer: str, host: str, certificate: str, path: str, newest: ssl.TLSVersion | None = None
) -> str:
    """Returns what a load balancer answers over TLS at port 443, to a client that trusts one certificate and knows it
    as ``host``. ``newest`` is the newest version of TLS that the client knows. Raises OSError."""
    context = ssl.create_default_context(cadata=certificate)
    if newest is not None:
        context.minimum_version, context.maximum_version = ssl.TLSVersion.MINIMUM_SUPPORTED, newest
    proxy = urlsplit(sandbox_url)
    connection = http.client.HTTPConnection(str(proxy.hostname), proxy.port or 0, timeout=LONGEST_SECONDS)
    with contextlib.closing(connection):
        connection.set_tunnel(balancer, 443)
        connection.connect()
        connection.sock = context.wrap_socket(connection.sock, server_hostname=host)
        connection.request("GET", path)
        return connection.getresponse().read().decode()
