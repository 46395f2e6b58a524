"""IAM Identity Center.

The refusal of a second permission set with a name is quoted in
github.com/hashicorp/terraform-provider-aws/issues/38544. CreateAccountAssignment declares ResourceNotFoundException ("a
requested resource is not found"); AWS documents no words of it (read 2026-11-26).
"""

from __future__ import annotations

from collections.abc import Iterator

from moto.ssoadmin.models import ssoadmin_backends

from plinth_sandbox.emulator.preconditions.references import kinds
from plinth_sandbox.emulator.preconditions.references.reference import (
    MISSING,
    Kind,
    Question,
    Reference,
    References,
    Refusal,
)
from plinth_sandbox.emulator.services.identity_center.patches.organization_instance import has_principal, instance_of

_TAKEN = "taken"


def _new_name(question: Question) -> Iterator[str]:
    yield str(question.call.parameters["Name"])


def _name(name: str, question: Question) -> str:
    """Looks up the name of a new permission set, which no other set of the instance may have."""
    call = question.call
    known = ssoadmin_backends[call.account][call.region].permission_sets
    return (
        _TAKEN
        if (name, call.parameters["InstanceArn"])
        in {(permission_set.name, permission_set.instance_arn) for permission_set in known}
        else ""
    )


def _permission_set(arn: str, question: Question) -> str:
    known = ssoadmin_backends[question.call.account][question.call.region].permission_sets
    return "" if arn in {permission_set.permission_set_arn for permission_set in known} else MISSING


def _principal(identifier: str, question: Question) -> str:
    """Looks up a user or group in the directory of the instance."""
    call = question.call
    found = has_principal(instance_of(call), call.region, call.parameters["PrincipalType"], identifier)
    return "" if found else MISSING


def _found(where: str, kind: Kind, what: str) -> Reference:
    return Reference(where, kind, Refusal("ResourceNotFoundException", f"{what} not found: {{name}}"))


REFERENCES: References = {
    ("sso-admin", "CreateAccountAssignment"): (
        _found("TargetId", kinds.account, "Account"),
        _found("PermissionSetArn", _permission_set, "PermissionSet"),
        _found("PrincipalId", _principal, "Principal"),
    ),
    ("sso-admin", "CreatePermissionSet"): (
        Reference(_new_name, _name, Refusal("ConflictException", "PermissionSet with name {name} already exists.")),
    ),
}
