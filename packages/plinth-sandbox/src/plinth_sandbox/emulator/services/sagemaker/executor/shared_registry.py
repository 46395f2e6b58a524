"""Model package groups of other accounts, by the resource policy of the group.

A group of another account is named by its ARN. SageMaker performs the request in the account of the group if the policy
of the group allows it (SageMaker Developer Guide, "Model group resource policy", read 2026-11-22). Like the policies of
event targets, it is evaluated: a missing statement is the most frequent fault of a registry. The policies of the
caller's role are not evaluated, as everywhere for calls of clients.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError
from botocore.utils import ArnParser, InvalidArnException
from moto.sts.models import sts_backends

from iam_evaluator.errors import UnsupportedError
from iam_evaluator.matching import granted_by
from iam_evaluator.policy_document import Policy
from iam_evaluator.request import Principal, Request, Resource
from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.events.executor.permissions import account_of
from plinth_sandbox.emulator.store.record import Place

_ROLE = "arn:aws:iam::{account}:role/aws-service-role/sagemaker.amazonaws.com/registry"
_VERSION, _GROUP = "model-package", "model-package-group"


def _performed(member: str, operation: str) -> Callable[[Exchange, Runtime], Answer]:
    """Returns a handler that performs an operation in the account of the group that ``member`` names."""

    def handle(exchange: Exchange, runtime: Runtime) -> Answer:
        call, given = exchange.call, dict(exchange.call.parameters)
        found = _parsed(str(given.get(member, "")))
        if found is None:
            return exchange.below()
        owner, kind, group = found
        if owner == call.account and kind == _VERSION:
            return exchange.below()
        if owner != call.account:
            require_group(call, runtime, Place(owner, call.region, "sagemaker"), kind, group)
        if kind == _GROUP:
            given[member] = group
        client = runtime.client("sagemaker", _ROLE.format(account=owner), call.region, "SharedRegistry")
        try:
            result = getattr(client, operation)(**given)
        except ClientError as error:
            raise AwsError(error.response["Error"]["Code"], error.response["Error"]["Message"]) from error
        result.pop("ResponseMetadata")
        return call.reply(result)

    return handle


def _parsed(name: str) -> tuple[str, str, str] | None:
    """Returns account, type and group of an ARN; None if it is only a name."""
    try:
        arn = ArnParser().parse_arn(name)
    except InvalidArnException:
        return None
    kind, _, rest = str(arn["resource"]).partition("/")
    return str(arn["account"]), kind, rest.partition("/")[0]


def require_group(call: Call, runtime: Runtime, place: Place, kind: str, group: str) -> None:
    """Refuses the request unless the policy of the group allows it."""
    record = runtime.memory.store.find(place, "ModelPackageGroupPolicy", {"ModelPackageGroupName": group})
    # Versions are created in a group, and the policy names versions (Service Authorization Reference).
    versions = kind == _VERSION or call.name in ("CreateModelPackage", "ListModelPackages")
    resource = f"{_VERSION}/{group}/1" if versions else f"{_GROUP}/{group}"
    arn = f"arn:aws:sagemaker:{place.region}:{place.account}:{resource}"
    caller = _principal(call)
    policy = None if record is None else Policy.parse(f"policy of {group}", str(record.values["ResourcePolicy"]))
    request = Request(
        principal=caller,
        action=f"sagemaker:{call.name}",
        resource=Resource(arn=arn, account=account_of(place.account), policy=policy),
        region=place.region,
        extra=_conditions(call.parameters),
    )
    try:
        allowed = granted_by(request, request.context()) is not None
    except UnsupportedError as error:
        raise AwsError(
            "AccessDeniedException", f"The sandbox cannot evaluate the policy of {group}: {error}"
        ) from error
    if not allowed:
        message = (
            f"User: {caller.session_arn} is not authorized to perform: {request.action} on resource: {arn} because no "
            f"resource-based policy allows the {request.action} action"
        )
        raise AwsError("AccessDeniedException", message)


def _principal(call: Call) -> Principal:
    """Returns the session of the caller. A user, and the account itself, count as a role of that name."""
    session = sts_backends[call.account]["aws"].get_assumed_role_from_access_key(call.access_key)
    role = f"arn:aws:iam::{call.account}:role/administrator" if session is None else str(session.role_arn)
    name = role.rpartition("/")[2]
    return Principal(name=name, account=account_of(call.account), role_arn=role)


def _conditions(parameters: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    status = parameters.get("ModelApprovalStatus")
    return {"sagemaker:ModelApprovalStatus": (str(status),)} if status else {}


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "CreateModelPackage": _performed("ModelPackageGroupName", "create_model_package"),
    "DescribeModelPackage": _performed("ModelPackageName", "describe_model_package"),
    "DescribeModelPackageGroup": _performed("ModelPackageGroupName", "describe_model_package_group"),
    "ListModelPackages": _performed("ModelPackageGroupName", "list_model_packages"),
}
