"""Settings of the organization, from ``plinth:organization`` in Pulumi.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from settings.data.lake import LakeSettings
from settings.organization.accepted_finding import AcceptedFinding
from settings.organization.account import AccountSettings
from settings.organization.address_plan import AddressPlan
from settings.organization.audit import AuditSettings
from settings.organization.cluster.tooling_cluster import ClusterSettings
from settings.organization.cluster.tracking_server import TrackingServerSettings
from settings.organization.contacts import Contact, ContactKind
from settings.organization.images.image_settings import ImageSettings
from settings.organization.images.platform_image import PlatformImageSettings
from settings.organization.minimum_gate import MinimumGates
from settings.organization.operations.request_runner import RequestRunnerSettings
from settings.organization.packages import PackageSettings
from settings.organization.placement import Placement
from settings.organization.region_exception import RegionException
from settings.organization.reviews import ReviewSettings
from settings.organization.source import SourceSettings
from settings.organization.template import TemplateSettings
from settings.organization.waiver import Waiver
from settings.types.aws.log_retention import AUDITED_DAYS, LogRetentionDays
from settings.types.kinds import DurableKind, Phase
from settings.types.model import IMMUTABLE, Settings
from settings.types.values import (
    AccountId,
    CostCentre,
    EmailAddress,
    EmailPattern,
    ImageTag,
    List,
    NotebookPlatform,
    OrganizationId,
    OrganizationName,
    PublicCidr,
    Reason,
    Region,
    ResourceType,
    TagKey,
    TagValue,
    TemplateName,
    within,
)

SignIn = Literal["identity-center", "iam"]
Endpoints = Literal["dedicated", "shared"]

NOTEBOOK_PLATFORMS = ("notebook-al2023-v1",)
"""Notebook instance platforms that AWS supports since the end of AL2 in June 2026 (SageMaker Developer Guide, "Amazon
Linux 2 notebook instances"; Security Hub, SageMaker.8).
"""


class Organization(Settings):
    """Settings that apply to all accounts and teams."""

    name: OrganizationName = Field(
        description="Short name, used as the prefix of account and bucket names. A home region with a long name allows "
        "[fewer characters](../guides/own-organization.md).",
        examples=["acme"],
        json_schema_extra=IMMUTABLE,
    )
    id: OrganizationId | None = Field(
        default=None,
        description="Id of an existing AWS Organization, which is adopted.",
        json_schema_extra=IMMUTABLE,
    )
    email: EmailPattern = Field(
        description="Pattern of the root user addresses. {account} becomes, for example, fraud-development. AWS "
        "never accepts an address for a second account, closed accounts included.",
        examples=["aws+{account}@acme.example"],
        json_schema_extra=IMMUTABLE,
    )
    owner: EmailAddress = Field(
        description="Address of the person responsible for the foundation and its shared accounts.",
        examples=["platform@acme.example"],
    )
    cost_centre: CostCentre = Field(
        description="Cost centre that pays for the shared accounts. Quote it to keep leading zeros.", examples=["1000"]
    )
    home_region: Region = Field(
        description="The region of all regional resources.",
        examples=["eu-west-1"],
        json_schema_extra=IMMUTABLE,
    )
    allowed_regions: List[Region] = Field(
        default=(),
        description="Regions that accounts may use, at most 8. All others are denied. Default: only the home region.",
    )
    region_exceptions: List[RegionException] = Field(
        default=(),
        description="Actions that accounts may use in further regions, such as inference of Bedrock across regions. "
        "Default: none. Global services need no exception.",
        examples=[
            [
                {
                    "actions": ["bedrock:InvokeModel*"],
                    "regions": ["eu-central-1", "eu-west-3"],
                    "reason": "Inference profiles of Bedrock",
                }
            ]
        ],
    )
    enabled_regions: List[Region] = Field(
        default=(),
        description="Opt-in regions that are enabled for the organization in its account settings at AWS.",
    )
    phase: Phase = Field(
        default="initial", description="How far the foundation is built. Each phase only adds account kinds."
    )
    placement: Placement = Field(
        default_factory=Placement,
        description="Accounts of the kinds. small: one account. medium: shared accounts are merged. large: one account "
        "for each kind. Or a mapping by kind, optionally based on a `preset`.",
    )
    address_plan: AddressPlan = Field(default_factory=AddressPlan, description="Address ranges of all networks.")
    endpoints: Endpoints = Field(
        default="dedicated",
        description="dedicated: interface endpoints in every network. shared: one set in the network account, which "
        "all networks reach through a transit gateway. `plinth cost` compares both.",
    )
    corporate_networks: List[PublicCidr] = Field(
        default=(),
        description="Public ranges of the company's networks, each of /16 or smaller, together at most 262,144 "
        "addresses. Sessions of people work only from these ranges.",
    )
    public_ingress_prefix: Annotated[int, within(16, 32, "bits")] = Field(
        default=24,
        description="Prefix length of the widest public range that a security group may admit. All its public ranges "
        "together have at most as many addresses, and are within `corporate_networks`.",
    )
    partner_accounts: List[AccountId] = Field(
        default=(),
        description="Accounts of other organizations to whose principals resource policies may grant access.",
    )
    contacts: Mapping[ContactKind, Contact] = Field(
        description="Alternate contacts of all accounts, by type. `security` is required: AWS reports abuse and "
        "vulnerabilities to it.",
    )
    monthly_budget_usd: Annotated[int, within(1, 10_000_000, "US dollars a month")] = Field(
        description="Monthly budget of all shared accounts in US dollars. The owner is warned before it is reached.",
        examples=[8000],
    )
    bill_by_tags: bool = Field(
        default=False,
        description="Activate cost allocation tags. AWS refuses a tag until about a day after its first use, so set "
        "this a day after the first deployment.",
    )
    audit: AuditSettings = Field(
        default_factory=AuditSettings, description="The log archive, the organization trail and the detectors."
    )
    log_retention_days: LogRetentionDays = Field(
        default=AUDITED_DAYS,
        description="Days to keep the logs of builds, mirrors of repositories and the runner of requests. 365 covers a "
        "yearly audit. Logs of promotions are kept for ten years, and those of environments as their settings say.",
    )
    minimum_gates: MinimumGates = Field(
        default_factory=dict,
        description="Limits of metrics that the gates of use cases may not undercut, by metric: `f1: {at_least: 0.8}`. "
        "A use case may only be stricter. Limits of metrics that a problem does not have do not apply to it.",
    )
    decommission_delay_hours: Annotated[int, within(0, 168, "hours")] = Field(
        default=24,
        description="Hours between the preview of a decommission and its start, in which people can reject it.",
    )
    branch_manifest_days: Annotated[int, within(30, 3650, "days")] | None = Field(
        default=None,
        description="Days to keep the manifests of removed feature branches: builds with their commits, digests and "
        "metrics. Default: no limit.",
    )
    promotion_image: ImageTag | None = Field(
        default=None,
        description="Tag of the image of promotions, in the ECR repository `plinth` of the tooling account. "
        "It contains Plinth, the Pulumi engine and the AWS provider plugin. Required if a use case has `approvers`.",
        examples=["1.0.0"],
    )
    lake: LakeSettings = Field(default_factory=LakeSettings, description="The zones of the data lake.")
    source: SourceSettings = Field(
        default_factory=SourceSettings,
        description="Where the git repositories of use cases are. A use case can name another source.",
    )
    packages: PackageSettings | None = Field(
        default=None,
        description="A repository of Python packages in the tooling account, from phase `repeatable` on, from which "
        "builds install without internet access. `{}` creates it with the defaults. Default: none.",
    )
    images: ImageSettings = Field(
        default_factory=ImageSettings,
        description="What images start from, in what builds run, and which scan findings a promotion refuses.",
    )
    platform_image: PlatformImageSettings | None = Field(
        default=None,
        description="Builds the image of promotions and of the runner of requests in the tooling account, from phase "
        "`repeatable` on, from the program that you push to it. It needs `packages`. Default: you push the image.",
    )
    tooling_cluster: ClusterSettings | None = Field(
        default=None,
        description="A private Kubernetes cluster in the tooling account, from phase `scalable` on. `{}` creates it "
        "with the defaults. Default: no cluster.",
    )
    request_runner: RequestRunnerSettings | None = Field(
        default=None,
        description="Carries out requests in the governance account, from phase `scalable` on, without a machine of "
        "yours. Default: people run `plinth requests run`.",
    )
    reviews: ReviewSettings = Field(
        default_factory=ReviewSettings, description="What reviews of pull requests may read."
    )
    templates: Mapping[TemplateName, TemplateSettings] = Field(
        default_factory=dict,
        description="Templates that requests for use cases may name. Default: the templates of the program.",
    )
    accounts: Mapping[DurableKind, AccountSettings] = Field(
        default_factory=dict,
        description="Durable accounts that are adopted or have another name or address than the default.",
    )
    sign_in: SignIn = Field(
        default="identity-center",
        description="How people sign in: IAM Identity Center, or IAM roles for an identity provider.",
    )
    sign_in_account: AccountId | None = Field(
        default=None,
        description="With `sign_in: iam`, the account whose federated roles may assume the persona roles in other "
        "accounts. Default: the management account.",
    )
    directory_groups: Literal["created", "synchronised"] = Field(
        default="created",
        description="Groups of IAM Identity Center. created: Plinth creates them. synchronised: a directory "
        "provides them, and Plinth looks them up by name.",
    )
    notebook_platforms: List[NotebookPlatform] = Field(
        default=NOTEBOOK_PLATFORMS,
        description="Platforms that notebook instances may use. Default: the platforms that AWS supports.",
    )
    admitted_types: Mapping[ResourceType, Reason] = Field(
        default_factory=dict,
        description="Resource types that stacks may use although no policy rule knows them, each with the reason.",
    )
    waivers: List[Waiver] = Field(
        default=(),
        description="Resources with data that a deployment may delete or replace, each for at most 30 days. Without a "
        "waiver, Plinth refuses the deployment.",
    )
    accepted_findings: List[AcceptedFinding] = Field(
        default=(),
        description="What `plinth drift` finds in AWS although no stack declares it, and somebody answers for. Each "
        "entry is valid for at most 366 days.",
    )
    tags: Mapping[TagKey, TagValue] = Field(
        default_factory=dict, description="Tags on every resource of every account."
    )

    @property
    def tracking_server(self) -> TrackingServerSettings | None:
        """The tracking server in the cluster, if there is one."""
        return None if self.tooling_cluster is None else self.tooling_cluster.mlflow

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions that may be used, starting with the home region."""
        return tuple(dict.fromkeys([self.home_region, *self.allowed_regions]))
