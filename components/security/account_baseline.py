"""What every account gets before anything runs in it."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountBaselineArgs:
    """Arguments of :class:`AccountBaseline`."""

    account_id: pulumi.Input[str]
    """The account that is closed, so that a wrong provider cannot close another."""

    internet_egress: bool = False
    """Whether a network of the account may reach the internet, as experimentation may where its switch is on. Nothing
    is reached from there in either case."""

    minimum_password_length: int = 16
    """Characters; the CIS benchmark asks for 14 or more. The foundation makes no IAM users: this holds for strays."""


class AccountBaseline(pulumi.ComponentResource):
    """Account-wide switches that no workload can forget: nothing public, everything encrypted.

    Creates: the account's S3 public access block; EBS encryption by default; the refusal of public snapshots, images
    and documents; networks shut to the internet, the default one too; instance metadata defaults (version 2, one hop);
    the password policy; the analyzer of what others than the account can reach.

    Args: see :class:`AccountBaselineArgs`.

    Outputs: ``public_access_block_id``.

    Raises: nothing of its own.

    Cost: none.

    Example::

        AccountBaseline(
            "baseline", AccountBaselineArgs(account_id="111111111111"), pulumi.ResourceOptions(provider=account)
        )
    """

    public_access_block_id: pulumi.Output[str]
    """Known once the account refuses public buckets; buckets may wait for it."""

    def __init__(self, name: str, args: AccountBaselineArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:security:AccountBaseline", name, None, opts)
        self._name, self._args = name, args

        block = self._refuse_public_buckets()
        self._encrypt_volumes()
        self._refuse_public_snapshots_and_images()
        self._refuse_public_documents()
        self._shut_networks()
        self._analyze_access()
        self._ask_for_metadata_tokens()
        self._ask_for_long_passwords()

        self.public_access_block_id = block.id
        self.register_outputs({"public_access_block_id": self.public_access_block_id})

    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)

    def _refuse_public_buckets(self) -> aws.s3.AccountPublicAccessBlock:
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

    def _refuse_public_snapshots_and_images(self) -> None:
        aws.ebs.SnapshotBlockPublicAccess(
            f"{self._name}-public-snapshots", state="block-all-sharing", opts=self._child()
        )
        aws.ec2.ImageBlockPublicAccess(f"{self._name}-public-images", state="block-new-sharing", opts=self._child())

    def _refuse_public_documents(self) -> None:
        """A document runs commands on machines; a shared one may name secrets (FSBP SSM.7)."""
        aws.ssm.ServiceSetting(
            f"{self._name}-public-documents",
            setting_id="/ssm/documents/console/public-sharing-permission",
            setting_value="Disable",
            opts=self._child(),
        )

    def _shut_networks(self) -> None:
        """Internet gateways carry nothing, whoever makes one in whichever network (decision 12)."""
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

    def _ask_for_metadata_tokens(self) -> None:
        aws.ec2.InstanceMetadataDefaults(
            f"{self._name}-instance-metadata",
            http_tokens="required",
            # One hop keeps the credentials of an instance from its containers.
            http_put_response_hop_limit=1,
            opts=self._child(),
        )

    def _ask_for_long_passwords(self) -> None:
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
