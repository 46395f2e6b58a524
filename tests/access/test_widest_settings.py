"""The widest values of settings that end in conditions of policies, decided by the evaluator.

Each test shows what a value would open, that the settings refuse it, and that rule IA-18 refuses the documents.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import pulumi
import pytest
from pydantic import BaseModel

from components.data_lake.network_perimeter import NetworkPerimeter
from components.identity.iam.statements import Statement
from components.organization.guardrails import membership, perimeter, resources
from components.organization.policy_limits import document
from iam_evaluator.matching import applies, matching_statements
from iam_evaluator.policy_document import Policy
from iam_evaluator.request import Account, Principal, Request, Resource
from policies.rule_list import RULES
from policies.security.rules.identity.condition_values import GUARDRAIL
from settings.data.dataset import Dataset
from settings.data.feature_group import FeatureGroup
from settings.organization.organization import Organization
from settings.organization.reviews import GithubReference, GithubRepository, KeyArn, StateBucket
from settings.organization.source import ConnectionArn
from settings.rules.organization import organization_faults
from settings.rules.partial_config import PartialModel
from settings.team.team import EnvironmentSettings, Team
from settings.types.regions import REGIONS
from settings.types.values import (
    AccountId,
    DomainName,
    NotebookPlatform,
    PublicCidr,
    Region,
    RoleArn,
    TagKey,
    TagValue,
)
from tests.policies.case import Situation
from tests.policies.checking import findings
from tests.support.every_stack import example_organization
from tests.support.recorder import deploy

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "guardrails.md"
OURS, OWN, STRANGE = "o-acme000001", "111111111111", "999999999999"
OFFICE, HOTEL = "20.10.0.0/16", "198.51.100.7"
PERSON = "role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_DataScientist_0123"
WIDEST = {"everywhere": ["0.0.0.0/0"], "both halves": ["0.0.0.0/1", "128.0.0.0/1"]}


def asking(account: str = OWN, region: str = "eu-west-1") -> Request:
    """Returns the request of a person in a hotel who reads an object of the lake."""
    ours = OURS if account == OWN else None
    person = Principal(
        name="person", account=Account(id=account, organization_id=ours), role_arn=f"arn:aws:iam::{account}:{PERSON}"
    )
    lake = Account(id="222222222222", organization_id=OURS)
    return Request(
        principal=person,
        action="s3:GetObject",
        resource=Resource(arn="arn:aws:s3:::acme-lake-curated/x", account=lake),
        region=region,
        source_ip=HOTEL,
        extra={"aws:ViaAWSService": ["false"]},
    )


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A setting, statements that are built from its value, and a request that they deny."""

    setting: str
    build: Callable[[list[str]], list[Statement]]
    narrow: list[str]
    widest: list[str]
    request: Request
    type: str = GUARDRAIL
    opens: bool = True
    """Whether the widest value would let the request pass. Where accounts are compared, a pattern matches nothing."""


def _in_the_lake(networks: list[str]) -> list[Statement]:
    guarded = NetworkPerimeter(organization_id=OURS, corporate_networks=networks, excepted_roles=[])
    found: list[Statement] = []
    deploy(lambda: found.extend(guarded.statements(pulumi.Output.from_input("arn:aws:s3:::acme-lake-curated"))))
    (statement,) = found
    return [
        Statement(
            sid=statement.sid,
            effect="Deny",
            principals="*",
            actions=["s3:*"],
            resources=["*"],
            conditions=statement.conditions,
        )
    ]


