"""Who else uses the key of the lake: whoever reads or fills an online store from another account."""

from __future__ import annotations

import pulumi

from components.identity.iam.statements import Statement
from components.security.encryption_key import THIS_KEY


def organization_uses_through_feature_store(organization_id: pulumi.Input[str], region: str) -> Statement:
    """Feature Store uses the key in the caller's name. Which group a caller is let to, its share says; the key names no
    account, so that a team or a group more changes nothing here.
    """
    return Statement(
        sid="OrganizationUsesThroughFeatureStore",
        principals={"AWS": ["*"]},
        actions=["kms:Decrypt", "kms:GenerateDataKey"],
        resources=THIS_KEY,
        conditions={
            "StringEquals": {
                "aws:PrincipalOrgID": organization_id,
                "kms:ViaService": f"sagemaker.{region}.amazonaws.com",
            }
        },
    )
