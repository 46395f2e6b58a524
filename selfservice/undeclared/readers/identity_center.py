"""IAM Identity Center: permission sets, what was attached to them, and their assignments to accounts."""

from __future__ import annotations

from collections.abc import Iterator

from selfservice.undeclared.finding import Danger, Finding
from selfservice.undeclared.reading import Reading

PERMISSION_SET = "aws:ssoadmin/permissionSet:PermissionSet"
ASSIGNMENT = "aws:ssoadmin/accountAssignment:AccountAssignment"
MANAGED = "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment"
CUSTOMER_MANAGED = "aws:ssoadmin/customerManagedPolicyAttachment:CustomerManagedPolicyAttachment"
INLINE = "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy"


def read(reading: Reading) -> Iterator[Finding]:
    """Yields what the instances of the management account give to people and no stack declares."""
    for instance in reading.every("sso-admin", "list_instances", "Instances"):
        if instance.get("OwnerAccountId", reading.account.id) == reading.account.id:
            yield from _of_instance(reading, instance["InstanceArn"])


def _of_instance(reading: Reading, instance: str) -> Iterator[Finding]:
    client = reading.client("sso-admin")
    declared = reading.names("arn", PERMISSION_SET, everywhere=True)
    for arn in reading.every("sso-admin", "list_permission_sets", "PermissionSets", InstanceArn=instance):
        with reading.of(f"permission set {arn}"):
            described = client.describe_permission_set(InstanceArn=instance, PermissionSetArn=arn)["PermissionSet"]
            name = described["Name"]
            if arn not in declared:
                yield reading.found(
                    Danger.TAKE_OVER,
                    arn,
                    f"signing in to accounts with {_policies(reading, instance, arn)} (permission set {name})",
                    "Delete the permission set with its assignments.",
                    since=described.get("CreatedDate"),
                )
            else:
                yield from _attachments(reading, instance, arn, name)
            yield from _assignments(reading, instance, arn, name)


def _policies(reading: Reading, instance: str, arn: str) -> str:
    attached = sorted(_attached(reading, instance, arn))
    inline = _inline(reading, instance, arn)
    return ", ".join([*attached, *(["its inline policy"] if inline else [])]) or "no policy yet"


def _attached(reading: Reading, instance: str, arn: str) -> Iterator[str]:
    where = {"InstanceArn": instance, "PermissionSetArn": arn}
    operation = "list_managed_policies_in_permission_set"
    for policy in reading.every("sso-admin", operation, "AttachedManagedPolicies", **where):
        yield str(policy["Arn"])
    operation = "list_customer_managed_policy_references_in_permission_set"
    for reference in reading.every("sso-admin", operation, "CustomerManagedPolicyReferences", **where):
        yield f"{reference.get('Path', '/')}{reference['Name']}"


def _inline(reading: Reading, instance: str, arn: str) -> bool:
    where = {"InstanceArn": instance, "PermissionSetArn": arn}
    return bool(reading.client("sso-admin").get_inline_policy_for_permission_set(**where).get("InlinePolicy"))


def _attachments(reading: Reading, instance: str, arn: str, name: str) -> Iterator[Finding]:
    """Yields policies that were added to a declared set. A declared inline policy is compared by a refresh."""
    account = reading.account.id
    declared = {
        str(resource.properties["managedPolicyArn"])
        for resource in reading.declared.of(MANAGED, account=account)
        if resource.properties["permissionSetArn"] == arn
    }
    for attachment in reading.declared.of(CUSTOMER_MANAGED, account=account):
        if attachment.properties["permissionSetArn"] == arn:
            reference = attachment.properties["customerManagedPolicyReference"]
            declared.add(f"{reference.get('path') or '/'}{reference['name']}")
    added = sorted(set(_attached(reading, instance, arn)) - declared)
    if arn not in reading.names("permissionSetArn", INLINE, everywhere=True) and _inline(reading, instance, arn):
        added.append("an inline policy")
    if added:
        yield reading.found(
            Danger.TAKE_OVER,
            arn,
            f"acting with {', '.join(added)}, added to the permission set {name}",
            "Detach it from the permission set, and provision the set again.",
            principals=("everybody to whom the permission set is assigned",),
        )


def _assignments(reading: Reading, instance: str, arn: str, name: str) -> Iterator[Finding]:
    declared = {
        tuple(assignment.properties[key] for key in ("permissionSetArn", "targetId", "principalId"))
        for assignment in reading.declared.of(ASSIGNMENT)
    }
    where = {"InstanceArn": instance, "PermissionSetArn": arn}
    operation = "list_accounts_for_provisioned_permission_set"
    for account in reading.every("sso-admin", operation, "AccountIds", **where):
        listing = reading.every(
            "sso-admin", "list_account_assignments", "AccountAssignments", AccountId=account, **where
        )
        for principal in listing:
            if (arn, account, principal["PrincipalId"]) not in declared:
                who = f"{str(principal['PrincipalType']).lower()} {principal['PrincipalId']}"
                yield reading.found(
                    Danger.TAKE_OVER,
                    f"{arn.replace(':permissionSet/', ':account-assignment/')}/{account}/{principal['PrincipalId']}",
                    f"signing in to the account {account} with the permission set {name}",
                    "Delete the assignment (`aws sso-admin delete-account-assignment`).",
                    principals=(who,),
                )
