"""A foundation is always consistent, and derives tags and defaults from its settings."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from settings.data.dataset import Dataset
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.team.team import EnvironmentSettings
from settings.types.error_codes import Code
from settings.types.errors import SettingsError
from tests.unit.settings.project import organization, team


def test_contradicting_settings_are_refused_when_a_foundation_is_built():
    with pytest.raises(SettingsError) as raised:
        Foundation.of(organization(), [team(), team("sales", cidr="10.1.16.0/20")])
    (fault,) = raised.value.faults
    assert (fault.code, fault.file) == (Code.ADDRESSES_OVERLAP, "Pulumi.sales.yaml")


@pytest.mark.requirement("EXP-05.b", level="run")
@pytest.mark.parametrize("environment", ["development", "preproduction", "production"])
def test_no_environment_but_experimentation_reaches_the_internet(environment):
    open_ = EnvironmentSettings(team="fraud", environment=environment, internet_access=True)
    with pytest.raises(SettingsError) as raised:
        Foundation.of(organization(), [team()], [open_])
    assert [fault.code for fault in raised.value.faults] == [Code.INTERNET_ACCESS]


@pytest.mark.requirement("EXP-05.a", "AMB-21.a")
def test_internet_access_is_off_unless_it_is_switched_on_for_experimentation():
    open_ = EnvironmentSettings(team="fraud", environment="experimentation", internet_access=True)
    foundation = Foundation.of(organization(), [team(), team("sales", cidr="10.1.32.0/19")], [open_])
    reaching = [stack for stack, environment in foundation.environments.items() if environment.internet_access]
    assert reaching == ["fraud-experimentation"]


def test_a_foundation_cannot_be_changed():
    foundation = Foundation.of(organization(), [team()])
    with pytest.raises(ValidationError):
        foundation.organization = organization(name="other")
    with pytest.raises(ValidationError):
        foundation.teams["fraud"].cidr = "10.2.0.0/19"


@pytest.mark.requirement("ACC-06.a")
def test_environments_differ_only_by_configuration():
    foundation = Foundation.of(organization(), [team()])
    plain = {
        environment: foundation.environment_of("fraud", environment).model_dump(exclude={"environment"})
        for environment in ("development", "preproduction", "production")
    }
    assert plain["development"] == plain["preproduction"] == plain["production"]


def test_studio_is_enabled_by_default_only_in_interactive_environments():
    foundation = Foundation.of(
        organization(),
        [team()],
        [EnvironmentSettings(team="fraud", environment="development", studio={"enabled": False})],
    )
    with_studio = [stack for stack, environment in foundation.environments.items() if environment.has_studio]
    assert with_studio == ["fraud-experimentation"]


def test_resources_of_a_dataset_are_tagged_with_its_classification():
    columns = [{"name": "amount", "type": "double"}]
    payments = {"name": "payments", "owner": "data@acme.example", "classification": "internal", "columns": columns}
    foundation = Foundation.of(organization(), [team()], datasets=[Dataset.model_validate(payments)])
    classes = {
        stack: foundation.tags_of(StackIdentity.parse(stack)).get("plinth:data-class")
        for stack in ("data-lake--payments", "data-lake", "fraud-development")
    }
    assert classes == {"data-lake--payments": "internal", "data-lake": None, "fraud-development": None}


@pytest.mark.requirement("COST-01")
def test_shared_stacks_are_billed_to_the_platform():
    foundation = Foundation.of(organization(tags={"area": "ai"}), [team()])
    assert foundation.tags_of(StackIdentity("organization")) == {
        "area": "ai",
        "plinth:stack": "organization",
        "plinth:team": "platform",
        "plinth:environment": "shared",
        "plinth:lifecycle": "durable",
        "plinth:owner": "platform@acme.example",
        "plinth:cost-centre": "1000",
    }
