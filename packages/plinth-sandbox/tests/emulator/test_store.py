"""The fallback store serves what moto lacks from service models: it keeps, returns, updates, tags and refuses."""

from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError

from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws, code_of


def without_metadata(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


_NUMBERS = count()


@pytest.fixture(scope="module")
def studio(aws: EmulatedAws) -> str:
    """Returns the id of a SageMaker domain."""
    return str(make_domain(aws)["DomainId"])


def make_domain(aws: EmulatedAws, account: str = MANAGEMENT) -> dict[str, Any]:
    network = aws.network(account)
    group = aws.client("ec2", account).create_security_group(GroupName="a", Description="a", VpcId=network["VpcId"])[
        "GroupId"
    ]
    return without_metadata(
        aws.client("sagemaker", account).create_domain(
            DomainName="studio",
            AuthMode="IAM",
            **network,
            AppNetworkAccessType="VpcOnly",
            DefaultUserSettings={
                "ExecutionRole": aws.role(f"worker-{next(_NUMBERS)}", "sagemaker", account),
                "SecurityGroups": [group],
                "SharingSettings": {"NotebookOutputOption": "Disabled"},
            },
            Tags=[{"Key": "team", "Value": "fraud"}],
        )
    )


def test_a_service_that_moto_lacks_keeps_changes_and_deletes(aws: EmulatedAws) -> None:
    analyzer = aws.client("accessanalyzer")
    arn = analyzer.create_analyzer(analyzerName="outside", type="ACCOUNT", tags={"team": "fraud"})["arn"]
    assert arn == f"arn:aws:access-analyzer:{REGION}:{MANAGEMENT}:analyzer/outside"
    found = analyzer.get_analyzer(analyzerName="outside")["analyzer"]
    assert found.pop("createdAt")
    assert found == {
        "arn": arn,
        "name": "outside",
        "type": "ACCOUNT",
        "status": "ACTIVE",
        "tags": {"team": "fraud"},
    }
    analyzer.create_archive_rule(analyzerName="outside", ruleName="known", filter={"resource": {"eq": ["a"]}})
    analyzer.update_archive_rule(analyzerName="outside", ruleName="known", filter={"resource": {"eq": ["b"]}})
    rule = analyzer.get_archive_rule(analyzerName="outside", ruleName="known")["archiveRule"]
    assert rule["filter"] == {"resource": {"eq": ["b"]}}
    analyzer.delete_analyzer(analyzerName="outside")
    with pytest.raises(analyzer.exceptions.ResourceNotFoundException):
        analyzer.get_analyzer(analyzerName="outside")


def test_the_same_name_twice_is_a_conflict(aws: EmulatedAws) -> None:
    analyzer = aws.client("accessanalyzer")
    analyzer.create_analyzer(analyzerName="once", type="ACCOUNT")
    with pytest.raises(analyzer.exceptions.ConflictException):
        analyzer.create_analyzer(analyzerName="once", type="ACCOUNT")


def test_accounts_and_regions_do_not_share_what_is_stored(aws: EmulatedAws) -> None:
    other = aws.new_account("other")
    aws.client("accessanalyzer").create_analyzer(analyzerName="mine", type="ACCOUNT")
    assert aws.client("accessanalyzer", other).list_analyzers()["analyzers"] == []


def test_lists_filter_and_come_in_pages(aws: EmulatedAws) -> None:
    account = aws.new_account("pages")
    analyzer = aws.client("accessanalyzer", account)
    for number in range(5):
        analyzer.create_analyzer(analyzerName=f"a{number}", type="ORGANIZATION" if number == 4 else "ACCOUNT")
    pages = list(analyzer.get_paginator("list_analyzers").paginate(type="ACCOUNT", PaginationConfig={"PageSize": 3}))
    assert [[found["name"] for found in page["analyzers"]] for page in pages] == [["a0", "a1", "a2"], ["a3"]]


def test_identifiers_are_generated_and_equal_in_every_answer(aws: EmulatedAws) -> None:
    connections = aws.client("codeconnections")
    arn = connections.create_connection(ConnectionName="git", ProviderType="GitHub")["ConnectionArn"]
    assert arn.startswith(f"arn:aws:codeconnections:{REGION}:{MANAGEMENT}:connection/")
    assert connections.get_connection(ConnectionArn=arn)["Connection"]["ConnectionName"] == "git"
    assert [found["ConnectionArn"] for found in connections.list_connections()["Connections"]] == [arn]


def test_a_rest_service_takes_its_identifiers_from_path_and_query(aws: EmulatedAws) -> None:
    artifacts = aws.client("codeartifact")
    artifacts.create_domain(domain="acme", tags=[{"key": "team", "value": "fraud"}])
    artifacts.create_repository(domain="acme", repository="models", description="packages")
    domain = artifacts.describe_domain(domain="acme")["domain"]
    assert (domain["name"], domain["owner"], domain["status"]) == ("acme", MANAGEMENT, "Active")
    artifacts.update_repository(domain="acme", repository="models", description="wheels")
    assert artifacts.describe_repository(domain="acme", repository="models")["repository"]["description"] == "wheels"
    assert [r["name"] for r in artifacts.list_repositories_in_domain(domain="acme")["repositories"]] == ["models"]
    assert artifacts.list_tags_for_resource(resourceArn=domain["arn"])["tags"] == [{"key": "team", "value": "fraud"}]


def test_a_domain_reads_back_as_requested_with_defaults_of_aws(aws: EmulatedAws, studio: str) -> None:
    found = aws.client("sagemaker").describe_domain(DomainId=studio)
    assert found["DomainArn"] == f"arn:aws:sagemaker:{REGION}:{MANAGEMENT}:domain/{studio}"
    assert (found["Status"], found["AppNetworkAccessType"]) == ("InService", "VpcOnly")
    assert found["DefaultUserSettings"]["SharingSettings"] == {"NotebookOutputOption": "Disabled"}
    assert found["Url"].startswith("https://")
    assert found["HomeEfsFileSystemId"]
    assert found["CreationTime"]


def test_an_update_changes_what_it_names_and_leaves_the_rest(aws: EmulatedAws, studio: str) -> None:
    sagemaker = aws.client("sagemaker")
    before = sagemaker.describe_domain(DomainId=studio)
    ec2, network = aws.client("ec2"), {"VpcId": before["VpcId"]}
    groups = [ec2.create_security_group(GroupName=name, Description="a", **network)["GroupId"] for name in "bc"]
    sagemaker.update_domain(
        DomainId=studio,
        DefaultUserSettings={"SecurityGroups": groups},
        DomainSettingsForUpdate={"DockerSettings": {"EnableDockerAccess": "ENABLED"}},
    )
    found = sagemaker.describe_domain(DomainId=studio)
    assert found["DefaultUserSettings"]["SecurityGroups"] == groups
    assert found["DefaultUserSettings"]["SharingSettings"] == {"NotebookOutputOption": "Disabled"}
    assert found["DomainSettings"]["DockerSettings"] == {"EnableDockerAccess": "ENABLED"}


def test_children_of_a_domain_require_it_and_prevent_its_deletion(aws: EmulatedAws) -> None:
    account = aws.new_account("holder")
    sagemaker = aws.client("sagemaker", account)
    domain = make_domain(aws, account)["DomainId"]
    with pytest.raises(ClientError, match="d-000000000000 does not exist"):
        sagemaker.create_user_profile(DomainId="d-000000000000", UserProfileName="ada")
    profile = sagemaker.create_user_profile(DomainId=domain, UserProfileName="ada")["UserProfileArn"]
    assert profile.endswith(f":user-profile/{domain}/ada")
    sagemaker.create_space(DomainId=domain, SpaceName="shared")
    assert [s["SpaceName"] for s in sagemaker.list_spaces(DomainIdEquals=domain)["Spaces"]] == ["shared"]
    with pytest.raises(sagemaker.exceptions.ResourceInUse):
        sagemaker.delete_domain(DomainId=domain)
    sagemaker.delete_user_profile(DomainId=domain, UserProfileName="ada")
    sagemaker.delete_space(DomainId=domain, SpaceName="shared")
    sagemaker.delete_domain(DomainId=domain)
    with pytest.raises(sagemaker.exceptions.ResourceNotFound):
        sagemaker.describe_domain(DomainId=domain)


def test_lifecycle_and_image_configurations_read_back(aws: EmulatedAws) -> None:
    sagemaker = aws.client("sagemaker")
    sagemaker.create_studio_lifecycle_config(
        StudioLifecycleConfigName="idle", StudioLifecycleConfigContent="eA==", StudioLifecycleConfigAppType="JupyterLab"
    )
    found = sagemaker.describe_studio_lifecycle_config(StudioLifecycleConfigName="idle")
    assert (found["StudioLifecycleConfigContent"], found["StudioLifecycleConfigAppType"]) == ("eA==", "JupyterLab")
    sagemaker.create_app_image_config(AppImageConfigName="lab", JupyterLabAppImageConfig={})
    sagemaker.update_app_image_config(
        AppImageConfigName="lab", JupyterLabAppImageConfig={"ContainerConfig": {"ContainerArguments": ["-x"]}}
    )
    config = sagemaker.describe_app_image_config(AppImageConfigName="lab")["JupyterLabAppImageConfig"]
    assert config == {"ContainerConfig": {"ContainerArguments": ["-x"]}}


@pytest.mark.parametrize("service", ["accessanalyzer", "sagemaker"])
def test_tags_are_added_overwritten_removed_and_listed(aws: EmulatedAws, studio: str, service: str) -> None:
    client = aws.client(service)
    if service == "sagemaker":
        arn = client.describe_domain(DomainId=studio)["DomainArn"]
        client.add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "churn"}, {"Key": "cost", "Value": "1"}])
        client.delete_tags(ResourceArn=arn, TagKeys=["cost"])
        assert client.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "churn"}]
    else:
        arn = client.create_analyzer(analyzerName="tagged", type="ACCOUNT", tags={"team": "fraud"})["arn"]
        client.tag_resource(resourceArn=arn, tags={"team": "churn", "cost": "1"})
        client.untag_resource(resourceArn=arn, tagKeys=["cost"])
        assert client.list_tags_for_resource(resourceArn=arn)["tags"] == {"team": "churn"}


