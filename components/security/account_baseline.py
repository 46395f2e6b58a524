"""Security settings that every account gets before workloads run in it."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountBaselineArgs:
    """Arguments of :class:`AccountBaseline`."""

    account_id: pulumi.Input[str]
    """Id of the account, so that a wrong provider cannot change a different one."""

    internet_egress: bool = False
    """Whether networks of the account may reach the internet, which experimentation can enable. Inbound traffic is
    blocked in either case."""

    minimum_password_length: int = 16
    """Minimum password length in characters; the CIS benchmark requires at least 14. The foundation creates no IAM
    users, so this applies only to users created by others."""


class AccountBaseline(pulumi.ComponentResource):
    """Account-wide settings that workloads cannot omit: nothing public, everything encrypted.

    Creates: the account's S3 public access block; EBS encryption by default; blocks on public snapshots, images and SSM
    documents; a VPC block on internet gateways, which includes the default VPC; instance metadata defaults (version 2,
    one hop); the password policy; the analyzer for external access to the account.

    Outputs: ``public_access_block_id``.

    Cost: none.

    Example::

        AccountBaseline(
            "baseline", AccountBaselineArgs(account_id="111111111111"), pulumi.ResourceOptions(provider=account)
        )
    """

    public_access_block_id: pulumi.Output[str]
    """Id of the public access block, known once the account blocks public buckets. Buckets can depend on it."""

    def __init__(self, name: str, args: AccountBaselineArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:security:AccountBaseline", name, None, opts)
        self._name, self._args = name, args

        block = self._block_public_buckets()
        self._encrypt_volumes()
        self._block_public_snapshots_and_images()
        self._block_public_documents()
        self._block_internet_gateways()
        self._analyze_access()
        self._require_metadata_tokens()
        self._require_long_passwords()

        self.public_access_block_id = block.id
        self.register_outputs({"public_access_block_id": self.public_access_block_id})

    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)

    def _block_public_buckets(self) -> aws.s3.AccountPublicAccessBlock:
        return aws.s3.AccountPublicAccessBlock(
            f"{self._name}-public-buckets",
            account_id=self._args.account_id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self._child(),
        )

    def _encrypt_volumes(self) -> None:
        aws.ebs.EncryptionByDefault(f"{self._name}-volume-encryption", enabled=True, opts=self._child())

    def _block_public_snapshots_and_images(self) -> None:
        aws.ebs.SnapshotBlockPublicAccess(
            f"{self._name}-public-snapshots", state="block-all-sharing", opts=self._child()
        )
        aws.ec2.ImageBlockPublicAccess(f"{self._name}-public-images", state="block-new-sharing", opts=self._child())

    def _block_public_documents(self) -> None:
        """Blocks public sharing of SSM documents, which run commands on instances and may contain secrets (FSBP
        SSM.7)."""
        aws.ssm.ServiceSetting(
            f"{self._name}-public-documents",
            setting_id="/ssm/documents/console/public-sharing-permission",
            setting_value="Disable",
            opts=self._child(),
        )

    def _block_internet_gateways(self) -> None:
        """Blocks traffic through internet gateways in all VPCs of the account (decision 12)."""
        aws.ec2.VpcBlockPublicAccessOptions(
            f"{self._name}-internet-gateways",
            internet_gateway_block_mode="block-ingress" if self._args.internet_egress else "block-bidirectional",
            opts=self._child(),
        )

    def _analyze_access(self) -> None:
        aws.accessanalyzer.Analyzer(
            f"{self._name}-access",
            analyzer_name="plinth-account",
            type="ACCOUNT",
            opts=self._child(),
        )

    def _require_metadata_tokens(self) -> None:
        aws.ec2.InstanceMetadataDefaults(
            f"{self._name}-instance-metadata",
            http_tokens="required",
            # With one hop, containers cannot obtain the credentials of their instance.
            http_put_response_hop_limit=1,
            opts=self._child(),
        )

    def _require_long_passwords(self) -> None:
        aws.iam.AccountPasswordPolicy(
            f"{self._name}-passwords",
            minimum_password_length=self._args.minimum_password_length,
            require_lowercase_characters=True,
            require_uppercase_characters=True,
            require_numbers=True,
            require_symbols=True,
            max_password_age=90,
            password_reuse_prevention=24,
            allow_users_to_change_password=True,
            opts=self._child(),
        )
