"""Guardrails on identities: roles keep their permissions boundaries, and no long-lived credentials exist."""

from __future__ import annotations

from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import ROLE_PATH
from components.organization.guardrails.denial import deny
from components.organization.guardrails.exceptions import DEPLOYMENT_ROLE, NOT_BY_EXCEPTION

IAM_CHANGES = (
    "iam:Attach*", "iam:Create*", "iam:Delete*", "iam:Detach*", "iam:Put*", "iam:SetDefaultPolicyVersion", "iam:Tag*",
    "iam:Untag*", "iam:Update*",
)  # fmt: skip
CHANGES_WITH_BOUNDARY_KEY = (
    "iam:AttachRolePolicy", "iam:AttachUserPolicy", "iam:CreateRole", "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy", "iam:PutUserPermissionsBoundary", "iam:PutUserPolicy", "iam:UpdateAssumeRolePolicy",
)  # fmt: skip
"""Role changes that support the condition key ``iam:PermissionsBoundary`` (Service Authorization Reference)."""

LONG_LIVED_CREDENTIALS = (
    "iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:CreateServiceSpecificCredential", "iam:CreateUser",
    "iam:ResetServiceSpecificCredential", "iam:UpdateLoginProfile", "iam:UploadSSHPublicKey",
    "iam:UploadSigningCertificate",
)  # fmt: skip
IDENTITY_PROVIDERS = (
    "iam:AddClientIDToOpenIDConnectProvider", "iam:CreateOpenIDConnectProvider", "iam:CreateSAMLProvider",
    "iam:DeleteOpenIDConnectProvider", "iam:DeleteSAMLProvider", "iam:UpdateOpenIDConnectProviderThumbprint",
    "iam:UpdateSAMLProvider", "rolesanywhere:Create*", "rolesanywhere:Enable*", "rolesanywhere:Update*",
)  # fmt: skip


def require_boundaries() -> list[Statement]:
    """Builds SCP-05: protects the foundation's roles and its deployment role, and denies roles without a boundary."""
    own = [f"arn:aws:iam::*:{kind}{ROLE_PATH}*" for kind in ("role", "policy", "instance-profile")]
    return [
        deny("SCP05KeepRolesOfTheFoundation", IAM_CHANGES, NOT_BY_EXCEPTION, resources=[*own, DEPLOYMENT_ROLE]),
        deny(
            "SCP05OnlyBoundedRoles",
            CHANGES_WITH_BOUNDARY_KEY,
            NOT_BY_EXCEPTION,
            {"StringNotLike": {"iam:PermissionsBoundary": f"arn:aws:iam::*:policy{ROLE_PATH}*"}},
        ),
        deny(
            "SCP05KeepBoundaries",
            ["iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary"],
            NOT_BY_EXCEPTION,
        ),
    ]


def no_long_lived_credentials() -> list[Statement]:
    """Builds SCP-06: denies passwords and long-lived keys, and reserves identity providers for the foundation."""
    return [
        deny("SCP06NoLastingCredentials", LONG_LIVED_CREDENTIALS),
        deny("SCP06KeepProvidersOfIdentities", IDENTITY_PROVIDERS, NOT_BY_EXCEPTION),
    ]
