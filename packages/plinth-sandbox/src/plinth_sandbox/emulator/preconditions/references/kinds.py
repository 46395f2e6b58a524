"""The kinds of resources that requests refer to.

moto's services are imported with the first question about them, because some take a second to import.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from plinth_sandbox.emulator.authorization.principals import role_of
from plinth_sandbox.emulator.preconditions.policy_documents import admits_service, is_emulated
from plinth_sandbox.emulator.preconditions.references.reference import MISSING, Kind, Question
from plinth_sandbox.emulator.services.ec2.subnets import subnets_by_id
from plinth_sandbox.emulator.store.record import Place

DISABLED, PENDING_DELETION, FOREIGN = "disabled", "pending deletion", "foreign"
"""Further faults: keys that cannot be used, and subnets or security groups of another VPC."""
_KEY = re.compile(r"arn:[a-z-]+:kms:([a-z0-9-]+):(\d{12}):key/(.+)")
_STATES = {"Disabled": DISABLED, "PendingDeletion": PENDING_DELETION}


def role(service: str) -> Kind:
    """Returns the kind of roles of the own account that a service, such as ``sagemaker``, can assume."""

    def look(arn: str, question: Question) -> str:
        known = role_of(arn) is not None and arn.split(":")[4] == question.call.account
        return "" if known and admits_service(arn, f"{service}.amazonaws.com") else MISSING

    return look


def key(name: str, question: Question) -> str:
    """Looks up a KMS key by its id, ARN or alias. Keys of AWS, and those of accounts that are not emulated, exist."""
    from moto.kms.models import kms_backends

    from plinth_sandbox.emulator.services.kms.permissions import key_arn

    if "alias/aws/" in name:
        return ""
    arn = key_arn(name, question.call.account, question.call.region)
    matched = _KEY.fullmatch(arn)
    if matched is None:
        return MISSING
    region, owner, identifier = matched.groups()
    if not is_emulated(owner):
        return ""
    known = kms_backends[owner]
    found = known[region].keys.get(identifier) if region in known else None
    return MISSING if found is None else _STATES.get(found.key_state, "")


def _network(question: Question) -> Any:
    from moto.ec2.models import ec2_backends

    return ec2_backends[question.call.account][question.call.region]


def vpc(identifier: str, question: Question) -> str:
    return "" if identifier in _network(question).vpcs else MISSING


def subnet(identifier: str, question: Question, vpc: str = "VpcId") -> str:
    """Looks up a subnet. If the request names a VPC, at the path ``vpc``, the subnet must be in it."""
    known = subnets_by_id(_network(question))
    if identifier not in known:
        return MISSING
    owner = known[identifier].vpc_id
    return FOREIGN if next(question.values(vpc), owner) != owner else ""


def security_group(identifier: str, question: Question, vpc: str = "VpcId") -> str:
    """Looks up a security group. If the request names a VPC, at the path ``vpc``, the group must be in it."""
    owners = {group: owner for owner, groups in _network(question).groups.items() for group in groups}
    if identifier not in owners:
        return MISSING
    return FOREIGN if next(question.values(vpc), owners[identifier]) != owners[identifier] else ""


def stored(service: str, noun: str, member: str, shared: tuple[str, ...] = ()) -> Kind:
    """Returns the kind of resources that the fallback store keeps. ``member`` identifies them, together with the
    ``shared`` members of the request, such as the domain of a user profile."""

    def look(name: str, question: Question) -> str:
        call = question.call
        names: Mapping[str, Any] = {member: name, **{parameter: call.parameters.get(parameter) for parameter in shared}}
        return "" if question.memory.store.find(Place(call.account, call.region, service), noun, names) else MISSING

    return look


def model(name: str, question: Question) -> str:
    """Looks up a SageMaker model."""
    from moto.sagemaker.models import sagemaker_backends

    return "" if name in sagemaker_backends[question.call.account][question.call.region]._models else MISSING


def account(identifier: str, _: Question) -> str:
    """Looks up an account of the organization. The management account is one before it has any."""
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.organizations.models import organizations_backends

    known = {member.id for member in organizations_backends[DEFAULT_ACCOUNT_ID]["aws"].accounts}
    return "" if identifier in known | {DEFAULT_ACCOUNT_ID} else MISSING
