"""An example organization, whose stacks are deployed under mocks, each with the outputs of its dependencies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial
from itertools import chain
from typing import Any

from settings.data.data_api import DataApi
from settings.data.dataset import Column, Dataset
from settings.data.etl import EtlUnit
from settings.data.feature_group import FeatureGroup
from settings.data.glue_step import GlueStep
from settings.data.intake import Intake
from settings.derived.accounts import placement_of
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.organization.account import AccountSettings
from settings.organization.contacts import Contact
from settings.organization.organization import Organization
from settings.team.delivery import DeliverySettings
from settings.team.emr import EmrSettings
from settings.team.studio import CanvasSettings, StudioSettings, StudioUser
from settings.team.team import EnvironmentSettings, Team
from settings.team.use_case import UseCaseSettings
from settings.types.kinds import ENVIRONMENTS, environments_in, kinds_in
from stacks.stack_modules import provision
from tests.support.computed import ACCOUNT
from tests.support.recorder import Record, Recorder, deploy
from tests.support.settings_reach import assert_in_reach
from tests.support.traced_recordings import recorded

INSTANCE = "arn:aws:sso:::instance/ssoins-1234567890abcdef"
DIRECTORY = "d-1234567890"
SECURITY_DESK = Contact(
    name="Security operations", title="On call", email="security@acme.example", phone="+44 20 7946 0000"
)
DATA_SOURCES: Mapping[str, Mapping[str, object]] = {
    "aws:codestarconnections/getConnection:getConnection": {"connectionStatus": "AVAILABLE"},
    "aws:ssoadmin/getInstances:getInstances": {"arns": [INSTANCE], "identityStoreIds": [DIRECTORY]},
    "aws:identitystore/getUser:getUser": {"userId": "0123456789-01234567-89ab-cdef-0123-456789abcdef"},
    "aws:organizations/getOrganization:getOrganization": {
        "enabledPolicyTypes": ["BACKUP_POLICY", "SERVICE_CONTROL_POLICY"],
        "awsServiceAccessPrincipals": ["backup.amazonaws.com", "sso.amazonaws.com"],
    },
}
"""Data source results of an account that is ready for the foundation."""


def example_organization(**changes: Any) -> Organization:
    """Returns the organization acme in its last phase, with an account for each kind."""
    settings: dict[str, Any] = {
        "name": "acme",
        "email": "aws+{account}@acme.example",
        "owner": "platform@acme.example",
        "cost_centre": "0001",
        "home_region": "eu-west-1",
        "phase": "scalable",
        "placement": "large",
        "accounts": {"organization": AccountSettings(id=ACCOUNT)},
        "monthly_budget_usd": 8000,
        "promotion_image": "1",
        "contacts": {"security": SECURITY_DESK},
    }
    return Organization(**{**settings, **changes})


def example_team(name: str = "fraud", cidr: str = "10.1.0.0/19", **changes: Any) -> Team:
    """Returns a team with default settings."""
    settings: dict[str, Any] = {
        "name": name,
        "owner": f"{name}-owner@acme.example",
        "cost_centre": "4711",
        "cidr": cidr,
        "monthly_budget_usd": 5000,
        "use_cases": {"scoring": UseCaseSettings()},
    }
    return Team(**{**settings, **changes})


PEOPLE = StudioSettings(
    users={
        "ada": StudioUser(persona="data-scientist", apps=("jupyterlab", "code-editor")),
        "grace": StudioUser(persona="lead-data-scientist"),
    }
)
"""Default Studio users of tests: two people of the team fraud."""
EXPERIMENTING = PEOPLE.model_copy(
    update={"tracking": True, "canvas": CanvasSettings(personas=("lead-data-scientist",))}
)
"""The default users with every optional Studio feature enabled."""
WITH_USERS = (
    EnvironmentSettings(team="fraud", environment="experimentation", studio=EXPERIMENTING, emr=EmrSettings()),
    EnvironmentSettings(team="fraud", environment="development", studio=PEOPLE),
)
"""Default environments of fraud with Studio users."""
COPIES = {
    "by-the-clock": Intake(
        use_case="scoring", dataset="cards", part="inference", schedule="cron(0 4 * * ? *)", pipeline="batch"
    ),
    "as-it-comes": Intake(use_case="scoring", dataset="cards", part="inference", columns=("amount",), on_arrival=True),
}
"""Default intakes of fraud-production."""
STEPS = {"join": GlueStep(use_case="scoring", script="etl/steps/card_history.py", datasets=("cards",))}
"""Default Glue steps of fraud-development."""

SERVED = DataApi(datasets=("cards",))
"""Default data API of fraud."""
SERVING = ("fraud-development", "fraud-preproduction", "fraud-production")
"""Environments with the default data API, if they have their own accounts."""

MADE = Dataset(
    name="cards",
    owner="cards-data@acme.example",
    classification="internal",
    columns=(Column(name="amount", type="double"), Column(name="day", type="date", partition=True)),
    etl=EtlUnit(script="etl/card_payments.py", sources=("cards",), crawl=True, schedule="cron(0 3 * * ? *)"),
)
"""Default dataset of tests. It uses every way to build a dataset and is shared with nobody."""
COPIED = MADE.model_copy(update={"shared_with": {"fraud": ("development", "preproduction", "production")}})
"""The default dataset, shared with environments of fraud so that production can copy it."""


SCORES = Dataset(
    name="scores",
    owner="fraud-owner@acme.example",
    classification="internal",
    zone="results",
    columns=(Column(name="score", type="double"), Column(name="day", type="date", partition=True)),
    returned_by={"fraud": ("production", "preproduction")},
    etl=EtlUnit(script="etl/fraud_scores.py", sources=("results/scores",)),
)
"""Default dataset of returned results: fraud's jobs return them, and nobody reads them."""


