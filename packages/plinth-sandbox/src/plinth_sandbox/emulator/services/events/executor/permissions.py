"""Whether EventBridge and EventBridge Scheduler may reach a target: as a role, or by the resource policy of the target.

Sources: EventBridge User Guide, "Using resource-based policies for Amazon EventBridge" and "Using IAM roles to grant
permission to access resources" (read 2026-11-22). Unlike calls of clients, deliveries are evaluated, because AWS tells
nobody of a missing permission: it delivers nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.iam.models import iam_backends
from moto.organizations.models import organizations_backends

from iam_evaluator.errors import UnsupportedError
from iam_evaluator.policy_document import Policy
from iam_evaluator.request import Account, Principal, Request, Resource
from plinth_sandbox.emulator.authorization.usage import decide
from plinth_sandbox.emulator.call import AwsError


class NotDeliveredError(Exception):
    """An event that does not reach its target. ``code`` is the error code in the dead-letter queue."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@contextmanager
def refused_as(code: str, message: str) -> Iterator[None]:
    """Raises AwsError if a destination does not exist, or does not admit the sender."""
    try:
        yield
    except NotDeliveredError:
        raise AwsError(code, message) from None


@dataclass(frozen=True, slots=True)
class Sender:
    """The service that delivers, and the rule or schedule for which it does."""

    service: str
    """Service principal: ``events.amazonaws.com`` or ``scheduler.amazonaws.com``."""
    source_arn: str
    account: str
    region: str
    role_arn: str = ""
    owns_topics: bool = False
    """Whether topics know the account as ``AWS:SourceOwner``, which their default policy names. SNS sets it for
    CloudWatch, and not for EventBridge."""

    def context(self) -> dict[str, tuple[str, ...]]:
        organization = _organization(self.account)
        return {
            "aws:SourceArn": (self.source_arn,),
            "aws:SourceAccount": (self.account,),
            **({"aws:SourceOrgID": (organization,)} if organization else {}),
            **({"aws:SourceOwner": (self.account,)} if self.owns_topics else {}),
        }


def _organization(account: str) -> str | None:
    organizations = organizations_backends[DEFAULT_ACCOUNT_ID]["aws"]
    if organizations.org is None or account not in [member.id for member in organizations.accounts]:
        return None
    return str(organizations.org.id)


def account_of(account: str) -> Account:
    """Returns an account as the evaluator sees it."""
    # Control policies are not evaluated, as the status of the sandbox says.
    return Account(id=account, organization_id=_organization(account), is_management=True)


def require(
    sender: Sender,
    action: str,
    arn: str,
    policies: Mapping[str, str],
    *,
    key_arn: str = "",
    encryption: Mapping[str, str] | None = None,
    reads_only: bool = False,
) -> None:
    """Raises NotDeliveredError if the sender may not perform an action on a resource.

    ``policies`` are the resource policies of the target by name. ``key_arn`` is the customer managed key that encrypts
    the target, and ``encryption`` the encryption context of that key's use. A sender that ``reads_only`` decrypts and
    does not encrypt.
    """
    service, _, _ = action.partition(":")
    role = assumed(sender) if sender.role_arn else None
    principal = role or Principal(name=sender.service, service=sender.service)
    extra = {} if role else sender.context()
    owner = arn.split(":")[4]
    if sender.owns_topics:
        policies = {name: _by_owner(text) for name, text in policies.items()}
    try:
        resource = Resource(arn=arn, account=account_of(owner), policy=_joined(policies))
        _decide(Request(principal=principal, action=action, resource=resource, region=sender.region, extra=extra))
        if key_arn:
            use: dict[str, tuple[str, ...]] = {}
            use |= {f"kms:EncryptionContext:{name}": (value,) for name, value in (encryption or {}).items()}
            if role:
                use["kms:ViaService"] = (f"{service}.{arn.split(':')[3]}.amazonaws.com",)
            key = Resource(
                arn=key_arn, account=account_of(key_arn.split(":")[4]), policy=_key_policy(key_arn), needs_policy=True
            )
            for needed in ("kms:Decrypt",) if reads_only else ("kms:GenerateDataKey", "kms:Decrypt"):
                _decide(
                    Request(principal=principal, action=needed, resource=key, region=sender.region, extra=extra | use)
                )
    except UnsupportedError as error:
        raise NotDeliveredError("NO_PERMISSIONS", f"The sandbox cannot evaluate a policy: {error}") from error


