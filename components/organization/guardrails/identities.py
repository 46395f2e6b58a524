"""Roles stay bounded, and nobody gets a way in that outlives a session."""

from __future__ import annotations

from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import ROLE_PATH
from components.organization.guardrails.denial import deny
from components.organization.guardrails.exceptions import DEPLOYMENT_ROLE, NOT_BY_EXCEPTION

MAKING_AND_EDITING = (
    "iam:Attach*", "iam:Create*", "iam:Delete*", "iam:Detach*", "iam:Put*", "iam:SetDefaultPolicyVersion", "iam:Tag*",
    "iam:Untag*", "iam:Update*",
)  # fmt: skip
MAKING_AND_WIDENING_ROLES = (
    "iam:AttachRolePolicy", "iam:AttachUserPolicy", "iam:CreateRole", "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy", "iam:PutUserPermissionsBoundary", "iam:PutUserPolicy", "iam:UpdateAssumeRolePolicy",
)  # fmt: skip
"""Each knows the key ``iam:PermissionsBoundary`` (Service Authorization Reference)."""

LASTING_CREDENTIALS = (
    "iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:CreateServiceSpecificCredential", "iam:CreateUser",
    "iam:ResetServiceSpecificCredential", "iam:UpdateLoginProfile", "iam:UploadSSHPublicKey",
    "iam:UploadSigningCertificate",
)  # fmt: skip
PROVIDERS_OF_IDENTITIES = (
    "iam:AddClientIDToOpenIDConnectProvider", "iam:CreateOpenIDConnectProvider", "iam:CreateSAMLProvider",
    "iam:DeleteOpenIDConnectProvider", "iam:DeleteSAMLProvider", "iam:UpdateOpenIDConnectProviderThumbprint",
    "iam:UpdateSAMLProvider", "rolesanywhere:Create*", "rolesanywhere:Enable*", "rolesanywhere:Update*",
)  # fmt: skip


def keep_identities_bounded() -> list[Statement]:
    """SCP-05: nobody edits the foundation's roles or its own way in, and no role is made or widened unbounded."""
    own = [f"arn:aws:iam::*:{kind}{ROLE_PATH}*" for kind in ("role", "policy", "instance-profile")]
    return [
        deny("SCP05KeepRolesOfTheFoundation", MAKING_AND_EDITING, NOT_BY_EXCEPTION, resources=[*own, DEPLOYMENT_ROLE]),
        deny(
            "SCP05OnlyBoundedRoles",
            MAKING_AND_WIDENING_ROLES,
            NOT_BY_EXCEPTION,
            {"StringNotLike": {"iam:PermissionsBoundary": f"arn:aws:iam::*:policy{ROLE_PATH}*"}},
        ),
        deny(
            "SCP05KeepBoundaries",
            ["iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary"],
            NOT_BY_EXCEPTION,
        ),
    ]


def only_sessions() -> list[Statement]:
    """SCP-06: nobody has a password or a key that lasts, and only the foundation says whose identities are believed."""
    return [
        deny("SCP06NoLastingCredentials", LASTING_CREDENTIALS),
        deny("SCP06KeepProvidersOfIdentities", PROVIDERS_OF_IDENTITIES, NOT_BY_EXCEPTION),
    ]