def filling(dataset: Dataset, groups: Iterable[FeatureGroup]) -> Dataset:
    """Returns the dataset with a script that also fills these feature groups and computes all their features."""
    named = {group.name: [feature.name for feature in group.features] for group in groups}
    made = {"fills": tuple(named), "computes": tuple(dict.fromkeys(chain.from_iterable(named.values())))}
    return dataset.model_copy(update={"etl": EtlUnit(**{**dict(dataset.etl or {}), **made})})


def example_feature_group(name: str = "card-activity", **changes: Any) -> FeatureGroup:
    """Returns a feature group of cards. Fraud writes it in production and reads it everywhere, churn in development."""
    settings: dict[str, Any] = {
        "name": name,
        "owner": "features@acme.example",
        "description": "How a card was used lately",
        "classification": "confidential",
        "record_identifier": "card",
        "event_time": "observed_at",
        "features": [
            {"name": "card", "type": "string", "personal": True},
            {"name": "observed_at", "type": "string"},
            {"name": "payments", "type": "integral"},
            {"name": "spent", "type": "fractional"},
        ],
        "ttl_hours": 720,
        "anonymised": ["payments", "spent"],
        "written_by": {"fraud": ["production"]},
        "shared_with": {"fraud": list(ENVIRONMENTS), "churn": ["development"]},
    }
    return FeatureGroup.model_validate({**settings, **changes})


DELIVERED = {"scoring": UseCaseSettings(delivery=DeliverySettings(images=("train",), approvers=("ben", "chloe")))}
"""Default use cases of fraud in phases with a tooling account."""


def example_foundation(
    *environments: EnvironmentSettings,
    organization: Organization | None = None,
    teams: Iterable[Team] | None = None,
    datasets: Iterable[Dataset] | None = None,
    feature_groups: Iterable[FeatureGroup] = (),
) -> Foundation:
    """Returns acme with the teams fraud and churn, and defaults for everything that is not given."""
    whole = organization or example_organization()
    delivered = {"use_cases": DELIVERED} if "tooling" in kinds_in(whole.phase) else {}
    both = [example_team(**delivered), example_team("churn", "10.1.32.0/19")]
    explicit = {environment.stack for environment in environments}
    present = environments_in(whole.phase)
    defaults = [e for e in WITH_USERS if e.stack not in explicit and e.environment in present]
    by_team = {team.name: team for team in (both if teams is None else teams)}
    given = [*environments, *(e for e in defaults if e.team in by_team)]
    default_datasets = [MADE] if "data-lake" in kinds_in(whole.phase) else []
    if datasets is None and "fraud" in by_team and "scoring" in by_team["fraud"].use_cases and "production" in present:
        default_datasets = [COPIED]
        given = [_with_steps(environment) if environment in WITH_USERS else environment for environment in given]
        given = [*_with_data_access(whole, by_team["fraud"], given, explicit)]
    groups = list(feature_groups)
    default_datasets = [filling(dataset, groups) for dataset in default_datasets]
    default_datasets += [SCORES] if "production" in present and SCORES.returned_by.keys() <= by_team.keys() else []
    published = default_datasets if datasets is None else datasets
    return Foundation.of(whole, by_team.values(), given, published, groups)


