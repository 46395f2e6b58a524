"""Organizations: AWS's checks that moto lacks, further policy types, and services with trusted access that moto does
not know."""

from __future__ import annotations

import json
from typing import Any

from moto.core.utils import unix_time
from moto.iam.models import iam_backends
from moto.organizations import utils
from moto.organizations.models import (
    FakeDelegatedAdministrator,
    FakePolicy,
    FakeRoot,
    FakeServiceAccess,
    OrganizationsBackend,
    organizations_backends,
)

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patch, Patches
from plinth_sandbox.emulator.quotas.increases import most_accounts
from plinth_sandbox.emulator.service_operations import service_model
from plinth_sandbox.emulator.services.account.patches import account_names

ACCESS_ROLE = "OrganizationAccountAccessRole"
"""Role of a new account that administrators of the management account assume, unless the request names another."""
ADDED = {
    "BACKUP_POLICY": "backup_policy",
    "CHATBOT_POLICY": "chatbot_policy",
    "DECLARATIVE_POLICY_EC2": "declarative_policy_ec2",
    "SECURITYHUB_POLICY": "securityhub_policy",
}
"""Name of the policy type in ARNs, by type."""

TRUSTED = (
    "iam.amazonaws.com",
    "cost-optimization-hub.bcm.amazonaws.com",
    "malware-protection.guardduty.amazonaws.com",
    "securityhubv2.amazonaws.com",
)
"""Service principals newer than moto's list. The first one is for central management of root users."""

LONGEST_CONTENT = {"SERVICE_CONTROL_POLICY": 10_240, "RESOURCE_CONTROL_POLICY": 5_120}
"""Maximum length of policies in characters (Organizations User Guide, "Quotas")."""

UNRESTRICTED = ("CreateOrganization", "DescribeOrganization", "ListRoots")
"""Operations that accounts other than the management account may call too."""


def patch_moto() -> None:
    types = sorted({*FakePolicy.SUPPORTED_POLICY_TYPES, *ADDED})
    FakePolicy.SUPPORTED_POLICY_TYPES = FakeRoot.SUPPORTED_POLICY_TYPES = types
    services = sorted({*FakeServiceAccess.TRUSTED_SERVICES, *TRUSTED})
    FakeServiceAccess.TRUSTED_SERVICES = FakeDelegatedAdministrator.SUPPORTED_SERVICES = services
    create = FakePolicy.__init__

    def create_any(self: FakePolicy, organization: Any, **members: Any) -> None:
        wanted = members.get("Type", "")
        create(self, organization, **members | {"Type": "TAG_POLICY" if wanted in ADDED else wanted})
        if wanted in ADDED:
            self.type = wanted
            self._arn_format = utils.TAG_POLICY_ARN_FORMAT.replace("tag_policy", ADDED[wanted])

    FakePolicy.__init__ = create_any


