"""A request as AWS sees it: who asks for what, from where, and the context keys that follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from iam_evaluator.context_keys import context_key
from iam_evaluator.errors import NotUnderstoodError
from iam_evaluator.policy_document import Policy
from iam_evaluator.wildcards import Context

Level = tuple[Policy, ...]
"""Policies attached at one place between the organization's root and an account, both included."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """An account and what its organization lays upon it."""

    id: str
    organization_id: str | None = None
    path: str | None = None
    """``o-…/r-…/ou-…/``, as in ``aws:PrincipalOrgPaths``."""
    is_management: bool = False
    """Neither service nor resource control policies reach the management account."""
    service_control: tuple[Level, ...] = ()
    resource_control: tuple[Level, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Principal:
    """A session of a role, or an AWS service that acts in its own name."""

    name: str
    account: Account | None = None
    """None for an AWS service, which is in nobody's account."""
    role_arn: str | None = None
    service: str | None = None
    """Host name of the service (``delivery.logs.amazonaws.com``)."""
    session: str = "session"
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive_tags: Mapping[str, str] = field(default_factory=dict)
    """Those of its tags that every session has which it goes on to open ("Chaining roles with session tags")."""
    identity: tuple[Policy, ...] = ()
    boundary: tuple[Policy, ...] | None = None
    session_policies: tuple[Policy, ...] | None = None
    is_service_linked: bool = False

    @property
    def session_arn(self) -> str | None:
        """ARN of the session, which is what makes the requests."""
        if self.role_arn is None or self.account is None:
            return None
        return f"arn:aws:sts::{self.account.id}:assumed-role/{self.role_arn.rsplit('/', 1)[-1]}/{self.session}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """What is asked about. ``*`` where an action knows no resource: it is then the caller's account."""

    arn: str
    account: Account | None
    policy: Policy | None = None
    needs_policy: bool = False
    """A key's policy and a role's trust policy always have to agree; elsewhere a policy of the identity may do."""
    tags: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    """Of a key."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """The VPC endpoint that a request passes."""

    id: str
    vpc: str
    account: Account
    policy: Policy | None = None
    """None where anything may pass."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One action on one resource."""

    principal: Principal
    action: str
    resource: Resource
    region: str = "eu-west-1"
    endpoint: Endpoint | None = None
    source_ip: str | None = None
    extra: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Keys of this very call: what it asks of the service, who forwarded it. They replace those that follow."""

    def context(self) -> Context:
        """Every key of the request. Raises NotUnderstoodError for a key that no policy could be judged on."""
        unknown = [f"condition key {key} of a request" for key in self.extra if context_key(key) is None]
        if unknown:
            raise NotUnderstoodError(unknown)
        keys = {
            **_of_the_principal(self.principal),
            **_of_the_resource(self.resource),
            **_of_the_way(self),
            **_of_the_service(self),
        }
        keys |= {key.lower(): tuple(values) for key, values in self.extra.items()}
        return {key: values for key, values in keys.items() if values}


def _of_the_principal(principal: Principal) -> dict[str, tuple[str, ...]]:
    if principal.service is not None:
        return {
            "aws:principalisawsservice": ("true",),
            "aws:principalservicename": (principal.service,),
            "aws:principalservicenameslist": (principal.service,),
        }
    account = principal.account
    if account is None or principal.role_arn is None:
        raise NotUnderstoodError([f"principal {principal.name}, which is neither a role nor a service"])
    return {
        "aws:principalisawsservice": ("false",),
        "aws:principalarn": (principal.role_arn,),
        "aws:principaltype": ("AssumedRole",),
        "aws:principalaccount": (account.id,),
        "aws:principalorgid": _present(account.organization_id),
        "aws:principalorgpaths": _present(account.path),
        **{f"aws:principaltag/{key.lower()}": (value,) for key, value in principal.tags.items()},
    }


def _of_the_resource(resource: Resource) -> dict[str, tuple[str, ...]]:
    tags: dict[str, tuple[str, ...]] = {
        f"aws:resourcetag/{key.lower()}": (value,) for key, value in resource.tags.items()
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


def _of_the_way(request: Request) -> dict[str, tuple[str, ...]]:
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


def _of_the_service(request: Request) -> dict[str, tuple[str, ...]]:
    """Keys that a service sets on all its calls."""
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
