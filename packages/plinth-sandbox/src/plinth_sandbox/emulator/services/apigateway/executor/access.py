"""Authentication and authorization of requests to APIs.

Sources: API Gateway Developer Guide, "How API Gateway resource policies affect authorization workflow" and "Control
access to a REST API with IAM permissions" (read 2026-11-22).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from moto.sts.models import sts_backends

from iam_evaluator.errors import UnsupportedError
from iam_evaluator.evaluation import Decision
from iam_evaluator.policy_document import Policy
from iam_evaluator.request import Endpoint, Principal, Resource
from iam_evaluator.request import Request as IamRequest
from plinth_sandbox.emulator.authentication import Authentication
from plinth_sandbox.emulator.authorization.accounts import account_of
from plinth_sandbox.emulator.authorization.documents import parsed, policy_of
from plinth_sandbox.emulator.authorization.principals import role_of, role_principal
from plinth_sandbox.emulator.authorization.sessions import JUDGED_SESSIONS, JudgedSession
from plinth_sandbox.emulator.authorization.usage import decide
from plinth_sandbox.emulator.call import Call, understand
from plinth_sandbox.emulator.credentials import MANAGEMENT_KEY_ID
from plinth_sandbox.emulator.message import Request
from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.services.apigateway.executor.failures import RefusedError
from plinth_sandbox.emulator.signature import is_signed, is_signed_with

ACTION = "execute-api:Invoke"
SERVICE = "execute-api"
_NOBODY = "000000000000"
_ANYTHING = '{"Statement": {"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}}'


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller whose signature is valid."""

    access_key: str
    principal: Principal

    @property
    def arn(self) -> str:
        return self.principal.session_arn or self.principal.name


def caller_of(request: Request, authentication: Authentication, memory: Memory) -> Caller:
    """Returns the caller of a signed request. Raises RefusedError."""
    if not is_signed(request):
        raise RefusedError("MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token")
    call = understand(request)
    secret = authentication.secret_of(call.access_key)
    if secret is None:
        message = "The security token included in the request is invalid."
        raise RefusedError("INVALID_SIGNATURE", message, error_type="UnrecognizedClientException")
    if call.signing_name != SERVICE:
        message = f"Credential should be scoped to correct service: '{SERVICE}'. "
        raise RefusedError("INVALID_SIGNATURE", message)
    if not is_signed_with(request, secret):
        message = (
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
            "Access Key and signing method. Consult the service documentation for details."
        )
        raise RefusedError("INVALID_SIGNATURE", message)
    return Caller(call.access_key, _principal(call, memory))


def _principal(call: Call, memory: Memory) -> Principal:
    session: JudgedSession | None = memory.notes(JUDGED_SESSIONS).get(call.access_key)
    if session is not None:
        judged = session.principal()
        if judged is not None:
            return judged
    if call.access_key == MANAGEMENT_KEY_ID:
        # The administrator of the sandbox, as a role that may do everything.
        return Principal(
            name="administrator",
            account=account_of(call.account),
            role_arn=f"arn:aws:iam::{call.account}:role/administrator",
            identity=(parsed("administrator", _ANYTHING),),
        )
    for backend in sts_backends[call.account].values():
        assumed = backend.get_assumed_role_from_access_key(call.access_key)
        role = None if assumed is None else role_of(assumed.role_arn)
        if role is not None:
            return role_principal(role, assumed.session_name)
    message = "The security token included in the request is invalid."
    raise RefusedError("INVALID_SIGNATURE", message, error_type="UnrecognizedClientException")


def endpoint_of(identifier: str, region: str) -> Endpoint | None:
    """Returns a VPC endpoint for APIs by its id."""
    from moto.ec2.models import ec2_backends

    for account, backends in list(ec2_backends.items()):
        backend = dict.get(backends, region)
        found: Any = None if backend is None else backend.vpc_end_points.get(identifier)
        if found is not None and found.service_name == f"com.amazonaws.{region}.{SERVICE}":
            policy = policy_of(f"policy of {identifier}", found.policy_document)
            return Endpoint(id=identifier, vpc=str(found.vpc_id), account=account_of(account), policy=policy)
    return None


def policy_text(kept: str | None) -> str:
    """Returns the resource policy of an API, which AWS and moto keep with escaped quotes."""
    if not kept:
        return ""
    return kept if kept.lstrip().startswith('{"') else str(json.loads(f'"{kept}"'))


def authorize(
    arn: str,
    owner: str,
    region: str,
    caller: Caller | None,
    policy: Policy | None,
    endpoint: Endpoint | None,
) -> None:
    """Raises RefusedError unless the policies allow a request.

    ``arn`` names the method. A caller without a signature needs an Allow of the resource policy, if there is one.
    """
    if caller is None and policy is None and (endpoint is None or endpoint.policy is None):
        return
    # The evaluator knows no anonymous principals. A role of an account outside the organization has as few rights, but
    # a policy can name neither.
    anonymous = Principal(name="anonymous", account=account_of(_NOBODY), role_arn=f"arn:aws:iam::{_NOBODY}:role/none")
    resource = Resource(arn=arn, account=account_of(owner), policy=policy)
    request = IamRequest(
        principal=caller.principal if caller else anonymous,
        action=ACTION,
        resource=resource,
        region=region,
        endpoint=endpoint,
        source_ip="127.0.0.1",
    )
    try:
        decision = decide(request)
    except UnsupportedError as error:
        message = f"The sandbox cannot judge a policy: {error}"
        raise RefusedError("ACCESS_DENIED", message, error_type="NotImplementedBySandbox") from error
    missing = decision.missing_allows
    if caller is None:
        unasked = ("identity policy", *(() if policy else ("resource policy",)))
        missing = tuple(text for text in missing if not text.startswith(unasked))
    if decision.denials or missing:
        raise RefusedError("ACCESS_DENIED", _words(arn, caller, decision))


def _words(arn: str, caller: Caller | None, decision: Decision) -> str:
    who = caller.arn if caller else "anonymous"
    parts = arn.split(":")
    parts[4] = f"********{parts[4][-4:]}"
    sentence = f"User: {who} is not authorized to perform: {ACTION} on resource: {':'.join(parts)}"
    if decision.denials:
        return f"{sentence} with an explicit deny"
    if caller is None:
        return sentence
    kind = "resource-based" if decision.missing_allows[0].startswith("resource") else "identity-based"
    return f"{sentence} because no {kind} policy allows the {ACTION} action"
