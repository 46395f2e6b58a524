"""The organization: what is decided once for everybody. Written in Pulumi.yaml under ``plinth:organization``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from settings.data.lake import LakeSettings
from settings.organization.account import AccountSettings
from settings.organization.address_plan import AddressPlan
from settings.organization.audit import AuditSettings
from settings.organization.contacts import Contact, ContactKind
from settings.organization.placement import Placement
from settings.types.kinds import DurableKind, Phase
from settings.types.model import IMMUTABLE, Settings
from settings.types.values import (
    AccountId,
    CostCentre,
    EmailAddress,
    EmailPattern,
    List,
    NotebookPlatform,
    OrganizationId,
    OrganizationName,
    PublicCidr,
    Region,
    TagKey,
    TagValue,
    within,
)

SignIn = Literal["identity-center", "iam"]
Endpoints = Literal["dedicated", "shared"]

NOTEBOOK_PLATFORMS = ("notebook-al2023-v1",)
"""Platforms of notebook instances that AWS supports since AL2 ended in June 2026 (SageMaker Developer Guide, "Amazon
Linux 2 notebook instances"; Security Hub, SageMaker.8)."""


class Organization(Settings):
    """The whole enterprise, as far as the foundation is concerned."""

    name: OrganizationName = Field(
        description="Short name; the start of account names and of roles.",
        examples=["acme"],
        json_schema_extra=IMMUTABLE,
    )
    id: OrganizationId | None = Field(
        default=None,
        description="An AWS Organization that exists: it is adopted, not created.",
        json_schema_extra=IMMUTABLE,
    )
    email: EmailPattern = Field(
        description="Address of every account's root user; {account} becomes, for example, fraud-development. "
        "AWS never lets an address serve a second account, closed ones included.",
        examples=["aws+{account}@acme.example"],
        json_schema_extra=IMMUTABLE,
    )
    owner: EmailAddress = Field(
        description="Who answers for the foundation and its shared accounts.", examples=["platform@acme.example"]
    )
    cost_centre: CostCentre = Field(
        description="Where the bill of the shared accounts goes. Quoted, so that leading zeros stay.", examples=["1000"]
    )
    home_region: Region = Field(
        description="The region that everything regional is built in.",
        examples=["eu-west-1"],
        json_schema_extra=IMMUTABLE,
    )
    allowed_regions: List[Region] = Field(
        default=(), description="All regions that accounts may use; the rest is denied. Default: the home region alone."
    )
    enabled_regions: List[Region] = Field(
        default=(),
        description="Regions off by default at AWS that were enabled for the organization (Account settings).",
    )
    phase: Phase = Field(default="initial", description="How far the foundation is built. Phases only add.")
    placement: Placement = Field(
        default_factory=Placement,
        description="small: one account. medium: shared accounts merged. large: one for each kind. Or kind by kind, "
        "on top of a `preset` where one is named.",
    )
    address_plan: AddressPlan = Field(default_factory=AddressPlan, description="Where networks have their addresses.")
    endpoints: Endpoints = Field(
        default="dedicated",
        description="Interface endpoints in every network, or one set in the network account that all reach through a "
        "transit gateway. `plinth cost` shows the bill of both.",
    )
    corporate_networks: List[PublicCidr] = Field(
        default=(), description="Public ranges that people of the company come from; their sessions work nowhere else."
    )
    partner_accounts: List[AccountId] = Field(
        default=(), description="Accounts of other organizations whose principals may reach resources here by policy."
    )
    contacts: Mapping[ContactKind, Contact] = Field(
        default_factory=dict, description="Whom AWS calls about an account, beside its owner's mailbox."
    )
    monthly_budget_usd: Annotated[int, within(1, 10_000_000, "US dollars a month")] | None = Field(
        default=None,
        description="Whole US dollars a month for all shared accounts; the owner is warned before it is reached.",
        examples=[8000],
    )
    bill_by_tags: bool = Field(
        default=False,
        description="Show costs by tag in the bills. AWS knows a tag about a day after its first use and refuses it "
        "before, so switch it on when the first deployment is a day old.",
    )
    audit: AuditSettings = Field(default_factory=AuditSettings, description="The log archive and the detectors.")
    lake: LakeSettings = Field(default_factory=LakeSettings, description="The zones of the data lake.")
    accounts: Mapping[DurableKind, AccountSettings] = Field(
        default_factory=dict, description="Durable accounts to adopt or to name otherwise."
    )
    sign_in: SignIn = Field(
        default="identity-center",
        description="How people sign in: IAM Identity Center, or roles for a provider of their own.",
    )
    sign_in_account: AccountId | None = Field(
        default=None,
        description="With sign_in: iam, the account whose federated roles become the personas' roles elsewhere. "
        "Default: the management account.",
    )
    directory_groups: Literal["created", "synchronised"] = Field(
        default="created",
        description="Groups of IAM Identity Center: made here, or found by name because a directory brings them.",
    )
    notebook_platforms: List[NotebookPlatform] = Field(
        default=NOTEBOOK_PLATFORMS,
        description="Platforms that notebook instances may run on: those that AWS still supports.",
    )
    tags: Mapping[TagKey, TagValue] = Field(
        default_factory=dict, description="Tags on every resource of every account."
    )

    @property
    def regions(self) -> tuple[str, ...]:
        """Every region that may be used, the home region first."""
        return tuple(dict.fromkeys([self.home_region, *self.allowed_regions]))