def _for_the_management_account(patch: Patch) -> Patch:
    def refuse_others(exchange: Exchange) -> Answer:
        account = exchange.call.account
        if _backend(exchange.call).org is None:
            if account in organizations_backends.master_accounts:
                raise AwsError("AccessDeniedException", "You don't have permissions to access this resource.")
            raise AwsError("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
        return patch(exchange)

    return refuse_others


def _backend(call: Call) -> OrganizationsBackend:
    return organizations_backends[call.account]["aws"]


def _create_organization(exchange: Exchange) -> Answer:
    """Keeps the name that was assigned to the management account earlier. moto resets it."""
    answer = exchange.below()
    if answer.succeeded:
        (management,) = _backend(exchange.call).accounts
        management.name = account_names(exchange.memory).get(management.id, management.name)
    return answer


def _create_account(exchange: Exchange) -> Answer:
    """Refuses a used email address, and more accounts than the quota.

    An address belongs to one account, even after that is closed. Case is ignored.
    """
    parameters = exchange.call.parameters
    taken = {account.email.lower() for account in _backend(exchange.call).accounts}
    if parameters["Email"].lower() in taken:
        reason = "EMAIL_ALREADY_EXISTS"
    elif len(taken) >= most_accounts(exchange.memory, exchange.call.account):
        reason = "ACCOUNT_LIMIT_EXCEEDED"
    else:
        answer = exchange.below()
        _administer(exchange.call.result(answer)["CreateAccountStatus"]["AccountId"], parameters.get("RoleName"))
        return answer
    status = {
        "Id": utils.make_random_create_account_status_id(),
        "AccountName": parameters["AccountName"],
        "State": "FAILED",
        "FailureReason": reason,
        "RequestedTimestamp": unix_time(),
        "CompletedTimestamp": unix_time(),
    }
    _failed(exchange)[status["Id"]] = status
    return exchange.call.reply({"CreateAccountStatus": status})


def _administer(account_id: str, role_name: str | None) -> None:
    """Gives the role of a new account the permissions that it has at AWS (Organizations User Guide, "Accessing a member
    account that has OrganizationAccountAccessRole"). moto creates it without any."""
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam_backends[account_id]["aws"].put_role_policy(role_name or ACCESS_ROLE, "AdministratorAccess", document)


def _describe_creation(exchange: Exchange) -> Answer:
    status = _failed(exchange).get(exchange.call.parameters["CreateAccountRequestId"])
    return exchange.call.reply({"CreateAccountStatus": status}) if status else exchange.below()


def _list_creations(exchange: Exchange) -> Answer:
    def add_failed(result: dict[str, Any]) -> None:
        if "FAILED" in exchange.call.parameters.get("States", ["FAILED"]):
            result["CreateAccountStatuses"] += _failed(exchange).values()

    return exchange.amend(add_failed)


def _failed(exchange: Exchange) -> dict[str, Any]:
    return exchange.memory.notes("organizations", exchange.call.account, "failed creations")


def _create_unit(exchange: Exchange) -> Answer:
    backend, parameters = _backend(exchange.call), exchange.call.parameters
    _require_new_name(backend, backend.validate_parent_id(parameters["ParentId"]), parameters["Name"])
    return exchange.below()


def _update_unit(exchange: Exchange) -> Answer:
    """Updates a unit. Its name must be unique under its parent; moto requires a unique name in the whole
    organization."""
    backend, parameters = _backend(exchange.call), exchange.call.parameters
    unit = backend.get_organizational_unit_by_id(parameters["OrganizationalUnitId"])
    name = parameters.get("Name", unit.name)
    if name != unit.name:
        _require_new_name(backend, unit.parent_id, name)
        unit.name = name
    return exchange.call.reply(unit.describe())


def _require_new_name(backend: OrganizationsBackend, parent_id: str, name: str) -> None:
    if any((unit.parent_id, unit.name) == (parent_id, name) for unit in backend.ou):
        raise AwsError("DuplicateOrganizationalUnitException", "An OU with the same name already exists.")


def _create_policy(exchange: Exchange) -> Answer:
    _require_room(exchange.call.parameters["Type"], exchange.call.parameters["Content"])
    return exchange.below()


def _update_policy(exchange: Exchange) -> Answer:
    parameters = exchange.call.parameters
    _require_room(_backend(exchange.call).get_policy_by_id(parameters["PolicyId"]).type, parameters.get("Content", ""))
    return exchange.below()


def _require_room(policy_type: str, content: str) -> None:
    if len(content) > LONGEST_CONTENT.get(policy_type, len(content)):
        raise AwsError(
            "ConstraintViolationException",
            "You have exceeded the maximum policy size.",
            Reason="POLICY_CONTENT_LIMIT_EXCEEDED",
        )


def _attach_policy(exchange: Exchange) -> Answer:
    backend = _backend(exchange.call)
    wanted = backend.get_policy_by_id(exchange.call.parameters["PolicyId"]).type
    (root,) = (unit for unit in backend.ou if isinstance(unit, FakeRoot))
    if wanted not in [enabled["Type"] for enabled in root.policy_types]:
        raise AwsError(
            "PolicyTypeNotEnabledException", "This operation can be performed only for enabled policy types."
        )
    return exchange.below()


def _delete_organization(exchange: Exchange) -> Answer:
    """Reports the current name of the management account. moto reports the name that it assigned."""
    backend = _backend(exchange.call)
    if any(account.id != exchange.call.account for account in backend.accounts):
        message = "To delete an organization you must first remove all member accounts (except the master)."
        raise AwsError("OrganizationNotEmptyException", message)
    backend._reset()
    return exchange.call.reply({})


_PATCHED: Patches = {
    "AttachPolicy": _attach_policy,
    "CreateAccount": _create_account,
    "CreateOrganization": _create_organization,
    "CreateOrganizationalUnit": _create_unit,
    "CreatePolicy": _create_policy,
    "DeleteOrganization": _delete_organization,
    "DescribeCreateAccountStatus": _describe_creation,
    "ListCreateAccountStatus": _list_creations,
    "UpdateOrganizationalUnit": _update_unit,
    "UpdatePolicy": _update_policy,
}

PATCHES: Patches = {
    **_PATCHED,
    **{
        name: _for_the_management_account(_PATCHED.get(name, Exchange.below))
        for name in service_model("organizations").operation_names
        if name not in UNRESTRICTED
    },
}
