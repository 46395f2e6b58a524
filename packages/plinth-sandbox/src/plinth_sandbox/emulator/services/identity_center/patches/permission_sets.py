"""Identity Center: tags, boundaries and provisioning of permission sets, and attributes for access control."""

from __future__ import annotations

from moto.moto_api._internal import mock_random
from moto.ssoadmin.models import Instance, PermissionSet, ssoadmin_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.store.projection import tags_from
from plinth_sandbox.emulator.store.record import now


def patch_moto() -> None:
    """Corrects moto's identifiers of directories and permission sets, which the services' own operations would
    refuse."""
    PermissionSet.generate_id = staticmethod(_permission_set_arn)
    make = Instance.__init__

    def make_with_hexadecimal_directory(instance: Instance, account_id: str, region: str) -> None:
        make(instance, account_id, region)
        instance.identity_store_id = f"d-{mock_random.get_random_hex(10)}"

    Instance.__init__ = make_with_hexadecimal_directory


def _permission_set_arn(instance_arn: str) -> str:
    instance = instance_arn.rpartition("/")[2]
    return f"arn:aws:sso:::permissionSet/{instance}/ps-{mock_random.get_random_hex(16)}"


def _create(exchange: Exchange) -> Answer:
    """Creates a permission set and stores its tags. moto keeps them where no operation can reach them."""
    answer = exchange.below()
    if answer.succeeded:
        created = exchange.call.result(answer)["PermissionSet"]
        exchange.memory.store.tags_beside(exchange.call.account, created["PermissionSetArn"]).update(
            tags_from(exchange.call.parameters.get("Tags"))
        )
    return answer


def _provision(exchange: Exchange) -> Answer:
    answer = exchange.below()
    if not answer.succeeded:
        return answer
    status = {
        "Status": "SUCCEEDED",
        "RequestId": str(mock_random.uuid4()),
        "PermissionSetArn": exchange.call.parameters["PermissionSetArn"],
        "AccountId": exchange.call.parameters.get("TargetId"),
        "CreatedDate": now(),
    }
    exchange.memory.notes("sso-admin", "provisioning")[status["RequestId"]] = status
    return exchange.call.reply({"PermissionSetProvisioningStatus": status})


def _provisioning(exchange: Exchange) -> Answer:
    known = exchange.memory.notes("sso-admin", "provisioning")
    status = known.get(exchange.call.parameters["ProvisionPermissionSetRequestId"])
    return exchange.call.reply({"PermissionSetProvisioningStatus": status}) if status else exchange.below()


def _accounts(exchange: Exchange) -> Answer:
    """Lists the accounts of a permission set. An assignment provisions the set in its account (IAM Identity Center API
    Reference, CreateAccountAssignment), where moto names the management account."""
    arn = exchange.call.parameters["PermissionSetArn"]
    assigned = ssoadmin_backends[exchange.call.account][exchange.call.region].account_assignments
    accounts = sorted(
        {
            str(account_assignment.target_id)
            for account_assignment in assigned
            if account_assignment.permission_set_arn == arn
        }
    )
    return exchange.call.reply({"AccountIds": accounts})


def _boundary(exchange: Exchange) -> Answer:
    """Puts, reads or deletes a permissions boundary. moto has no boundaries, but knows the permission sets."""
    call, boundaries = exchange.call, exchange.memory.notes("sso-admin", "boundaries")
    arn = call.parameters["PermissionSetArn"]
    ssoadmin_backends[call.account][call.region].describe_permission_set(call.parameters["InstanceArn"], arn)
    if call.name == "PutPermissionsBoundaryToPermissionSet":
        boundaries[arn] = call.parameters["PermissionsBoundary"]
        return call.reply({})
    if arn not in boundaries:
        raise AwsError("ResourceNotFoundException", "Permissions boundary not found")
    if call.name == "DeletePermissionsBoundaryFromPermissionSet":
        del boundaries[arn]
        return call.reply({})
    return call.reply({"PermissionsBoundary": boundaries[arn]})


def _attributes(exchange: Exchange) -> Answer:
    """Creates, changes, reads or deletes the attributes. An instance has one set of them."""
    call, configurations = exchange.call, exchange.memory.notes("sso-admin", "attributes")
    instance, verb = call.parameters["InstanceArn"], call.name.partition("Instance")[0]
    if (instance in configurations) is (verb == "Create"):
        code = "ConflictException" if verb == "Create" else "ResourceNotFoundException"
        raise AwsError(code, "The attribute configuration exists already" if verb == "Create" else "There is none")
    match verb:
        case "Delete":
            del configurations[instance]
        case "Describe":
            return call.reply(
                {"Status": "ENABLED", "InstanceAccessControlAttributeConfiguration": configurations[instance]}
            )
        case _:
            configurations[instance] = call.parameters["InstanceAccessControlAttributeConfiguration"]
    return call.reply({})


_OF_BOUNDARIES = (
    "DeletePermissionsBoundaryFromPermissionSet",
    "GetPermissionsBoundaryForPermissionSet",
    "PutPermissionsBoundaryToPermissionSet",
)
_VERBS_OF_ATTRIBUTES = ("Create", "Delete", "Describe", "Update")

PATCHES: Patches = {
    **dict.fromkeys(_OF_BOUNDARIES, _boundary),
    **{f"{verb}InstanceAccessControlAttributeConfiguration": _attributes for verb in _VERBS_OF_ATTRIBUTES},
    "CreatePermissionSet": _create,
    "DescribePermissionSetProvisioningStatus": _provisioning,
    "ListAccountsForProvisionedPermissionSet": _accounts,
    "ProvisionPermissionSet": _provision,
}
