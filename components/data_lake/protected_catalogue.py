"""The Glue Data Catalog of the data lake account: encrypted, and closed to other organizations."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.arns import arn_of
from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement, policy_document
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs


@dataclass(frozen=True, kw_only=True, slots=True)
class ProtectedCatalogueArgs:
    """Arguments of :class:`ProtectedCatalogue`."""

    role_name: str
    """Name of the role with which Glue uses the key."""

    account_id: pulumi.Input[str]
    """Id of the account. Each account and region has one data catalog."""

    organization_id: pulumi.Input[str]
    """Id of the AWS Organization whose principals may access the data catalog (``o-…``)."""

    region: str
    """Region of the data catalog."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key that encrypts metadata and connection passwords."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""


class ProtectedCatalogue(pulumi.ComponentResource):
    """The Glue Data Catalog, encrypted with a customer managed key that readers in other accounts need not be allowed
    to use.

    Creates: the encryption settings; the role with which Glue decrypts for readers; the resource policy, which allows
    RAM to share what Lake Formation grants and denies access to other organizations.

    Outputs: ``account_id``.

    Cost: requests to the KMS key.

    Example::

        ProtectedCatalogue("catalogue", ProtectedCatalogueArgs(
            role_name="data-lake-catalogue", account_id="111111111111", organization_id="o-acme", region="eu-west-1",
            key_arn=key.arn, boundary_arn=boundary.arn,
        ))
    """

    account_id: pulumi.Output[str]
    """Id of the data catalog, which is the account's; known once it is encrypted and its policy in effect."""

    def __init__(self, name: str, args: ProtectedCatalogueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:data_lake:ProtectedCatalogue", name, None, opts)
        self._name, self._args = name, args
        encrypted = self._encrypt(self._role())
        closed = self._close()
        self.account_id = pulumi.Output.all(args.account_id, encrypted.id, closed.id).apply(lambda known: str(known[0]))
        self.register_outputs({"account_id": self.account_id})

    def _role(self) -> BoundedRole:
        use = Statement(
            sid="UseTheKeyOfTheCatalogue",
            actions=["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
            resources=[self._args.key_arn],
        )
        args = BoundedRoleArgs(
            role_name=self._args.role_name,
            description="Glue encrypts the catalogue, and decrypts it for whoever may read it",
            trust=service_trust("glue", account_id=self._args.account_id),
            permissions=[use],
            boundary_arn=self._args.boundary_arn,
        )
        return BoundedRole(f"{self._name}-role", args, pulumi.ResourceOptions(parent=self))

    def _encrypt(self, role: BoundedRole) -> aws.glue.DataCatalogEncryptionSettings:
        """Encrypts with a role for Glue. Without the role, all readers in other accounts would need access to the key
        (AWS Glue Developer Guide, "Encrypting your Data Catalog")."""
        settings = aws.glue.DataCatalogEncryptionSettingsDataCatalogEncryptionSettingsArgs(
            encryption_at_rest=aws.glue.DataCatalogEncryptionSettingsDataCatalogEncryptionSettingsEncryptionAtRestArgs(
                catalog_encryption_mode="SSE-KMS-WITH-SERVICE-ROLE",
                catalog_encryption_service_role=role.arn,
                sse_aws_kms_key_id=self._args.key_arn,
            ),
            connection_password_encryption=aws.glue.DataCatalogEncryptionSettingsDataCatalogEncryptionSettingsConnectionPasswordEncryptionArgs(
                return_connection_password_encrypted=True, aws_kms_key_id=self._args.key_arn
            ),
        )
        return aws.glue.DataCatalogEncryptionSettings(
            f"{self._name}-encryption",
            data_catalog_encryption_settings=settings,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _close(self) -> aws.glue.ResourcePolicy:
        everything = [
            arn_of("glue", self._args.region, self._args.account_id, kind)
            for kind in ("catalog", "database/*", "table/*/*")
        ]
        return aws.glue.ResourcePolicy(
            f"{self._name}-policy",
            enable_hybrid="TRUE",
            policy=policy_document(
                Statement(
                    # Lake Formation grants to other accounts are RAM shares, and RAM calls Glue as a service.
                    sid="RamSharesWhatLakeFormationGrants",
                    principals={"Service": ["ram.amazonaws.com"]},
                    actions=["glue:ShareResource"],
                    resources=everything,
                    conditions={"StringEquals": {"aws:SourceAccount": self._args.account_id}},
                ),
                Statement(
                    sid="RefuseOtherOrganizations",
                    effect="Deny",
                    principals="*",
                    actions=["glue:*"],
                    resources=everything,
                    conditions={
                        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": self._args.organization_id},
                        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
                    },
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
