"""Access to the data lake's KMS key from other accounts, through Feature Store."""

from __future__ import annotations

import pulumi

from components.identity.iam.statements import Statement
from components.security.encryption_key import THIS_KEY


def feature_store_uses_the_key(organization_id: pulumi.Input[str], region: str) -> Statement:
    """Builds the key policy statement that lets accounts of the organization use the key through Feature Store.

    Feature Store calls KMS with the caller's credentials. Shares decide which groups a caller can access. The statement
    names no account, so it does not change with teams or groups.
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