CASES = {
    **{
        f"corporate_networks {where} in {what}": Opened(
            setting="corporate_networks", build=build, narrow=[OFFICE], widest=value, request=asking(), type=type_
        )
        for where, value in WIDEST.items()
        for what, (build, type_) in {
            "SCP-13": (lambda networks: perimeter.only_from_our_networks(OURS, networks), GUARDRAIL),
            "RCP-04": (lambda networks: resources.only_from_our_networks(OURS, networks), GUARDRAIL),
            "the lake": (_in_the_lake, "aws:s3/bucketPolicy:BucketPolicy"),
        }.items()
    },
    "allowed_regions": Opened(
        setting="allowed_regions",
        build=membership.stay_in_allowed_regions,
        narrow=["eu-west-1"],
        widest=sorted(REGIONS),
        request=asking(region="ap-southeast-3"),
    ),
    "partner_accounts": Opened(
        setting="partner_accounts",
        build=lambda accounts: resources.only_our_identities(OURS, accounts),
        narrow=["888888888888"],
        widest=["*"],
        request=asking(account=STRANGE),
        opens=False,
    ),
}


def written(statements: list[Statement]) -> str:
    return json.dumps(document(statements))


def is_denied(statements: list[Statement], request: Request) -> bool:
    policy = Policy.parse("tried", written(statements))
    return any(
        applies(matching_statement, request)
        for matching_statement in matching_statements(policy, "Deny", request, request.context())
    )


@pytest.fixture(params=CASES.values(), ids=CASES)
def opened(request: pytest.FixtureRequest) -> Opened:
    case: Opened = request.param
    return case


def test_a_narrow_value_denies_the_request(opened: Opened):
    assert is_denied(opened.build(opened.narrow), opened.request)


def test_the_widest_value_would_let_the_request_pass(opened: Opened):
    assert is_denied(opened.build(opened.widest), opened.request) is not opened.opens


def test_the_settings_refuse_the_widest_value(opened: Opened):
    assert _faults(opened.setting, opened.widest)
    assert not _faults(opened.setting, opened.narrow)


def _faults(setting: str, value: list[str]) -> list[Any]:
    try:
        organization = example_organization(**{setting: value})
    except ValueError as error:
        return [error]
    return [
        fault
        for fault in organization_faults(PartialModel(organization))
        if fault.path.endswith(setting) and fault.code != "region-opt-in"
    ]


def test_the_pack_refuses_what_the_widest_value_would_open(opened: Opened):
    property_ = "content" if opened.type == GUARDRAIL else "policy"
    for values, refused in ((opened.widest, opened.opens), (opened.narrow, False)):
        situation = Situation(inputs={property_: written(opened.build(values))})
        found = findings(opened.type, situation, [rule for rule in RULES if rule.id == "IA-18"])
        assert bool(found) is refused


FEEDS_CONDITIONS = (
    *(PublicCidr, AccountId, RoleArn, Region, DomainName, NotebookPlatform, TagKey, TagValue),
    *(GithubRepository, GithubReference, StateBucket, KeyArn, ConnectionArn),
)
_MARKS = {id(get_args(type_)[1]) for type_ in FEEDS_CONDITIONS}


def settings_of(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Yields the dotted names of the settings whose values policies compare with something."""
    for name, info in model.model_fields.items():
        if any(id(mark) in _MARKS for mark in _parts([info.annotation, *info.metadata])):
            yield f"{prefix}{name}"
        for part in _parts([info.annotation]):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from settings_of(part, f"{prefix}{name}.")


def _parts(types: list[Any]) -> Iterator[Any]:
    for type_ in types:
        yield type_
        yield from _parts(list(get_args(type_)))


MODELS: Mapping[str, type[BaseModel]] = {
    "organization": Organization,
    "team": Team,
    "environment": EnvironmentSettings,
    "dataset": Dataset,
    "feature group": FeatureGroup,
}


def test_the_guide_says_of_every_setting_that_feeds_a_condition_what_its_widest_value_opens():
    section = GUIDE.read_text(encoding="utf-8").partition("## Settings in conditions")[2].partition("\n## ")[0]
    listed = {name for row in re.findall(r"^\| (.+?) \|", section, re.M) for name in re.findall(r"`([a-z_.]+)`", row)}
    assert listed == {name for model in MODELS.values() for name in settings_of(model)}
