"""The plugin with the real engine: behaviour that only the combination shows."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pytest
from pulumi import automation

from engine_stacks import Deploy, Program, operations, resource, stack_name, state
from plinth_sandbox.testing import MANAGEMENT, EmulatedAws

pytestmark = pytest.mark.nightly

HEAD = """
import pulumi, pulumi_aws as aws
provider = aws.Provider("here", region="eu-west-1", default_tags={"tags": {"from": "provider"}})
inside = pulumi.ResourceOptions(provider=provider)
"""

DeployFile = Callable[[str], automation.Stack]


@pytest.fixture(scope="module")
def pulumi_home(server: EmulatedAws, pulumi_home: Path) -> Path:
    """Returns a Pulumi home, after the emulated AWS has started."""
    return pulumi_home


@pytest.fixture
def stack_of_file(pulumi_home: Path, request: pytest.FixtureRequest, tmp_path: Path) -> DeployFile:
    """Like `stack`, with the program in its own process, because a program that fails in this process leaves threads
    behind."""
    runtime = {"name": "python", "options": {"virtualenv": sys.prefix}}
    (tmp_path / "Pulumi.yaml").write_text(json.dumps({"name": "conformance", "runtime": runtime}))
    made = automation.create_stack(stack_name(request), work_dir=str(tmp_path))

    def with_program(text: str) -> automation.Stack:
        (tmp_path / "__main__.py").write_text(f"{HEAD}{text}\n")
        return made

    return with_program


def inside(provider: aws.Provider, **more: object) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(provider=provider, **more)


def here() -> aws.Provider:
    tags = aws.ProviderDefaultTagsArgs(tags={"from": "provider"})
    return aws.Provider("here", region="eu-west-1", allowed_account_ids=[MANAGEMENT], default_tags=tags)


def buckets(server: EmulatedAws) -> set[str]:
    return {bucket["Name"] for bucket in server.client("s3").list_buckets()["Buckets"]}


def test_a_second_preview_is_empty_secrets_stay_secret_and_destroyed_resources_are_gone(
    stack: Deploy, server: EmulatedAws
):
    def program() -> None:
        provider = here()
        key = aws.kms.Key("key", description=pulumi.Output.secret("hush"), opts=inside(provider))
        aws.ssm.Parameter("secret", type="SecureString", value=pulumi.Output.secret("hunter2"), opts=inside(provider))
        aws.s3.Bucket("bucket", bucket="acme-tagged", tags={"key": key.arn}, opts=inside(provider))

    deployed = stack(program)
    assert operations(deployed) == {"create": 5}
    deployed.up()
    assert operations(deployed) == {"same": 5}
    written = state(deployed)
    assert "aws:ssm/parameter:Parameter" in written
    assert "hunter2" not in written
    assert "hush" not in written
    assert resource(deployed, "key")["outputs"]["tagsAll"] == {"from": "provider"}
    assert "acme-tagged" in buckets(server)
    deployed.destroy()
    assert "acme-tagged" not in buckets(server)


def test_replacement_of_a_named_bucket_deletes_first_and_of_a_generated_name_creates_first(
    stack: Deploy, server: EmulatedAws
):
    def program(locked: bool) -> Program:
        def run() -> None:
            provider = here()
            aws.s3.Bucket("named", bucket="acme-named", object_lock_enabled=locked, opts=inside(provider))
            aws.s3.Bucket("generated", object_lock_enabled=locked, opts=inside(provider))

        return run

    deployed = stack(program(False))
    deployed.up()
    before = resource(deployed, "generated")["id"]
    stack(program(True)).up()
    after = resource(deployed, "generated")["id"]
    assert before != after
    assert {"acme-named", after} <= buckets(server)
    assert before not in buckets(server)


def test_an_existing_resource_is_imported_and_then_unchanged(stack: Deploy, server: EmulatedAws):
    kms = server.client("kms")
    identifier = kms.create_key(Description="of old", Tags=[{"TagKey": "from", "TagValue": "provider"}])["KeyMetadata"][
        "KeyId"
    ]

    def program() -> None:
        aws.kms.Key("adopted", description="of old", opts=inside(here(), import_=identifier))

    adopting = stack(program)
    assert operations(adopting)["import"] == 1
    adopting.up()
    assert operations(adopting) == {"same": 3}


def test_an_account_that_exists_is_adopted_under_another_name_and_stays_the_same(stack: Deploy, server: EmulatedAws):
    organizations = server.client("organizations")
    account_id = server.new_account("adopted")
    organizations.enable_aws_service_access(ServicePrincipal="account.amazonaws.com")
    root = organizations.list_roots()["Roots"][0]["Id"]
    email = organizations.describe_account(AccountId=account_id)["Account"]["Email"]

    def program() -> None:
        aws.organizations.Account(
            "adopted",
            name="acme-build",
            email=email,
            parent_id=root,
            opts=inside(here(), import_=account_id),
        )

    adopting = stack(program)
    adopting.up()
    assert resource(adopting, "adopted")["id"] == account_id
    assert organizations.describe_account(AccountId=account_id)["Account"]["Name"] == "acme-build"
    assert operations(adopting) == {"same": 3}


def test_a_refresh_finds_a_deleted_resource_and_an_update_creates_it_again(stack: Deploy, server: EmulatedAws):
    def program() -> None:
        aws.s3.Bucket("bucket", bucket="acme-deleted", opts=inside(here()))

    deployed = stack(program)
    deployed.up()
    server.client("s3").delete_bucket(Bucket="acme-deleted")
    deployed.refresh()
    assert operations(deployed) == {"create": 1, "same": 2}
    deployed.up()
    assert server.client("s3").head_bucket(Bucket="acme-deleted")


def test_invalid_inputs_stop_the_preview_with_the_path_of_the_property(stack_of_file: DeployFile):
    rule = {"apply_server_side_encryption_by_default": {"sse_algorithm": 7}}
    text = f"aws.s3.BucketServerSideEncryptionConfiguration('faulty', bucket='b', rules=[{rule}], opts=inside)"
    with pytest.raises(automation.CommandError, match=r"rules\[0\]\.applyServerSideEncryptionByDefault\.sseAlgorithm"):
        stack_of_file(text).preview()


def test_a_provider_whose_account_does_not_exist_yet_can_be_previewed(stack: Deploy):
    def program() -> None:
        key = aws.kms.Key("key", opts=inside(here()))
        role = key.key_id.apply(lambda _: "arn:aws:iam::123456789012:role/OrganizationAccountAccessRole")
        assumed = aws.ProviderAssumeRoleArgs(role_arn=role)
        there = aws.Provider("there", region="eu-west-1", assume_roles=[assumed])
        aws.s3.Bucket("bucket", opts=inside(there))

    assert operations(stack(program)) == {"create": 5}


def test_an_incomplete_resource_is_completed_by_the_next_update(stack_of_file: DeployFile, server: EmulatedAws):
    def program(tags: dict[str, str]) -> str:
        service = "aws_service_name='guardduty.amazonaws.com'"
        return f"aws.iam.ServiceLinkedRole('role', {service}, tags={tags}, opts=inside)"

    with pytest.raises(automation.CommandError, match="TagRole"):
        stack_of_file(program({"aws:reserved": "1"})).up()
    whole = stack_of_file(program({"own": "1"}))
    whole.up()
    (role,) = server.client("iam").list_roles(PathPrefix="/aws-service-role/guardduty")["Roles"]
    tags = server.client("iam").list_role_tags(RoleName=role["RoleName"])["Tags"]
    assert {tag["Key"] for tag in tags} == {"own", "from"}
    assert operations(whole) == {"same": 3}
