import json
import re
from fnmatch import fnmatchcase

import pytest

from components.identity.releases.function_role import FunctionRole
from components.identity.releases.promotion_pipeline_role import PromotionPipelineRole
from components.identity.releases.promotion_role import PromotionRole
from components.identity.releases.release_program_role import ReleaseProgramRole
from components.identity.releases.release_role import RELEASE_ACTIONS, ReleaseRole
from components.identity.use_cases.batch_role import BatchRole
from components.identity.use_cases.batch_start_role import BatchStartRole
from components.identity.use_cases.contributor_role import ContributorRole
from components.identity.use_cases.image_role import ImageRole
from components.identity.use_cases.integration_role import IntegrationRole
from components.identity.use_cases.mirror_role import MirrorRole
from components.identity.use_cases.monitor_start_role import MonitorStartRole
from components.identity.use_cases.monitoring_role import MonitoringRole
from components.identity.use_cases.operator_role import OperatorRole
from components.identity.use_cases.pipeline_role import PipelineRole
from components.identity.use_cases.serving_role import ServingRole
from components.identity.use_cases.start_role import StartRole
from components.identity.use_cases.use_case import UseCase
from components.identity.workloads.api_permissions import API_ACTIONS
from components.identity.workloads.package_permissions import Packages
from components.identity.workloads.permissions_boundary import PermissionsBoundary, PermissionsBoundaryArgs
from settings.data.ml_layout import QUERIES
from settings.types.errors import SettingsError
from tests.support.documents import as_list, statements
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, BOUNDARY, KEY, ORGANIZATION, REGION, TOOLING

ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
BUCKET = "arn:aws:s3:::ml-dev-fraud"
REGISTRY = "arn:aws:s3:::acme-artifacts"
SOURCES = "arn:aws:s3:::acme-promotions-scoring"
SCORING = UseCase(team="fraud", name="scoring", region=REGION)
EXPERIMENTS = "333333333333"
"""Account of experimentation."""
WRITES = ("Create", "Delete", "Put", "Update", "Start", "Stop", "Pass", "Assume")

