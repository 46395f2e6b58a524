"""The settings files that a request changes: valid together with all others, and nothing else in them changed."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from selfservice.changes.overlay import detach, overlay
from selfservice.changes.settings_change import SettingsChange, settings_change
from selfservice.errors import BadInputError
from selfservice.fingerprints.affected import affected_by_settings
from selfservice.projects.project import open_project
from selfservice.requests.kinds.decommission import DecommissionRequest
from selfservice.requests.kinds.team import TeamRequest
from settings.files.loader import load
from settings.types.errors import SettingsError

CLAIMS = TeamRequest.model_validate_json(
    """{
        "team": "claims", "owner": "claims-owner@acme.example", "cost_centre": "4712", "monthly_budget_usd": 3000,
        "people": {"dana": "lead-data-scientist", "eli": "ml-engineer"},
        "data": {"contracts": ["development"]},
        "environments": {"experimentation": {"internet_access": true}}
    }"""
)


def written(project: Path, change: SettingsChange) -> None:
    for name, text in change.files.items():
        if text is None:
            (project / "environments" / name).unlink()
        else:
            (project / "environments" / name).write_text(text)


def request(**changes: object) -> TeamRequest:
    return TeamRequest.model_validate({"action": "change", "team": "fraud", **changes})


@pytest.mark.requirement("GOV-07.a", "GOV-07.b", "PER-07.b")
def test_a_new_team_gets_its_file_its_people_and_its_data(project: Path) -> None:
    change = settings_change(project, CLAIMS)
    assert sorted(change.files) == [
        "Pulumi.claims-development.yaml",
        "Pulumi.claims-experimentation.yaml",
        "Pulumi.claims.yaml",
        "Pulumi.data-lake--contracts.yaml",
    ]
    written(project, change)
    foundation = load(project)
    assert foundation == change.foundation
    team, experimentation = foundation.teams["claims"], foundation.environment_of("claims", "experimentation")
    assert (team.owner, team.cost_centre, team.monthly_budget_usd) == ("claims-owner@acme.example", "4712", 3000)
    assert str(team.cidr) == "10.1.64.0/19"
    assert experimentation.internet_access
    assert {name: user.persona for name, user in experimentation.studio.users.items()} == {
        "dana": "lead-data-scientist"
    }
    development = foundation.environment_of("claims", "development").studio.users
    assert {name: user.persona for name, user in development.items()} == {
        "dana": "lead-data-scientist",
        "eli": "ml-engineer",
    }
    assert foundation.datasets["contracts"].shared_with["claims"] == ("development",)


@pytest.mark.requirement("GOV-05.b")
@pytest.mark.threat("T-09")
def test_the_same_request_again_changes_no_file(project: Path) -> None:
    written(project, settings_change(project, CLAIMS))
    assert settings_change(project, CLAIMS).files == {}


def test_a_change_keeps_comments_order_and_all_other_values(project: Path) -> None:
    file = project / "environments" / "Pulumi.fraud-experimentation.yaml"
    before = file.read_text()
    file.write_text("# kept\n" + before)
    change = settings_change(project, request(people={"ben": None, "cora": "data-scientist"}))
    text = change.files["Pulumi.fraud-experimentation.yaml"]
    assert text.startswith("# kept\n")
    users = yaml.safe_load(text)["config"]["plinth:environment"]["studio"]["users"]
    assert users == {
        "ana": {"persona": "lead-data-scientist", "apps": ["jupyterlab", "code-editor"]},
        "cora": {"persona": "data-scientist"},
    }
    kept = [
        line for line in text.splitlines() if "ben" not in line and "cora" not in line and "persona: data" not in line
    ]
    assert [line for line in kept if line not in ("# kept\n" + before).splitlines()] == []


def test_values_of_a_team_are_changed_where_they_are(project: Path) -> None:
    change = settings_change(
        project,
        request(monthly_budget_usd=7000, data={"card-payments": ["experimentation", "development", "production"]}),
    )
    assert sorted(change.files) == ["Pulumi.data-lake--card-payments.yaml", "Pulumi.fraud.yaml"]
    assert change.foundation.teams["fraud"].monthly_budget_usd == 7000
    assert "preproduction" not in change.foundation.datasets["card-payments"].shared_with["fraud"]
    assert change.foundation.teams["fraud"].use_cases.keys() == {"scoring", "disputes"}


SMALLER = {"instance_types": ["ml.t3.medium"], "max_volume_gib": 50}


@pytest.mark.parametrize(
    ("team", "settings", "path", "expected"),
    [
        ("fraud", {"internet_access": False}, "internet_access", False),
        ("churn", {"internet_access": True}, "internet_access", True),
        ("fraud", {"studio": {"limits": {"data-scientist": SMALLER}}}, "studio.limits.data-scientist", SMALLER),
    ],
    ids=["egress off", "egress on", "a limit of Studio"],
)
def test_a_change_switches_internet_egress_and_limits_studio_and_leaves_the_rest(
    project: Path, team: str, settings: dict[str, object], path: str, expected: object
) -> None:
    name = f"Pulumi.{team}-experimentation.yaml"
    users = load(project).environments[f"{team}-experimentation"].studio.users
    change = settings_change(project, request(team=team, environments={"experimentation": settings}))
    assert change.files.keys() == {name}
    found = yaml.safe_load(change.files[name] or "")["config"]["plinth:environment"]
    for key in path.split("."):
        found = found[key]
    assert found == expected
    assert change.foundation.environments[f"{team}-experimentation"].studio.users == users


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"team": "nobody", "monthly_budget_usd": 1}, "there is no team nobody; there are: churn, fraud"),
        ({"data": {"nothing": ["development"]}}, "there is no dataset nothing; there are: "),
        ({"environments": {"production": {"internet_access": True}}}, "internet_access"),
        ({"environments": {"development": {"zoness": 2}}}, "zoness"),
    ],
)
@pytest.mark.threat("T-16")
def test_a_change_that_the_settings_refuse_names_the_fault(
    project: Path, changes: dict[str, object], said: str
) -> None:
    with pytest.raises((BadInputError, SettingsError)) as refused:
        settings_change(project, request(**changes))
    assert said in str(refused.value)


@pytest.mark.threat("T-03")
def test_a_team_that_exists_with_other_values_is_not_created(project: Path) -> None:
    wanted = CLAIMS.model_copy(update={"team": "fraud"})
    with pytest.raises(
        BadInputError, match="team fraud exists with another owner, cost_centre, monthly_budget_usd"
    ) as said:
        settings_change(project, wanted)
    owner = load(project).teams["fraud"].owner
    assert f"its state is: in the settings, and its owner is {owner}. Request `action: change`" in str(said.value)
    with pytest.raises(BadInputError, match="cannot be the name of a team"):
        settings_change(project, CLAIMS.model_copy(update={"team": "tooling"}))


@pytest.mark.nightly
def test_the_stacks_of_a_new_team_are_affected_and_those_of_others_are_not(project: Path, tmp_path: Path) -> None:
    change = settings_change(project, CLAIMS.model_copy(update={"data": {}}))
    where = overlay(project, change.files, tmp_path / "overlay")
    changed = open_project(where)
    found = affected_by_settings(changed, change.files, project)
    own = {stack.name for stack in change.foundation.stacks if stack.team == "claims"}
    assert own <= found.keys()
    environments = ("experimentation", "development", "preproduction", "production")
    assert {stack for stack in found if stack.startswith(("fraud", "churn")) and stack.endswith(environments)} == set()
    assert (project / "environments" / "Pulumi.claims.yaml").exists() is False
    assert overlay(project, change.files, tmp_path / "overlay") == where


def test_an_overlay_links_settings_and_is_detached_from_those_that_the_engine_may_write(
    project: Path, tmp_path: Path
) -> None:
    name, other = "Pulumi.fraud.yaml", "Pulumi.churn.yaml"
    before = {file: (project / "environments" / file).read_text() for file in (name, other)}
    where = overlay(project, {other: "config: {}\n"}, tmp_path / "overlay") / "settings"
    assert (where / name).samefile(project / "environments" / name)
    detach(tmp_path / "overlay", ["fraud", "churn", "unknown"])
    assert (where / name).read_text() == before[name]
    for file_name in (name, other):
        (where / file_name).write_text("changed\n")
    assert {file: (project / "environments" / file).read_text() for file in (name, other)} == before


@pytest.mark.requirement("GOV-06.a")
def test_a_decommission_deletes_the_files_of_the_team_and_ends_what_is_shared_with_it(
    project: Path, tmp_path: Path
) -> None:
    written(project, settings_change(project, CLAIMS))
    request = DecommissionRequest(action="decommission", team="claims", confirm="claims", reason="it has ended")
    change = settings_change(project, request)
    deleted = [name for name, text in change.files.items() if text is None]
    assert sorted(deleted) == [
        "Pulumi.claims-development.yaml",
        "Pulumi.claims-experimentation.yaml",
        "Pulumi.claims.yaml",
    ]
    assert sorted(change.files.keys() - deleted) == ["Pulumi.data-lake--contracts.yaml"]
    assert change.digests["Pulumi.claims.yaml"] == ""
    assert "claims" not in change.foundation.teams
    after = open_project(overlay(project, change.files, tmp_path / "after"))
    assert not [stack for stack in after.graph if stack.startswith("claims")]
    written(project, change)
    assert load(project).datasets["contracts"].shared_with.get("claims") is None
    assert settings_change(project, request).files == {}


def test_a_new_team_uses_recycled_accounts_first_and_none_that_another_team_has(project: Path) -> None:
    change = settings_change(project, CLAIMS, ["111111111111", "222222222222"])
    accounts = yaml.safe_load(change.files["Pulumi.claims.yaml"] or "")["config"]["plinth:team"]["accounts"]
    assert accounts == {"experimentation": {"id": "111111111111"}, "development": {"id": "222222222222"}}
    written(project, change)
    again = settings_change(project, CLAIMS, ["333333333333"])
    assert again.files == {}
    other = CLAIMS.model_copy(update={"team": "pricing", "data": {}})
    change = settings_change(project, other, ["111111111111", "222222222222", "333333333333"])
    accounts = yaml.safe_load(change.files["Pulumi.pricing.yaml"] or "")["config"]["plinth:team"]["accounts"]
    assert accounts == {"experimentation": {"id": "333333333333"}}


@pytest.mark.requirement("ACC-01.b")
def test_a_new_team_adopts_the_accounts_of_its_request_and_then_recycled_ones(project: Path) -> None:
    # Unquoted, PyYAML reads the second one as a string and the settings as a number.
    adopting = CLAIMS.model_copy(update={"accounts": {"development": "444444444444", "production": "037414938725"}})
    change = settings_change(project, adopting, ["444444444444", "111111111111"])
    accounts = yaml.safe_load(change.files["Pulumi.claims.yaml"] or "")["config"]["plinth:team"]["accounts"]
    named = {environment: account["id"] for environment, account in accounts.items()}
    assert named == {"development": "444444444444", "production": "037414938725", "experimentation": "111111111111"}
    written(project, change)
    assert settings_change(project, adopting).files == {}
    other = adopting.model_copy(update={"accounts": {"development": "666666666666"}})
    with pytest.raises(BadInputError, match="exists with another account"):
        settings_change(project, other)