def _decide(request: Request) -> None:
    decision = decide(request)
    if not decision.allowed:
        who = request.principal.role_arn or request.principal.service
        raise NotDeliveredError(
            "NO_PERMISSIONS", f"{who} may not perform {request.action} on {request.resource.arn}: {decision}"
        )


def _by_owner(text: str) -> str:
    """Returns a topic policy in which statements about ``AWS:SourceOwner`` admit services too. They name all AWS
    principals, and CloudWatch publishes by them."""
    document = json.loads(text)
    for statement in document["Statement"]:
        keys = {key.lower() for test in statement.get("Condition", {}).values() for key in test}
        if statement.get("Principal") == {"AWS": "*"} and "aws:sourceowner" in keys:
            statement["Principal"] = "*"
    return json.dumps(document)


def _joined(policies: Mapping[str, str]) -> Policy | None:
    parsed = [Policy.parse(name, text) for name, text in policies.items() if text]
    if not parsed:
        return None
    return Policy(", ".join(policy.name for policy in parsed), tuple(s for policy in parsed for s in policy.statements))


def assumed(sender: Sender) -> Principal:
    """Returns the session of the sender's role. Raises NotDeliveredError if the sender cannot assume it."""
    owner, name = sender.role_arn.split(":")[4], sender.role_arn.rpartition("/")[2]
    backend = iam_backends[owner]["aws"]
    role = next((role for role in backend.roles.values() if role.arn == sender.role_arn), None)
    if role is None:
        raise NotDeliveredError("FAILED_TO_ASSUME_ROLE", f"The role {sender.role_arn} does not exist.")
    if reason := trust_refusal(sender, role.assume_role_policy_document):
        raise NotDeliveredError("FAILED_TO_ASSUME_ROLE", reason)
    boundary = backend.managed_policies.get(role.permissions_boundary_arn or "")
    try:
        return Principal(
            name=name,
            account=account_of(owner),
            role_arn=sender.role_arn,
            session="EventBridge",
            identity=tuple(_identity(role)),
            boundary=None if boundary is None else (Policy.parse(boundary.name, _document(boundary)),),
        )
    except UnsupportedError as error:
        raise NotDeliveredError("NO_PERMISSIONS", f"The sandbox cannot evaluate a policy: {error}") from error


def trust_refusal(sender: Sender, document: Any) -> str:
    """Returns why the trust policy of the sender's role does not let the service assume it, or an empty string."""
    role_arn = sender.role_arn
    text = document if isinstance(document, str) else json.dumps(document)
    resource = Resource(
        arn=role_arn,
        account=account_of(role_arn.split(":")[4]),
        policy=Policy.parse("trust policy", text),
        needs_policy=True,
    )
    principal = Principal(name=sender.service, service=sender.service)
    decision = decide(Request(principal=principal, action="sts:AssumeRole", resource=resource, extra=sender.context()))
    return "" if decision.allowed else f"{sender.service} may not assume {role_arn}: {decision}"


def _identity(role: Any) -> Iterator[Policy]:
    for name, text in role.policies.items():
        yield Policy.parse(str(name), str(text))
    for policy in role.managed_policies.values():
        yield Policy.parse(str(policy.name), _document(policy))


def _document(policy: Any) -> str:
    """Returns the document of the default version of a managed policy."""
    version = next(candidate for candidate in policy.versions if candidate.version_id == policy.default_version_id)
    return version.document if isinstance(version.document, str) else json.dumps(version.document)


def _key_policy(arn: str) -> Policy | None:
    from moto.kms.models import kms_backends

    _, _, _, region, account, rest = arn.split(":", 5)
    key = kms_backends[account][region].keys.get(rest.rpartition("/")[2])
    return None if key is None or not key.policy else Policy.parse("key policy", key.policy)