HERE = {"account_id": ACCOUNT, "boundary_arn": BOUNDARY}
SERVED = {
    "use_case": SCORING,
    "environment": "production",
    "organization_id": ORGANIZATION,
    "bucket_arn": BUCKET,
    "key_arn": KEY,
    "registry_bucket_arn": REGISTRY,
    "registry_key_arn": KEY,
    **HERE,
}
PROMOTED = {
    "use_case": SCORING,
    "account_id": TOOLING,
    "organization_id": ORGANIZATION,
    "bucket_arn": REGISTRY,
    "key_arn": KEY,
    "boundary_arn": BOUNDARY,
    "source_bucket_arn": SOURCES,
    "image_repository_arn": f"arn:aws:ecr:{REGION}:{TOOLING}:repository/plinth",
}
STUDIOS = [(EXPERIMENTS, ["experimentation"]), (ACCOUNT, ["development"])]
ROLES = {
    "contributor": ContributorRole(
        use_case=SCORING,
        account_id=TOOLING,
        organization_id=ORGANIZATION,
        studios=STUDIOS,
        key_arn=KEY,
        boundary_arn=BOUNDARY,
    ),
    "mirror": MirrorRole(
        use_case=SCORING,
        account_id=TOOLING,
        connection_arn=f"arn:aws:codeconnections:{REGION}:{TOOLING}:connection/fraud--scoring-1",
        key_arn=KEY,
        boundary_arn=BOUNDARY,
    ),
    "integration": IntegrationRole(
        use_case=SCORING,
        account_id=TOOLING,
        development_account_id=ACCOUNT,
        organization_id=ORGANIZATION,
        bucket_arn=REGISTRY,
        key_arn=KEY,
        boundary_arn=BOUNDARY,
        packages=Packages(
            account_id=TOOLING,
            region=REGION,
            domain="acme",
            repository="pypi",
            organization_id=ORGANIZATION,
        ),
    ),
    "images": ImageRole(
        use_case=SCORING,
        account_id=TOOLING,
        organization_id=ORGANIZATION,
        pulled=[],
        key_arn=KEY,
        boundary_arn=BOUNDARY,
    ),
    "operator": OperatorRole(
        use_case=SCORING,
        tooling_account_id=TOOLING,
        organization_id=ORGANIZATION,
        bucket_arn=BUCKET,
        key_arn=KEY,
        **HERE,
    ),
    "start": StartRole(use_case=SCORING, account_id=TOOLING, boundary_arn=BOUNDARY),
    "pipeline": PipelineRole(
        use_case=SCORING,
        tooling_account_id=TOOLING,
        organization_id=ORGANIZATION,
        bucket_arn=BUCKET,
        key_arn=KEY,
        registry_key_arn=KEY,
        registry_bucket_arn=REGISTRY,
        **HERE,
    ),
    "release": ReleaseRole(
        use_case=SCORING,
        environment="production",
        tooling_account_id=TOOLING,
        organization_id=ORGANIZATION,
        key_arn=KEY,
        bucket_arn=BUCKET,
        **HERE,
    ),
    "batch-release": ReleaseRole(
        use_case=SCORING,
        environment="preproduction",
        tooling_account_id=TOOLING,
        organization_id=ORGANIZATION,
        key_arn=KEY,
        bucket_arn=BUCKET,
        inference=["batch"],
        **HERE,
    ),
    "promotion": PromotionRole(released_to=[("production", ACCOUNT)], **PROMOTED),
    "promotion-prod": ReleaseProgramRole(environment="production", release_account_id=ACCOUNT, **PROMOTED),
    "promoter": PromotionPipelineRole(
        use_case=SCORING, account_id=TOOLING, bucket_arn=SOURCES, key_arn=KEY, boundary_arn=BOUNDARY
    ),
    "serving": ServingRole(**SERVED),
    "predict": FunctionRole(use_case=SCORING, environment="production", bucket_arn=BUCKET, key_arn=KEY, **HERE),
    "batches": ServingRole(**SERVED, predicts_in_batches=True),
    "batch": BatchRole(**SERVED),
    "batch-start": BatchStartRole(use_case=SCORING, environment="production", bucket_arn=BUCKET, key_arn=KEY, **HERE),
    "monitoring": MonitoringRole(
        use_case=SCORING,
        environment="production",
        organization_id=ORGANIZATION,
        bucket_arn=BUCKET,
        key_arn=KEY,
        registry_bucket_arn=REGISTRY,
        registry_key_arn=KEY,
        **HERE,
    ),
    "start-monitor": MonitorStartRole(
        use_case=SCORING, environment="production", bucket_arn=BUCKET, key_arn=KEY, **HERE
    ),
}
every_role = pytest.mark.parametrize("role", ROLES)


def made(role):
    return deploy(lambda: ROLES[role].create("it"))


def permissions(role):
    return statements(made(role).one(ROLE_POLICY))


def trust(role):
    (statement,) = statements(made(role).one(ROLE), "assumeRolePolicy").values()
    return statement


def allowed(role):
    granted = [statement for statement in permissions(role).values() if statement["Effect"] == "Allow"]
    return {action for statement in granted for action in as_list(statement["Action"])}


@every_role
def test_a_role_of_a_use_case_has_its_name_as_prefix_and_a_boundary(role):
    inputs = made(role).one(ROLE).inputs
    assert inputs["name"].startswith("fraud--scoring-")
    assert (inputs["permissionsBoundary"], inputs["path"]) == (BOUNDARY, "/plinth/")
    assert inputs["maxSessionDuration"] == 3600


@pytest.mark.requirement("TOOL-06.a")
@every_role
def test_a_role_changes_only_resources_of_its_use_case(role):
    shared = {"JoinNetwork", "WriteMetrics", "WriteLogs", "EncryptVolumes", "SeeNetworkAndRegistry"}
    # AWS assigns the ids of APIs and of scalable targets. Scaling an endpoint also requires its own permissions.
    shared |= {"ChangeApis", "CreateApis", "TagApis", "Scale"}
    for sid, statement in permissions(role).items():
        writes = [action for action in as_list(statement["Action"]) if action.split(":")[1].startswith(WRITES)]
        if not writes or sid in shared:
            continue
        for resource in as_list(statement["Resource"]):
            # Results are returned through the team's access points, to the folder of the team and the environment.
            places = {"batch": "production/", "monitoring": "production/curated/scoring/"}
            place = places.get(role, "development/")
            drop = f":accesspoint/fraud--*--drop/object/results/*/fraud/{place}"
            own = ("fraud--scoring-", "/fraud/scoring/", f"{BUCKET}/scoring/", SOURCES, drop)
            # Queries run in the workgroup of the team's environment, which stores their answers.
            own += (
                ":workgroup/fraud-development",
                ":datacatalog/AwsDataCatalog",
                f"{BUCKET}/{QUERIES}/fraud-development/",
            )
            assert any(part in resource for part in own), f"{sid}: {resource}"


