"""Organizations: members, policy types and trusted services of the root, and accounts, whose creation is
asynchronous."""

from __future__ import annotations

from plinth_sandbox.provider.errors import ProviderError
from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties


def _pages(caller: Caller, operation: str, key: str) -> list[Properties]:
    """Returns all elements of a listing operation."""
    found: list[Properties] = []
    position: dict[str, str] = {}
    while True:
        page = caller.aws(operation, **position)
        found += page[key]
        if not page.get("NextToken"):
            return found
        position = {"NextToken": page["NextToken"]}


def read_members(caller: Caller, known: Properties) -> Properties:
    """Returns accounts and root, which separate operations list."""
    (root,) = _pages(caller, "list_roots", "Roots")
    accounts = [
        {name[0].lower() + name[1:]: account.get(name) for name in ("Arn", "Email", "Id", "Name", "Status")}
        for account in _pages(caller, "list_accounts", "Accounts")
    ]
    services = _pages(caller, "list_aws_service_access_for_organization", "EnabledServicePrincipals")
    return {
        "accounts": accounts,
        "nonMasterAccounts": [account for account in accounts if account["id"] != known["masterAccountId"]],
        "masterAccountName": next((a["name"] for a in accounts if a["id"] == known["masterAccountId"]), None),
        "roots": [{"id": root["Id"], "arn": root["Arn"], "name": root["Name"]}],
        "enabledPolicyTypes": [kind["Type"] for kind in root["PolicyTypes"] if kind["Status"] == "ENABLED"],
        "awsServiceAccessPrincipals": [service["ServicePrincipal"] for service in services],
    }


def switch_policy_types(caller: Caller, known: Properties) -> None:
    """Enables and disables policy types on the root, one per call."""
    (root,) = _pages(caller, "list_roots", "Roots")
    for kind in known["-enabledPolicyTypes"]:
        caller.aws("disable_policy_type", RootId=root["Id"], PolicyType=kind)
    for kind in known["+enabledPolicyTypes"]:
        caller.aws("enable_policy_type", RootId=root["Id"], PolicyType=kind)


def switch_services(caller: Caller, known: Properties) -> None:
    """Enables and disables trusted access of services, one per call."""
    for service in known["-awsServiceAccessPrincipals"]:
        caller.aws("disable_aws_service_access", ServicePrincipal=service)
    for service in known["+awsServiceAccessPrincipals"]:
        caller.aws("enable_aws_service_access", ServicePrincipal=service)


def create_account(caller: Caller, known: Properties) -> Properties:
    """Requests an account and waits until it exists."""
    optional = {"RoleName": known.get("roleName"), "IamUserAccessToBilling": known.get("iamUserAccessToBilling")}
    asked = caller.aws(
        "create_account",
        Email=known["email"],
        AccountName=known["name"],
        Tags=[{"Key": key, "Value": value} for key, value in known["tagsAll"].items()],
        **{member: value for member, value in optional.items() if value},
    )
    status = asked["CreateAccountStatus"]
    while status["State"] == "IN_PROGRESS":
        caller.pause(1)
        asked = caller.aws("describe_create_account_status", CreateAccountRequestId=status["Id"])
        status = asked["CreateAccountStatus"]
    if status["State"] == "FAILED":
        raise ProviderError(f"AWS did not create the account {known['name']}: {status['FailureReason']}")
    return {"id": status["AccountId"]}


def read_parent(caller: Caller, known: Properties) -> Properties:
    """Returns the parent of an account: a unit or the root."""
    (parent,) = caller.aws("list_parents", ChildId=known["id"])["Parents"]
    return {"parentId": parent["Id"]}


def move_account(caller: Caller, known: Properties) -> None:
    """Moves an account to its unit from its current parent. New accounts are under the root."""
    source, target = read_parent(caller, known)["parentId"], known["parentId"]
    if source != target:
        caller.aws("move_account", AccountId=known["id"], SourceParentId=source, DestinationParentId=target)


def leave(caller: Caller, known: Properties) -> None:
    """Removes the account from the organization, or closes it if the program requests that. The email address of a
    closed account can never be used again."""
    operation = "close_account" if known.get("closeOnDeletion") else "remove_account_from_organization"
    caller.aws(operation, AccountId=known["id"])