def test_stored_and_emulated_resources_are_found_by_tag(aws: EmulatedAws) -> None:
    account = aws.new_account("tagged")
    tag = {"Key": "plinth:use-case", "Value": "score"}
    domain = aws.client("accessanalyzer", account).create_analyzer(
        analyzerName="found", type="ACCOUNT", tags={tag["Key"]: tag["Value"]}
    )["arn"]
    topic = aws.client("sns", account).create_topic(Name="found", Tags=[tag])["TopicArn"]
    aws.client("accessanalyzer", account).create_analyzer(analyzerName="unmarked", type="ACCOUNT")
    tagging = aws.client("resourcegroupstaggingapi", account)
    found = tagging.get_resources(TagFilters=[{"Key": tag["Key"], "Values": [tag["Value"]]}])
    assert {mapping["ResourceARN"] for mapping in found["ResourceTagMappingList"]} == {domain, topic}
    only = tagging.get_resources(ResourceTypeFilters=["access-analyzer:analyzer"], TagFilters=[{"Key": tag["Key"]}])
    assert [mapping["ResourceARN"] for mapping in only["ResourceTagMappingList"]] == [domain]


@pytest.mark.parametrize(
    ("parameters", "complaint"),
    [
        ({"analyzerName": "9 lives", "type": "ACCOUNT"}, "regular expression"),
        ({"analyzerName": "fine", "type": "GALAXY"}, r"enum value set: \[ACCOUNT, ORGANIZATION"),
        ({"analyzerName": "a" * 256, "type": "ACCOUNT"}, "length less than or equal to 255"),
        ({"type": "ACCOUNT"}, "'analyzerName' failed to satisfy constraint: Member must not be null"),
    ],
)
def test_a_request_that_violates_the_model_is_refused_with_the_services_error(
    aws: EmulatedAws, parameters: dict[str, Any], complaint: str
) -> None:
    analyzer = aws.client("accessanalyzer", checked=False)
    with pytest.raises(analyzer.exceptions.ValidationException, match=complaint):
        analyzer.create_analyzer(**parameters)