@pytest.mark.requirement("S3-01")
def test_a_role_writes_only_to_the_folder_of_its_use_case_in_an_ml_bucket():
    assert permissions("pipeline")["DataWrite"]["Resource"] == f"{BUCKET}/scoring/*"
    assert permissions("pipeline")["DataList"]["Condition"] == {"StringLike": {"s3:prefix": "scoring/*"}}
    assert permissions("monitoring")["FindingsWrite"]["Resource"] == f"{BUCKET}/scoring/monitoring/results/*"


@pytest.mark.requirement("S3-01")
@every_role
def test_a_role_has_the_use_case_tag_that_ml_buckets_check(role):
    assert made(role).one(ROLE).inputs["tags"] == {"plinth:use-case": "scoring"}


@pytest.mark.requirement("TOOL-06.a", "DEV-01.a", "CI-09")
def test_continuous_integration_assumes_a_role_in_development_only():
    statement = permissions("integration")["OperateInDevelopment"]
    assert statement["Resource"] == f"arn:aws:iam::{ACCOUNT}:role/plinth/fraud--scoring-dev-operator"
    assumed = [s for s in permissions("integration").values() if "sts:AssumeRole" in as_list(s["Action"])]
    assert assumed == [statement]


@pytest.mark.requirement("TOOL-03.b", level="permission")
def test_only_the_role_of_image_builds_pushes_images_and_it_writes_nothing_else():
    pushing = {"ecr:PutImage", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload"}
    assert [role for role in ROLES if pushing & allowed(role)] == ["images"]
    document = permissions("images")
    assert document["PushImages"]["Resource"] == f"arn:aws:ecr:{REGION}:{TOOLING}:repository/fraud/scoring/*"
    assert document["PullBaseImages"]["Condition"] == {"StringNotEquals": {"aws:ResourceAccount": TOOLING}}
    of_builds = {"JoinNetwork", "SeeNetworkAndRegistry", "WriteLogs", "UseTheKeyOfOutput"}
    assert set(document) - of_builds == {"ReadCode", "PullBaseImages", "PushImages"}


def test_a_start_of_an_image_build_replaces_neither_its_commands_nor_its_role():
    statement = permissions("integration")["StartImageBuilds"]
    assert statement["Resource"] == f"arn:aws:codebuild:{REGION}:{TOOLING}:project/fraud--scoring-images"
    assert statement["Condition"]["Null"] == dict.fromkeys(
        [
            "codebuild:environment.image",
            "codebuild:environment.privilegedMode",
            "codebuild:secondarySources",
            "codebuild:serviceRole",
            "codebuild:source.buildspec",
            "codebuild:source.location",
        ],
        "true",
    )
    names = "codebuild:environment.environmentVariables.name"
    assert statement["Condition"]["ForAllValues:StringEquals"] == {names: "TAG"}


@pytest.mark.requirement("DEV-01.a")
def test_pipelines_are_operated_by_the_integration_of_the_same_use_case():
    statement = trust("operator")
    assert statement["Condition"]["ArnEquals"] == {
        "aws:PrincipalArn": f"arn:aws:iam::{TOOLING}:role/plinth/fraud--scoring-integration"
    }
    assert statement["Condition"]["StringEquals"] == {"aws:PrincipalOrgID": ORGANIZATION}
    assert "sagemaker:StartPipelineExecution" in allowed("operator")


def test_named_people_of_the_teams_studios_push_code_and_nobody_else():
    statement = trust("contributor")
    assert statement["Principal"] == {"AWS": [f"arn:aws:iam::{account}:root" for account in (EXPERIMENTS, ACCOUNT)]}
    assert statement["Action"] == ["sts:AssumeRole", "sts:SetSourceIdentity"]
    assert statement["Condition"] == {
        "ArnLike": {
            "aws:PrincipalArn": [
                f"arn:aws:iam::{EXPERIMENTS}:role/plinth/fraud-experimentation-studio-*",
                f"arn:aws:iam::{ACCOUNT}:role/plinth/fraud-development-studio-*",
            ]
        },
        "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION},
        "Null": {"aws:SourceIdentity": "false"},
    }


def test_main_branches_change_by_pull_requests_that_others_merge():
    (denied,) = [permission for permission in permissions("contributor").values() if permission["Effect"] == "Deny"]
    assert denied["Condition"]["StringEqualsIfExists"] == {
        "codecommit:References": ["refs/heads/main", "refs/heads/master"]
    }
    assert {"codecommit:GitPush", "codecommit:MergePullRequest*"} <= {*denied["Action"]}
    assert not [action for action in allowed("contributor") if "Merge" in action or "Approv" in action]


@pytest.mark.parametrize("role", ["contributor", "integration", "mirror"])
def test_whoever_changes_code_uses_the_key_of_the_repositories_through_codecommit_alone(role):
    use = permissions(role)["UseTheKeyOfCode"]
    assert use["Resource"] == KEY
    assert {"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"} == {
        *use["Action"]
    }
    assert use["Condition"] == {"StringEquals": {"kms:ViaService": f"codecommit.{REGION}.amazonaws.com"}}


def test_a_team_without_a_studio_has_nobody_who_pushes_from_one():
    with pytest.raises(ValueError, match="fraud--scoring has no environment with a Studio"):
        ContributorRole(
            use_case=SCORING,
            account_id=TOOLING,
            organization_id=ORGANIZATION,
            studios=[],
            key_arn=KEY,
            boundary_arn=BOUNDARY,
        )


@pytest.mark.requirement("PRE-04.a", level="permission")
@pytest.mark.parametrize(
    ("role", "project"),
    [("integration", "build"), ("images", "images"), ("promotion", "promotion"), ("promotion-prod", "promotion-prod")],
)
def test_a_role_of_builds_is_for_one_project_alone_so_that_builds_cannot_release(role, project):
    assert trust(role)["Principal"] == {"Service": "codebuild.amazonaws.com"}
    assert trust(role)["Condition"] == {
        "StringEquals": {"aws:SourceAccount": TOOLING},
        "ArnLike": {"aws:SourceArn": f"arn:aws:codebuild:{REGION}:{TOOLING}:project/fraud--scoring-{project}"},
    }


@pytest.mark.requirement("TOOL-02.a")
def test_a_pipeline_registers_models_that_wait_for_an_approval():
    statement = permissions("pipeline")["RegisterForApproval"]
    assert statement["Condition"] == {
        "StringEquals": {
            "sagemaker:ModelApprovalStatus": "PendingManualApproval",
            "aws:ResourceOrgID": ORGANIZATION,
        },
        "Null": {"sagemaker:ModelLifeCycle:Stage": "true"},
    }
    assert all(f":{TOOLING}:" in resource for resource in statement["Resource"])


@every_role
def test_no_role_of_a_use_case_approves_models(role):
    deciding = {"sagemaker:UpdateModelPackage", "codepipeline:PutApprovalResult"}
    document = permissions(role)
    given = [permission for permission in document.values() if deciding & set(as_list(permission["Action"]))]
    # The promotion writes metadata only: the condition excludes requests with an approval status or a stage.
    metadata_only = {"Null": {"sagemaker:ModelApprovalStatus": "true", "sagemaker:ModelLifeCycle:Stage": "true"}}
    assert [permission["Condition"] for permission in given] == ([metadata_only] if role == "promotion" else [])


@pytest.mark.requirement("NET-03.c", level="permission")
@pytest.mark.parametrize(("role", "sid"), [("pipeline", "WorkInTheNetwork"), ("release", "MakeModelsInTheNetwork")])
def test_workloads_of_a_use_case_require_a_vpc(role, sid):
    document = permissions(role)
    assert document[sid]["Condition"]["Null"] == {"sagemaker:VpcSubnets": "false"}
    others = {a for other, s in document.items() if other != sid for a in as_list(s["Action"])}
    assert not set(as_list(document[sid]["Action"])) & others


@pytest.mark.requirement("PROD-01.c", "PRE-04.a")
def test_only_the_promotion_pipeline_assumes_the_release_role():
    assert trust("release")["Condition"]["ArnEquals"] == {
        "aws:PrincipalArn": [
            f"arn:aws:iam::{TOOLING}:role/plinth/fraud--scoring-promotion{end}" for end in ("", "-prod")
        ]
    }


@pytest.mark.requirement("PRE-04.a", "PROD-01.c", level="permission")
def test_the_promotion_writes_its_records_and_state_and_enters_only_release_roles():
    statement = permissions("promotion")["Release"]
    assert statement["Resource"] == f"arn:aws:iam::{ACCOUNT}:role/plinth/fraud--scoring-prod-release"
    assert statement["Condition"] == {"StringEquals": {"aws:ResourceOrgID": ORGANIZATION}}
    of_builds = {"ec2:CreateNetworkInterface*", "ec2:DeleteNetworkInterface*", "codebuild:CreateReport"}
    of_builds |= {"codebuild:UpdateReport", "logs:CreateLogStream", "logs:PutLogEvents", "codebuild:BatchPutTestCases"}
    entering = {"sts:AssumeRole"}
    reads = ("Batch", "Describe", "Get", "Git", "List", "Decrypt")
    changes = {action for action in allowed("promotion") if not action.split(":")[1].startswith(reads)}
    own_folders = {"s3:PutObject"}
    metadata = {
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "codepipeline:StopPipelineExecution",
        "sagemaker:UpdateModelPackage",
    }
    assert changes - of_builds - own_folders - metadata == entering
    written = [permissions("promotion")[sid]["Resource"] for sid in ("RecordsWrite", "PrepareStates")]
    layout = f"{REGISTRY}/fraud/scoring/deployments/.pulumi/meta.yaml"
    assert written == [f"{REGISTRY}/fraud/scoring/promotions/*", layout]


@pytest.mark.requirement("PRE-04.a", "PROD-01.c", level="permission")
def test_code_of_the_repository_enters_one_environment_and_writes_its_state_and_no_record_twice():
    role = "promotion-prod"
    statement = permissions(role)["Release"]
    assert statement["Resource"] == f"arn:aws:iam::{ACCOUNT}:role/plinth/fraud--scoring-prod-release"
    writing = {"s3:DeleteObject", "s3:PutObject"}
    found = {
        sid: permission for sid, permission in permissions(role).items() if writing & set(as_list(permission["Action"]))
    }
    assert set(found) == {"StateWrite", "AddFailures"}
    folder = f"{REGISTRY}/fraud/scoring/deployments/.pulumi/"
    states = [arn.removeprefix(folder) for arn in found["StateWrite"]["Resource"]]
    assert all(re.match(r"[a-z/]+/fraud--scoring/fraud-production[./]", state) for state in states)
    assert found["AddFailures"]["Condition"] == {"Null": {"s3:if-none-match": "false"}}
    failures = f"{REGISTRY}/fraud/scoring/promotions/executions/*/failure-production*.json"
    assert found["AddFailures"]["Resource"] == failures
    assert not {action for action in allowed(role) if action.startswith(("codepipeline:", "sagemaker:Update"))}


@pytest.mark.requirement("RT-03", level="permission")
def test_the_function_invokes_the_endpoint_of_its_use_case_and_environment_and_writes_its_log():
    document = permissions("predict")
    assert document["InvokeTheEndpoint"]["Action"] == ["sagemaker:InvokeEndpoint", "sagemaker:InvokeEndpointAsync"]
    assert document["InvokeTheEndpoint"]["Resource"] == (
        f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/fraud--scoring-prod*"
    )
    assert document["WriteLogs"]["Resource"].endswith(":log-group:/aws/lambda/fraud--scoring-prod*")
    assert document["SwitchRead"]["Resource"] == f"{BUCKET}/scoring/monitoring/switch/*"
    read = {"SwitchList", "SwitchRead", "RequestsList", "RequestsRead"}
    assert set(document) - read - {"RequestsWrite", "AcceptedWrite", "UseTheKey"} == {
        "InvokeTheEndpoint",
        "WriteLogs",
        "JoinNetwork",
        "SeeNetwork",
    }
    assert trust("predict")["Principal"] == {"Service": "lambda.amazonaws.com"}


@pytest.mark.requirement("RT-05", level="permission")
def test_asynchronous_requests_and_answers_have_one_folder_of_the_use_case():
    function, model, folder = permissions("predict"), permissions("serving"), f"{BUCKET}/scoring/asynchronous"
    assert function["RequestsRead"]["Resource"] == f"{folder}/*"
    written = {function[sid]["Resource"] for sid in ("RequestsWrite", "AcceptedWrite")}
    assert written == {f"{folder}/requests/*", f"{folder}/accepted/*"}
    assert model["RequestsRead"]["Resource"] == f"{folder}/requests/*"
    answered = {model[sid]["Resource"] for sid in ("AnswersWrite", "FailuresWrite")}
    assert answered == {f"{folder}/answers/*", f"{folder}/failures/*"}


def test_a_release_changes_functions_alarms_and_logs_of_its_use_case_and_environment_only():
    document = permissions("release")
    assert document["ChangeFunctions"]["Resource"].endswith(":function:fraud--scoring-prod*")
    assert document["ShowDashboards"]["Resource"] == f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/fraud--scoring-prod*"
    for sid in ("RollBackByAlarms", "KeepLogs"):
        assert all("fraud--scoring-prod" in resource for resource in document[sid]["Resource"])
    assert not [action for action in allowed("release") if action.startswith("iam:") and action != "iam:PassRole"]


@pytest.mark.requirement("RT-10.a", "RT-10.d", level="permission")
def test_a_release_changes_apis_keys_and_plans_with_its_tags_only():
    document = permissions("release")
    own = {"plinth:use-case": "scoring", "plinth:environment": "production"}
    assert document["CreateApis"]["Condition"]["StringEquals"] == {f"aws:RequestTag/{k}": v for k, v in own.items()}
    assert document["ChangeApis"]["Condition"]["StringEquals"] == {f"aws:ResourceTag/{k}": v for k, v in own.items()}
    for sid, end in (("CreateApis", ""), ("ChangeApis", "/*")):
        paths = {arn.partition("::/")[2] for arn in document[sid]["Resource"]}
        assert paths == {f"{kind}{end}" for kind in ("apikeys", "restapis", "usageplans")}
    assert set(document["TagApis"]["Condition"]) == {"StringEqualsIfExists"}


@pytest.mark.requirement("PROM-09", level="permission")
def test_a_release_creates_models_of_registered_versions_of_main_only():
    resources = permissions("release")["MakeModelsInTheNetwork"]["Resource"]
    assert resources == [
        f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model/fraud--scoring-prod*",
        f"arn:aws:sagemaker:{REGION}:{TOOLING}:model-package/fraud--scoring-main/*",
    ]
    assert permissions("release")["ReadTheRegistry"]["Condition"] == {
        "StringEquals": {"aws:ResourceOrgID": ORGANIZATION}
    }


def test_models_read_their_archive_and_write_captured_requests_and_do_nothing_else_with_data():
    document = permissions("serving")

    def reached_by(action):
        return [statement["Resource"] for statement in document.values() if action in as_list(statement["Action"])]

    folder = f"{BUCKET}/scoring/asynchronous"
    assert reached_by("s3:GetObject") == [f"{REGISTRY}/fraud/scoring/models/*", f"{folder}/requests/*"]
    assert reached_by("s3:PutObject") == [
        f"{BUCKET}/scoring/monitoring/capture/*",
        f"{folder}/answers/*",
        f"{folder}/failures/*",
    ]
    assert "kms:GenerateDataKey" in as_list(document["UseTheKey"]["Action"])
    assert "kms:GenerateDataKey" not in as_list(document["UseTheKeyOfTheRegistry"]["Action"])
    alarms = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:fraud--scoring-*"
    assert reached_by("cloudwatch:DescribeAlarms") == [alarms]
    assert trust("serving")["Principal"] == {"Service": "sagemaker.amazonaws.com"}
    assert trust("serving")["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    assert not [action for action in allowed("serving") if action.startswith(("sagemaker:", "iam:", "sts:"))]


def test_only_rules_of_the_use_case_start_its_builds():
    assert trust("start")["Principal"] == {"Service": "events.amazonaws.com"}
    assert trust("start")["Condition"] == {
        "StringEquals": {"aws:SourceAccount": TOOLING},
        "ArnLike": {"aws:SourceArn": f"arn:aws:events:{REGION}:{TOOLING}:rule/fraud--scoring-*"},
    }


@pytest.mark.requirement("BI-03", level="permission")
def test_batch_inference_predicts_encrypted_and_creates_no_models():
    found = permissions("batch")
    keys = found["PredictEncrypted"]["Condition"]["ArnEquals"]
    assert keys == {"sagemaker:OutputKmsKey": KEY, "sagemaker:VolumeKmsKey": KEY}
    creates = {
        action for permission in found.values() for action in as_list(permission["Action"]) if ":Create" in action
    }
    assert {action for action in creates if action.startswith("sagemaker:")} == {
        "sagemaker:CreateProcessingJob",
        "sagemaker:CreateTransformJob",
    }
    assert as_list(found["OutputsWrite"]["Resource"]) == [f"{BUCKET}/scoring/*/ml-pipeline-outputs/*"]


def test_the_start_of_batch_inference_reads_markers_alone():
    found = permissions("batch-start")
    read = [permission for permission in found.values() if "s3:GetObject" in as_list(permission["Action"])]
    assert [as_list(permission["Resource"]) for permission in read] == [[f"{BUCKET}/scoring/*/input/_SUCCESS"]]


@pytest.mark.requirement("RT-02", level="permission")
@pytest.mark.parametrize("role", ["release", "serving", "predict"])
def test_no_role_of_real_time_serving_reads_the_lake_or_fetches_data(role):
    services = {action.partition(":")[0] for action in allowed(role)}
    assert not services & {"athena", "glue", "lakeformation", "redshift-data", "elasticmapreduce", "states"}
    read = {
        arn.removeprefix("arn:aws:s3:::").partition("/")[0]
        for statement in permissions(role).values()
        if any(action.startswith("s3:Get") for action in as_list(statement["Action"]))
        for arn in as_list(statement["Resource"])
    }
    assert read <= {arn.removeprefix("arn:aws:s3:::") for arn in (BUCKET, REGISTRY)}


def test_models_reach_runs_only_if_they_predict_in_batches():
    usual, batches = permissions("serving"), permissions("batches")
    assert set(batches) - set(usual) == {"FeaturesList", "FeaturesRead", "PredictionsWrite"}
    assert as_list(batches["PredictionsWrite"]["Resource"]) == [f"{BUCKET}/scoring/*/ml-pipeline-outputs/predictions/*"]


def test_models_read_features_only_if_the_settings_let_them_call_aws():
    reading = deploy(lambda: ServingRole(**SERVED, reads_features=True).create("it")).one(ROLE_POLICY)
    further = statements(reading).keys() - permissions("serving").keys()
    assert further == {"ReadFeatures", "DecryptFeatures"}


@every_role
def test_roles_are_passed_by_name_and_to_one_service_only(role):
    for statement in permissions(role).values():
        if "iam:PassRole" in as_list(statement["Action"]):
            for passed in as_list(statement["Resource"]):
                assert "*" not in passed
                service = "lambda" if passed.endswith(("-predict", "-start-batch", "-start-monitor")) else "sagemaker"
                assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": f"{service}.amazonaws.com"}}


def test_monitoring_reads_captures_and_versions_and_changes_nothing_of_sagemaker():
    document = permissions("monitoring")
    assert not [action for action in allowed("monitoring") if action.startswith(("sagemaker:", "iam:", "sts:"))]
    assert document["EvidenceRead"]["Resource"] == f"{BUCKET}/scoring/monitoring/*"
    assert document["ReadVersions"]["Resource"] == [
        f"{REGISTRY}/fraud/scoring/models/*/{file}" for file in ("constraints.json", "model.tar.gz", "statistics.json")
    ]
    assert document["WriteMetrics"]["Condition"] == {"StringLike": {"cloudwatch:namespace": "plinth/fraud/scoring*"}}


def test_the_start_of_monitoring_gives_its_job_the_role_for_monitoring_and_reads_no_data():
    document = permissions("start-monitor")
    assert document["GiveTheJobItsRole"]["Resource"] == (
        f"arn:aws:iam::{ACCOUNT}:role/plinth/fraud--scoring-prod-monitoring"
    )
    assert document["CodeWrite"]["Resource"] == f"{BUCKET}/scoring/monitoring/code/*"
    assert not [action for action in allowed("start-monitor") if action.startswith("s3:Get")]


@pytest.mark.requirement("CI-08.b", level="permission")
def test_builds_comment_commits_of_their_own_repository_only():
    statements = permissions("integration").values()
    (comment,) = [statement for statement in statements if "Comment" in str(statement["Action"])]
    assert as_list(comment["Action"]) == ["codecommit:PostCommentForComparedCommit"]
    assert comment["Resource"] == f"arn:aws:codecommit:{REGION}:{TOOLING}:fraud--scoring-build"


@pytest.mark.requirement("BR-07", "AMB-07.b")
@pytest.mark.parametrize(
    ("role", "deleted"),
    [
        ("integration", {"/fraud/scoring/models/feature-*", "/fraud/scoring/branches/open/*"}),
        ("operator", {"/scoring/feature-*"}),
        ("pipeline", set()),
    ],
)
def test_builds_delete_objects_of_feature_branches_only(role, deleted):
    statements = [
        permission for permission in permissions(role).values() if "s3:DeleteObject" in as_list(permission["Action"])
    ]
    bucket = {"integration": REGISTRY, "operator": BUCKET, "pipeline": BUCKET}[role]
    assert {arn.removeprefix(bucket) for statement in statements for arn in as_list(statement["Resource"])} == deleted


@every_role
def test_no_role_of_a_use_case_has_permissions_outside_the_boundary(role):
    args = PermissionsBoundaryArgs(
        policy_name="boundary",
        account_id=ACCOUNT,
        organization_id=ORGANIZATION,
        resource_account_ids=[ACCOUNT, TOOLING],
        region=REGION,
        installs_packages=role == "integration",
        delivers=role
        in ("contributor", "images", "integration", "mirror", "promoter", "promotion", "promotion-prod", "start"),
        additional_actions=(*API_ACTIONS, *RELEASE_ACTIONS)
        if role in ("release", "batch-release", "serving", "monitoring", "predict")
        else (),
    )
    document = statements(deploy(lambda: PermissionsBoundary("boundary", args)).one("aws:iam/policy:Policy"))
    allowed_by_boundary = [p for s in document.values() if s["Effect"] == "Allow" for p in as_list(s["Action"])]
    assert not [
        action for action in allowed(role) if not any(fnmatchcase(action, pattern) for pattern in allowed_by_boundary)
    ]
    assert len(json.dumps({"Statement": list(document.values())}, separators=(",", ":"))) < 6144


def test_builds_install_from_the_repository_of_the_organization_and_publish_nothing():
    by_sid = statements(made("integration").one(ROLE_POLICY))
    domain = f"arn:aws:codeartifact:{REGION}:{TOOLING}:domain/acme"
    repository = f"arn:aws:codeartifact:{REGION}:{TOOLING}:repository/acme/pypi"
    about = {
        action: statement["Resource"]
        for statement in by_sid.values()
        for action in as_list(statement["Action"])
        if action.startswith("codeartifact:")
    }
    actions = ("GetAuthorizationToken", "ReadFromRepository")
    assert about == {f"codeartifact:{action}": [domain, repository] for action in actions}
    bearer = {"StringEquals": {"sts:AWSServiceName": "codeartifact.amazonaws.com"}}
    assert by_sid["BearTokensOfCodeArtifact"]["Condition"] == bearer


def test_only_boundaries_with_delivery_allow_assuming_roles_in_other_accounts():
    args = PermissionsBoundaryArgs(
        policy_name="boundary",
        account_id=ACCOUNT,
        organization_id=ORGANIZATION,
        resource_account_ids=[ACCOUNT],
        region=REGION,
    )
    document = statements(deploy(lambda: PermissionsBoundary("boundary", args)).one("aws:iam/policy:Policy"))
    assert "EnterRolesOfUseCases" not in document


def test_a_use_case_whose_roles_would_have_too_long_a_name_is_refused():
    long = UseCase(team="a" * 12, name="b" * 45, region=REGION)
    with pytest.raises(SettingsError, match="a role name has at most 64"):
        long.role_name("monitoring", "production")
