"""A request: principal, action, resource, network path, and the context keys that AWS derives from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from iam_evaluator.context_keys import context_key
from iam_evaluator.errors import UnsupportedError
from iam_evaluator.policy_document import Policy
from iam_evaluator.wildcards import Context

Level = tuple[Policy, ...]
"""Policies attached to one target: the organization's root, a unit or an account."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """An account, with the control policies of its organization."""

    id: str
    organization_id: str | None = None
    path: str | None = None
    """Path of the account's units, as in ``aws:PrincipalOrgPaths``: ``o-…/r-…/ou-…/``."""
    is_management: bool = False
    """Whether this is the management account, to which control policies do not apply."""
    service_control: tuple[Level, ...] = ()
    resource_control: tuple[Level, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Principal:
    """A session of a role, an AWS service that acts as itself, or the holder of a token of an identity provider."""

    name: str
    account: Account | None = None
    """Account of the role. None for an AWS service and for the holder of a token."""
    role_arn: str | None = None
    service: str | None = None
    """Service principal, such as ``delivery.logs.amazonaws.com``."""
    federated: str | None = None
    """ARN of the OpenID Connect provider whose token the principal holds."""
    session: str = "session"
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive_tags: Mapping[str, str] = field(default_factory=dict)
    """Session tags that sessions inherit which this one opens (IAM User Guide, "Chaining roles with session tags")."""
    identity: tuple[Policy, ...] = ()
    boundary: tuple[Policy, ...] | None = None
    session_policies: tuple[Policy, ...] | None = None
    is_service_linked: bool = False

    @property
    def session_arn(self) -> str | None:
        """ARN of the session."""
        if self.role_arn is None or self.account is None:
            return None
        return f"arn:aws:sts::{self.account.id}:assumed-role/{self.role_arn.rsplit('/', 1)[-1]}/{self.session}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """The resource of a request. Its ARN is ``*`` if the action has no resource type, and its account the caller's."""

    arn: str
    account: Account | None
    policy: Policy | None = None
    needs_policy: bool = False
    """Whether the resource policy must allow every request, as key policies and trust policies must."""
    tags: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    """Aliases of a KMS key."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """The VPC endpoint of a request."""

    id: str
    vpc: str
    account: Account
    policy: Policy | None = None
    """Endpoint policy. None allows everything."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One action on one resource by one principal."""

    principal: Principal
    action: str
    resource: Resource
    region: str = "eu-west-1"
    endpoint: Endpoint | None = None
    source_ip: str | None = None
    extra: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Context keys of this call, such as request parameters. They override derived keys."""

    def context(self) -> Context:
        """Returns all context keys of the request. Raises UnsupportedError for an unknown key."""
        unknown = [f"condition key {key} of a request" for key in self.extra if context_key(key) is None]
        if unknown:
            raise UnsupportedError(unknown)
        keys = {
            **_principal_keys(self.principal),
            **_resource_keys(self.resource),
            **_network_keys(self),
            **_service_keys(self),
        }
        keys |= {key.lower(): tuple(values) for key, values in self.extra.items()}
        return {key: values for key, values in keys.items() if values}


def _principal_keys(principal: Principal) -> dict[str, tuple[str, ...]]:
    if principal.service is not None:
        return {
            "aws:principalisawsservice": ("true",),
            "aws:principalservicename": (principal.service,),
            "aws:principalservicenameslist": (principal.service,),
        }
    if principal.federated is not None:
        return {"aws:principalisawsservice": ("false",)}
    account = principal.account
    if account is None or principal.role_arn is None:
        raise UnsupportedError([f"principal {principal.name}, which is neither a role nor a service"])
    return {
        "aws:principalisawsservice": ("false",),
        "aws:principalarn": (principal.role_arn,),
        "aws:principaltype": ("AssumedRole",),
        "aws:principalaccount": (account.id,),
        "aws:principalorgid": _present(account.organization_id),
        "aws:principalorgpaths": _present(account.path),
        **{f"aws:principaltag/{key.lower()}": (value,) for key, value in principal.tags.items()},
    }


def _resource_keys(resource: Resource) -> dict[str, tuple[str, ...]]:
    prefixes = ["aws", *(["ec2"] if resource.arn.startswith("arn:aws:ec2:") else [])]
    """EC2 has a key of its own for the tags of its resources."""
    tags: dict[str, tuple[str, ...]] = {
        f"{prefix}:resourcetag/{key.lower()}": (value,) for prefix in prefixes for key, value in resource.tags.items()
    }
    account = resource.account
    if account is None:
        return tags
    return {
        "aws:resourceaccount": (account.id,),
        "aws:resourceorgid": _present(account.organization_id),
        "aws:resourceorgpaths": _present(account.path),
        **tags,
    }


def _network_keys(request: Request) -> dict[str, tuple[str, ...]]:
    common = {
        "aws:securetransport": ("true",),
        "aws:viaawsservice": ("false",),
        "aws:requestedregion": (request.region,),
    }
    endpoint = request.endpoint
    if endpoint is None:
        return common | {"aws:sourceip": _present(request.source_ip)}
    return common | {
        "aws:sourcevpce": (endpoint.id,),
        "aws:sourcevpc": (endpoint.vpc,),
        "aws:vpceaccount": (endpoint.account.id,),
        "aws:vpceorgid": _present(endpoint.account.organization_id),
        "aws:vpceorgpaths": _present(endpoint.account.path),
    }


def _service_keys(request: Request) -> dict[str, tuple[str, ...]]:
    """Returns the keys that a service sets on all its calls."""
    service = request.action.partition(":")[0]
    caller, owner = request.principal.account, request.resource.account
    if service == "s3":
        return {"s3:tlsversion": ("1.3",), "s3:resourceaccount": _present(owner.id if owner else None)}
    if service == "kms":
        return {
            "kms:calleraccount": _present(caller.id if caller else None),
            "kms:resourcealiases": request.resource.aliases,
        }
    return {}


def _present(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()