def test_a_refusal_lists_every_violation_of_a_request(aws: EmulatedAws) -> None:
    sagemaker = aws.client("sagemaker")
    with pytest.raises(ClientError) as refused:
        sagemaker.create_studio_lifecycle_config(
            StudioLifecycleConfigName="not a name",
            StudioLifecycleConfigContent="eA==",
            StudioLifecycleConfigAppType="Spreadsheet",
        )
    assert code_of(refused) == "ValidationException"
    assert "2 validation errors detected" in str(refused.value)


def test_a_missing_operation_on_a_noun_of_moto_is_not_answered_with_not_found(aws: EmulatedAws) -> None:
    athena = aws.client("athena")
    statement = {"StatementName": "one", "WorkGroup": "primary"}
    athena.create_prepared_statement(**statement, QueryStatement="SELECT 1")
    with pytest.raises(ClientError) as refused:
        athena.delete_prepared_statement(**statement)
    assert code_of(refused) == "NotImplementedBySandbox"


def test_a_space_in_which_an_app_runs_cannot_be_deleted(aws: EmulatedAws, studio: str) -> None:
    sagemaker = aws.client("sagemaker")
    space = {"DomainId": studio, "SpaceName": "ana-jupyterlab"}
    app = {**space, "AppType": "JupyterLab", "AppName": "default"}
    sagemaker.create_space(**space)
    sagemaker.create_app(**app)
    with pytest.raises(sagemaker.exceptions.ResourceInUse):
        sagemaker.delete_space(**space)
    sagemaker.delete_app(**app)
    sagemaker.delete_space(**space)
    assert sagemaker.list_spaces(DomainIdEquals=studio)["Spaces"] == []


def test_image_versions_are_numbered_and_numbers_are_not_reused(aws: EmulatedAws) -> None:
    sagemaker = aws.client("sagemaker")
    sagemaker.create_image(ImageName="torch", RoleArn=aws.role("images", "sagemaker"))
    made = [sagemaker.create_image_version(ImageName="torch", BaseImage=f"repo@{n}")["ImageVersionArn"] for n in "ab"]
    assert [arn.rpartition("/")[2] for arn in made] == ["1", "2"]
    assert sagemaker.describe_image_version(ImageName="torch")["BaseImage"] == "repo@b"
    sagemaker.delete_image_version(ImageName="torch", Version=2)
    assert sagemaker.create_image_version(ImageName="torch", BaseImage="repo@c")["ImageVersionArn"].endswith("/3")
