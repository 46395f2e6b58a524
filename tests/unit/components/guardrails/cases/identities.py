"""Test cases of guardrails on identities."""

from __future__ import annotations

from tests.unit.components.guardrails.cases.requests import (
    ANYBODY,
    BOUNDARY,
    EXCEPTIONS,
    IMPOSTOR,
    PLINTH_ROLE,
    case,
    keys,
)

CASES = [
    case(
        "SCP05KeepRolesOfTheFoundation",
        "iam:CreateRole",
        on="arn:aws:iam::111111111111:role/plinth/platform-deployer",
        also=[
            {"who": IMPOSTOR},
            {"on": "arn:aws:iam::111111111111:role/OrganizationAccountAccessRole"},
            {"on": BOUNDARY},
            {"on": "arn:aws:iam::111111111111:instance-profile/plinth/nodes"},
        ],
        passes=[*EXCEPTIONS, {"on": "arn:aws:iam::111111111111:role/other"}],
    ),
    case(
        "SCP05OnlyBoundedRoles",
        "iam:CreateRole",
        on="arn:aws:iam::111111111111:role/other",
        also=[keys(iam__PermissionsBoundary="arn:aws:iam::aws:policy/AdministratorAccess")],
        passes=[*EXCEPTIONS, keys(iam__PermissionsBoundary=BOUNDARY)],
    ),
    case("SCP05KeepBoundaries", "iam:DeleteRolePermissionsBoundary", on=PLINTH_ROLE, passes=EXCEPTIONS),
    case("SCP06NoLastingCredentials", "iam:CreateAccessKey", also=ANYBODY, passes=[{"action": "iam:DeleteAccessKey"}]),
    case(
        "SCP06KeepProvidersOfIdentities",
        "iam:CreateOpenIDConnectProvider",
        passes=[*EXCEPTIONS, {"action": "iam:GetSAMLProvider"}],
    ),
]
