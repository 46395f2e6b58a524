import pytest

from components.storage.ml_access import MAX_POLICY_BYTES, MlBucketUsers, refusals
from components.storage.private_bucket import PrivateBucket, PrivateBucketArgs
from iam_evaluator.evaluation import decide
from iam_evaluator.policy_document import Policy
from iam_evaluator.request import Account, Principal, Request, Resource
from settings.data.ml_layout import GROUND_TRUTH, Build, GroundTruth, InputHistory, Monitoring, QueryResults, Snapshot
from settings.team.use_case import MAX_USE_CASES
from settings.types.aws.bucket_names import ml_bucket_name
from settings.types.build_id import branch_folder
from settings.types.kinds import ENVIRONMENTS
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, KEY, ORGANIZATION

POLICY = "aws:s3/bucketPolicy:BucketPolicy"
BEYOND_EXPERIMENTATION = ("development", "preproduction", "production")
BUILD = Build(use_case="scoring", build_id="20220621T101500-1a2b3c4")
SNAPSHOT = Snapshot(use_case="scoring", model="fraud--scoring", version=7).key("train.csv")
MODEL = BUILD.outputs("train").key("model.tar.gz")
OWN = Account(id=ACCOUNT, organization_id=ORGANIZATION)
WRITE = {"s3:ObjectCreationOperation": ["true"]}
FIRST_WRITE = WRITE | {"s3:if-none-match": ["*"]}


def document(environment="experimentation", use_cases=("scoring", "disputes"), *, bucket="ml", team="fraud"):
    use = MlBucketUsers(
        environment=environment,
        label=f"{team}-{environment}",
        team=team,
        account_id=ACCOUNT,
        use_cases=use_cases,
    )

    def private():
        args = PrivateBucketArgs(
            bucket_name=bucket,
            key_arn=KEY,
            organization_id=ORGANIZATION,
            log_bucket_name="logs",
            statements=lambda arn: refusals(arn, use),
        )
        return PrivateBucket("ml", args)

    return deploy(private).one(POLICY).inputs["policy"]


def role(name, path="/plinth/", **tags):
    tags = {f"plinth:{key.replace('_', '-')}": value for key, value in tags.items()}
    return Principal(name=name, account=OWN, role_arn=f"arn:aws:iam::{ACCOUNT}:role{path}{name}", tags=tags)


def person():
    return role("AWSReservedSSO_DataScientist_1", "/aws-reserved/sso.amazonaws.com/")


def refused(principal, key, action="s3:PutObject", environment="experimentation", extra=None):
    """Returns the statements of the bucket policy that deny a request."""
    resource = Resource(arn=f"arn:aws:s3:::ml/{key}", account=OWN, policy=Policy.parse("ml", document(environment)))
    asked = Request(principal=principal, action=action, resource=resource, extra=WRITE if extra is None else extra)
    return {reason.sid for reason in decide(asked).denials}


@pytest.mark.requirement("S3-01")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("key", [MODEL, InputHistory(use_case="disputes").key("a"), BUILD.code().key("a")])
def test_workload_roles_may_write_every_key_of_the_layout(environment, key):
    assert refused(role(f"fraud-{environment}-execution"), key, environment=environment) == set()


@pytest.mark.requirement("S3-01")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize(
    "key", ["data.csv", "tmp/data.csv", "users/ana/a", "scoring2/input/a", "scoring.csv", "/scoring/input/a"]
)
def test_nobody_writes_outside_the_layout(environment, key):
    assert "RefuseKeysOutsideTheLayout" in refused(role(f"fraud-{environment}-execution"), key, environment=environment)


@pytest.mark.requirement("S3-01")
@pytest.mark.parametrize("action", ["s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"])
def test_a_role_of_a_use_case_cannot_change_data_of_another(action):
    pipeline = role("fraud--scoring-dev-pipeline", use_case="scoring")
    assert refused(pipeline, MODEL, action) == set()
    assert refused(pipeline, QueryResults(workgroup="fraud").key("1.csv"), action) == set()
    other = InputHistory(use_case="disputes").key("a")
    assert refused(pipeline, other, action) == {"RefuseOtherUseCases"}
    assert refused(role("fraud--disputes-dev-pipeline", use_case="disputes"), other, action) == set()


@pytest.mark.requirement("S3-09.c")
def test_a_snapshot_is_written_once():
    pipeline = role("fraud-experimentation-pipeline")
    assert refused(pipeline, SNAPSHOT) == {"RefuseReplacedSnapshots"}
    assert refused(pipeline, SNAPSHOT, extra=FIRST_WRITE) == set()
    assert refused(pipeline, MODEL) == set()
    # Parts of a multipart upload have no such header; the request that completes it does.
    assert refused(pipeline, SNAPSHOT, extra={"s3:ObjectCreationOperation": ["false"]}) == set()


@pytest.mark.requirement("S3-09.c")
@pytest.mark.parametrize("action", ["s3:DeleteObject", "s3:DeleteObjectVersion"])
@pytest.mark.parametrize("name", ["fraud-experimentation-execution", "fraud--scoring-dev-pipeline"])
def test_workloads_cannot_delete_snapshots_but_destroying_the_environment_does(name, action):
    assert refused(role(name), SNAPSHOT, action) == {"RefuseRemovedSnapshots"}
    assert refused(role(name), MODEL, action) == set()
    assert refused(role("platform-deployer"), SNAPSHOT, action) == set()


@pytest.mark.requirement("S3-05")
def test_artifacts_of_branches_may_be_deleted():
    key = Build(use_case="scoring", build_id=BUILD.build_id, branch=branch_folder("feature/x")).code().key("a")
    assert refused(role("fraud--scoring-dev-pipeline", use_case="scoring"), key, "s3:DeleteObject") == set()


@pytest.mark.parametrize("environment", BEYOND_EXPERIMENTATION)
def test_beyond_experimentation_only_workload_roles_write(environment):
    assert "RefusePeople" in refused(person(), MODEL, environment=environment)
    assert "RefusePeople" in refused(role(f"people-fraud-{environment}-x"), MODEL, environment=environment)
    assert refused(role("fraud--scoring-prod-serving"), MODEL, environment=environment) == set()
    assert refused(person(), MODEL, "s3:GetObject", environment=environment) == set()


@pytest.mark.parametrize("environment", BEYOND_EXPERIMENTATION)
def test_people_may_upload_ground_truth_and_nothing_else(environment):
    truth = GroundTruth(use_case="scoring").key("2026/11/27/10/1.jsonl")
    assert refused(person(), truth, environment=environment) == set()
    for other in (Monitoring(use_case="scoring", part="results", subject="00003").key("x"), f"{GROUND_TRUTH}/x"):
        assert "RefusePeople" in refused(person(), other, environment=environment)


def test_in_experimentation_people_may_store_query_results():
    assert refused(person(), QueryResults(workgroup="fraud").key("1.csv")) == set()


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_as_many_use_cases_as_a_team_may_have_fit_the_policy_of_a_bucket(environment):
    team, region = "a" * 12, "ap-southeast-1"
    name = ml_bucket_name(environment, team, account_id=ACCOUNT, region=region)
    use_cases = [f"{number:a>12}" for number in range(MAX_USE_CASES)]
    assert len(document(environment, use_cases, bucket=name, team=team).encode()) <= MAX_POLICY_BYTES
