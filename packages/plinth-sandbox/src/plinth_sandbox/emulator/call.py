"""A parsed request: the operation, the account and region, and the parameters."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

from botocore.awsrequest import HeadersDict
from botocore.parsers import create_parser
from moto.core.model import OperationModel
from moto.core.request import Request as WireRequest
from moto.core.request import determine_request_protocol
from moto.core.serialize import get_serializer_class
from moto.iam.models import get_account_id_from

from plinth_sandbox.emulator.message import Answer, Request
from plinth_sandbox.emulator.parsing import parse
from plinth_sandbox.emulator.service_operations import find_operation

_SCOPE = re.compile(r"Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")

READING_VERBS = (
    "Get",
    "List",
    "Describe",
    "Head",
    "BatchDescribe",
    "BatchGet",
    "EvaluatePullRequest",
    "Search",
    "Query",
    "Scan",
    "Lookup",
    "Simulate",
    "Validate",
)

WRITING_READS = {
    ("sts", "GetSessionToken"),
    ("sts", "GetFederationToken"),
    ("sso", "GetRoleCredentials"),
    # moto creates AWS managed keys when they are first requested.
    ("kms", "DescribeKey"),
    ("kms", "ListAliases"),
}
"""Operations that change state although their names suggest reading."""

UNRECORDED = {
    ("eks-auth", "AssumeRoleForPodIdentity"),
    ("sagemaker-runtime", "InvokeEndpoint"),
    ("sso-oidc", "CreateToken"),
    ("sso-oidc", "RegisterClient"),
    ("sso-oidc", "StartDeviceAuthorization"),
}
"""Operations that change nothing themselves that a replay of the journal would have to restore."""


_SIGN_IN_PATHS = ("/client/register", "/device_authorization", "/token")
"""Paths of IAM Identity Center OIDC, which nobody signs."""


class AwsError(Exception):
    """An AWS error with the service's own message and error code."""

    def __init__(self, code: str, message: str, status: int | None = None, **members: str | int) -> None:
        """``members`` are further members of the error, such as the ``Reason`` of Organizations."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        """HTTP status for error codes without a status in the service model."""
        vars(self).update(members)


@dataclass(frozen=True)
class Call:
    request: Request
    access_key: str
    region: str
    signing_name: str
    operation: OperationModel | None
    path_parameters: dict[str, str]

    @property
    def service(self) -> str:
        return str(self.operation.service_model.service_name) if self.operation else self.signing_name

    @property
    def name(self) -> str:
        return str(self.operation.name) if self.operation else f"{self.request.method} {self.request.path}"

    @functools.cached_property
    def account(self) -> str:
        return str(get_account_id_from(self.access_key))

    @property
    def only_reads(self) -> bool:
        if self.operation is None:
            return self.request.method in ("GET", "HEAD")
        return self.name.startswith(READING_VERBS) and (self.service, self.name) not in WRITING_READS

    @property
    def is_dry_run(self) -> bool:
        """Whether the call only asks if it would succeed. Every operation of EC2 has this parameter (EC2 API, "Common
        query parameters")."""
        return self.service == "ec2" and self.operation is not None and bool(self.parameters.get("DryRun"))

    @property
    def is_recorded(self) -> bool:
        """Whether the call belongs in the journal."""
        if (self.service, self.name) == ("lambda", "Invoke"):
            # An event is queued, and runs later. A synchronous invocation leaves records, which are calls of their own.
            return self.request.header("x-amz-invocation-type") == "Event"
        return not self.only_reads and (self.service, self.name) not in UNRECORDED

    @functools.cached_property
    def parameters(self) -> dict[str, Any]:
        """Members of the request, under the names of the service model. Raises MalformedRequestError."""
        assert self.operation is not None
        return parse(self.operation, self.request, self.path_parameters)

    def result(self, answer: Answer) -> dict[str, Any]:
        """Returns the content of ``answer`` under the names of the service model."""
        assert self.operation is not None
        parser = create_parser(self.operation.service_model.resolved_protocol)
        content = {"status_code": answer.status, "headers": HeadersDict(answer.headers), "body": answer.body}
        return dict(parser.parse(content, self.operation.output_shape))

    def reply(self, result: dict[str, Any] | AwsError) -> Answer:
        """Serialises ``result`` in the service's own protocol."""
        assert self.operation is not None
        wire = WireRequest(self.request.environ())
        protocol = determine_request_protocol(self.operation.service_model, wire.content_type)
        serializer = get_serializer_class(self.service, protocol)(self.operation)
        serialized = serializer.serialize(result)
        body = serialized["body"]
        given = result.status if isinstance(result, AwsError) else None
        return Answer(
            given or serialized["status_code"],
            {name: str(value) for name, value in serialized["headers"].items()},
            body.encode("utf-8") if isinstance(body, str) else body,
        )


def understand(request: Request) -> Call:
    access_key, region, signing_name = _scope(request)
    found = find_operation(signing_name, request)
    operation, path_parameters = found or (None, {})
    return Call(request, access_key, region, signing_name, operation, path_parameters)


def _scope(request: Request) -> tuple[str, str, str]:
    """Returns access key, region and service that the request was signed for, from a header or (presigned) the
    query."""
    match = _SCOPE.search(request.header("authorization"))
    if match is None and "X-Amz-Credential=" in request.target:
        credential = parse_qs(request.query)["X-Amz-Credential"][0]
        match = _SCOPE.search(f"Credential={unquote(credential)}")
    if match:
        return match.group(1), match.group(2), match.group(3)
    if "AWSAccessKeyId=" in request.target:
        # Version 2, with which boto3 presigns S3 addresses by default.
        return parse_qs(request.query)["AWSAccessKeyId"][0], "us-east-1", "s3"
    return "", "us-east-1", _unsigned(request)


def _unsigned(request: Request) -> str:
    """Returns the service of a call that nobody signed: sign-in of people, or reading of a public object."""
    if b"Action=AssumeRoleWith" in request.body:
        return "sts"
    if request.header("x-amz-sso_bearer_token"):
        return "awsssoportal"
    return "sso-oauth" if request.method == "POST" and request.path in _SIGN_IN_PATHS else "s3"