def _with_data_access(
    organization: Organization, fraud: Team, given: Iterable[EnvironmentSettings], explicit: set[str]
) -> Iterator[EnvironmentSettings]:
    """Adds the default intakes and data APIs to environments of fraud that are not given explicitly."""
    environments = {environment.stack: environment for environment in given}
    for kind in ("preproduction", "production"):
        environments.setdefault(f"fraud-{kind}", EnvironmentSettings(team="fraud", environment=kind))
    unset = [stack for stack in SERVING if stack not in explicit]
    serving = unset if placement_of(organization, fraud).account_of("production") == "production" else []
    changes: dict[str, dict[str, object]] = {stack: {"data_api": SERVED} for stack in serving}
    if "fraud-production" not in explicit:
        changes.setdefault("fraud-production", {})["intake"] = COPIES
    return (environment.model_copy(update=changes.get(stack, {})) for stack, environment in environments.items())


def _with_steps(settings: EnvironmentSettings) -> EnvironmentSettings:
    of_fraud = (settings.team, settings.environment) == ("fraud", "development")
    return settings.model_copy(update={"glue_steps": STEPS}) if of_fraud else settings


def deploy_stack(
    name: str,
    foundation: Foundation,
    *,
    preview: bool = False,
    upstream: Mapping[str, Mapping[str, object]] | None = None,
    data_sources: Mapping[str, Mapping[str, object]] | None = None,
) -> Recorder:
    """Deploys one stack with the given upstream outputs. Other stacks do not exist."""
    stack = StackIdentity.parse(name)
    return deploy(
        lambda: provision(stack, foundation),
        preview=preview,
        stack=name,
        upstream=upstream,
        data_sources=data_sources,
    )


class Deployment(Mapping[str, Recorder]):
    """The stacks of an organization. Each is deployed on first access, with the outputs of its dependencies.

    In a preview none of them was ever deployed, so none has outputs. A stack whose program would read what it read
    before, in any worker process of the test run, is not deployed again, unless ``reuse`` is False.
    """

    def __init__(self, foundation: Foundation, *, preview: bool = False, reuse: bool = True) -> None:
        self._foundation, self._preview, self._reuse = foundation, preview, reuse
        self._deployed: dict[str, Recorder] = {}

    def __getitem__(self, name: str) -> Recorder:
        if name not in self._deployed:
            self._deployed[name] = self._deploy(name)
        return self._deployed[name]

    def _deploy(self, name: str) -> Recorder:
        upstream = {} if self._preview else self.outputs_before(name)
        record = partial(deploy_stack, name, preview=self._preview, upstream=upstream, data_sources=DATA_SOURCES)
        if not self._reuse:
            return record(self._foundation)
        check = partial(assert_in_reach, name, self._foundation)
        return recorded(
            name, self._foundation, upstream, DATA_SOURCES, preview=self._preview, record=record, check=check
        )

    def __iter__(self) -> Iterator[str]:
        return (stack.name for stack in self._foundation.stacks)

    def __len__(self) -> int:
        return len(self._foundation.stacks)

    def outputs_before(self, name: str) -> dict[str, Mapping[str, object]]:
        """Returns the outputs of the stacks that a stack depends on."""
        return {needed.name: self[needed.name].exports for needed in self._foundation.stacks[StackIdentity.parse(name)]}


@cache
def example_deployment(*, preview: bool = False) -> Deployment:
    """Returns the example organization, shared by all tests of a process. Tests must not change it."""
    return Deployment(example_foundation(feature_groups=[example_feature_group()]), preview=preview)


def records_of_every_stack() -> list[tuple[str, Record]]:
    """Returns every resource of every example stack, with the name of its stack."""
    return [(stack, record) for stack, recorder in example_deployment().items() for record in recorder.records]
