"""Data APIs of a team: their accounts, contents and callers."""

import json
from functools import cache

import pytest

from settings.data.data_api import DataApi
from settings.data.dataset import Dataset
from settings.team.studio import StudioSettings, StudioUser
from settings.team.team import EnvironmentSettings
from settings.types.kinds import ENVIRONMENTS
from tests.support.documents import statements
from tests.support.every_stack import Deployment, example_foundation, example_team

API = "aws:apigateway/restApi:RestApi"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
GRANT = "aws:lakeformation/permissions:Permissions"
SERVED = DataApi(datasets=("payments",))
PAYMENTS = Dataset.model_validate(
    {
        "name": "payments",
        "owner": "data@acme.example",
        "classification": "internal",
        "columns": [
            {"name": "card", "type": "string", "personal": True},
            {"name": "amount", "type": "double"},
            {"name": "day", "type": "date", "partition": True},
        ],
        "anonymised": {"columns": ["amount", "day"]},
        "shared_with": {"fraud": list(ENVIRONMENTS)},
    }
)
ADA = StudioSettings(users={"ada": StudioUser(persona="data-scientist")})
SERVING = (
    EnvironmentSettings(team="fraud", environment="experimentation", studio=ADA, data_api=SERVED),
    EnvironmentSettings(team="fraud", environment="development", studio=ADA, data_api=SERVED),
)


@cache
def deployment(placement=(), preview=False):
    team = example_team(placement=dict(placement))
    return Deployment(example_foundation(*SERVING, teams=[team], datasets=[PAYMENTS]), preview=preview)


def bodies(recorder):
    return {record.inputs["name"]: json.loads(record.inputs["body"]) for record in recorder.all(API)}


@pytest.mark.requirement("DL-12.a")
def test_a_data_api_serves_the_parts_and_columns_that_its_environment_reads():
    found = bodies(deployment()["fraud-data"])
    assert set(found) == {"fraud-experimentation-data-api", "fraud-development-data-api"}
    for name, parts, columns in (
        ("fraud-experimentation-data-api", ["historical"], '\\"amount\\", \\"day\\"'),
        ("fraud-development-data-api", ["historical", "inference"], '\\"card\\", \\"amount\\", \\"day\\"'),
    ):
        paths = found[name]["paths"]
        asked = {path: paths[path] for path in paths if path.startswith("/datasets/")}
        assert set(asked) == {f"/datasets/payments/{part}/queries" for part in parts}
        for path, methods in asked.items():
            template = methods["post"]["x-amazon-apigateway-integration"]["requestTemplates"]["application/json"]
            part = path.split("/")[3]
            assert f'SELECT {columns} FROM \\"lake_{part}\\".\\"payments\\" ' in template


@pytest.mark.requirement("DL-12.a")
def test_a_data_api_admits_jobs_and_experimenters_only_through_their_networks_endpoint():
    deployed = deployment()
    callers = {"experimentation": ["execution", "studio-ada"], "development": ["execution"]}
    for environment, roles in callers.items():
        place = deployed[f"fraud-{environment}"].exports
        allowed = bodies(deployed["fraud-data"])[f"fraud-{environment}-data-api"]["x-amazon-apigateway-policy"]
        condition = allowed["Statement"][0]["Condition"]
        assert condition["StringEquals"]["aws:SourceVpce"] == place["api_endpoint_id"]
        prefix = f"arn:aws:iam::{place['account_id']}:role/plinth/fraud-{environment}-"
        named = condition["ArnEquals"]["aws:PrincipalArn"]
        assert ([named] if isinstance(named, str) else named) == [f"{prefix}{role}" for role in roles]


def test_the_role_of_a_data_api_has_the_grants_of_the_environment():
    granted = [str(grant.inputs["principal"]) for grant in deployment()["fraud-data"].all(GRANT)]
    for environment in ("experimentation", "development"):
        assert [arn for arn in granted if arn.endswith(f":role/plinth/fraud-{environment}-data-api")]


def test_callers_of_a_data_api_have_the_permission_and_a_network_path():
    deployed = deployment()
    for stack, name in (
        ("fraud-development", "roles-execution-permissions"),
        ("fraud-experimentation-studio", "user-ada-role-permissions"),
    ):
        (policy,) = [p for p in deployed[stack].all(ROLE_POLICY) if p.name == name]
        statement = statements(policy)["AskTheDataApi"]
        assert statement["Action"] == "execute-api:Invoke"
        assert statement["Condition"] == {"Null": {"aws:SourceVpce": "false"}}
    (pipeline,) = [p for p in deployed["fraud-development"].all(ROLE_POLICY) if "pipeline" in p.name]
    assert "AskTheDataApi" not in statements(pipeline)


def test_an_account_has_one_logging_role_for_all_its_apis():
    merged = deployment((("experimentation", "development"),))["fraud-data"]
    assert len(bodies(merged)) == 2
    (account,) = merged.all("aws:apigateway/account:Account")
    assert account.inputs["cloudwatchRoleArn"].endswith(":role/plinth/fraud-development-api-logs")
    assert len(deployment()["fraud-data"].all("aws:apigateway/account:Account")) == 2


def test_a_first_preview_shows_every_resource():
    assert len(deployment(preview=True)["fraud-data"].all(API)) == 2


def test_without_the_setting_there_is_no_api_endpoint_or_permission():
    deployed = Deployment(example_foundation(teams=[example_team()], datasets=[PAYMENTS]))
    assert not [record for record in deployed["fraud-data"] if record.type.startswith("aws:apigateway/")]
    recorder = deployed["fraud-development"]
    assert not [e for e in recorder.all("aws:ec2/vpcEndpoint:VpcEndpoint") if e.name.endswith("-execute-api")]
    assert not [r.name for r in recorder if "execute-api" in str(r.inputs.get("policy"))]
    assert recorder.exports.get("api_endpoint_id") is None
