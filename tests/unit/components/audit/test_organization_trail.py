import pytest

from components.audit.trail.organization_trail import OrganizationTrail, OrganizationTrailArgs
from settings.types.aws.bucket_names import ml_bucket_name, organization_bucket_name
from settings.types.kinds import ENVIRONMENTS
from settings.types.naming import ML_BUCKET_PREFIX, RECORDED_BUCKET_PURPOSES, recorded_bucket_prefixes
from tests.support.documents import statements
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, BOUNDARY, KEY, TOOLING

TRAIL = "aws:cloudtrail/trail:Trail"


def trail(**changes):
    args = {
        "trail_name": "acme-organization",
        "owner_account_id": TOOLING,
        "log_bucket_name": "archive",
        "key_arn": KEY,
        "log_group_name": "/plinth/audit/trail",
        "role_name": "audit-trail",
        "boundary_arn": BOUNDARY,
        "recorded_buckets": recorded_bucket_prefixes("acme"),
    } | changes
    return OrganizationTrail("trail", OrganizationTrailArgs(**args))


def data_selectors(*, read=True, **changes):
    """Returns the data event selectors: for reads and writes, or for writes only."""
    (data,) = (
        fields
        for selector in deploy(lambda: trail(**changes)).one(TRAIL).inputs["advancedEventSelectors"]
        if (fields := {f["field"]: f for f in selector["fieldSelectors"]})["eventCategory"]["equals"] == ["Data"]
        and ("readOnly" not in fields) is read
    )
    return data


@pytest.mark.requirement("AUD-03")
def test_the_trail_covers_all_accounts_and_regions_with_file_validation():
    inputs = deploy(trail).one(TRAIL).inputs
    switches = ("isOrganizationTrail", "isMultiRegionTrail", "includeGlobalServiceEvents", "enableLogFileValidation")
    assert [inputs[name] for name in (*switches, "enableLogging")] == [True] * 5
    assert (inputs["s3BucketName"], inputs["kmsKeyId"]) == ("archive", KEY)


def test_all_management_events_are_recorded():
    selectors = deploy(trail).one(TRAIL).inputs["advancedEventSelectors"]
    assert [{"field": "eventCategory", "equals": ["Management"]}] in [s["fieldSelectors"] for s in selectors]


@pytest.mark.parametrize("purpose", RECORDED_BUCKET_PURPOSES)
def test_reads_and_writes_of_lake_artifacts_and_state_are_recorded(purpose):
    bucket = f"acme-{purpose}-{ACCOUNT}-eu-west-1"
    prefixes = data_selectors()["resources.ARN"]["startsWiths"]
    assert any(f"arn:aws:s3:::{bucket}/key".startswith(prefix) for prefix in prefixes)
    assert data_selectors()["resources.type"]["equals"] == ["AWS::S3::Object"]


def test_objects_of_the_archive_are_not_recorded_to_avoid_a_loop():
    archive = organization_bucket_name("acme", "log-archive", account_id=ACCOUNT, region="eu-west-1")
    assert not any(f"arn:aws:s3:::{archive}/".startswith(p) for p in data_selectors()["resources.ARN"]["startsWiths"])


def test_a_trail_without_buckets_is_refused_because_cloudtrail_would_record_all():
    with pytest.raises(ValueError, match="recorded_buckets: is empty"):
        trail(recorded_buckets=[])


def test_events_are_kept_for_a_year_in_an_encrypted_log_group():
    recorder = deploy(trail)
    group = recorder.one("aws:cloudwatch/logGroup:LogGroup")
    assert (group.inputs["retentionInDays"], group.inputs["kmsKeyId"], group.protect) == (365, KEY, True)
    assert recorder.one(TRAIL).inputs["cloudWatchLogsGroupArn"].endswith(":/plinth/audit/trail:*")


def test_cloudtrail_writes_only_to_its_log_group_and_only_for_this_trail():
    recorder = deploy(trail)
    role = recorder.one("aws:iam/role:Role")
    permissions = statements(recorder.one("aws:iam/rolePolicy:RolePolicy"))
    trust = statements(role, "assumeRolePolicy")["AssumedByServiceForThisAccount"]
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": TOOLING},
        "ArnLike": {"aws:SourceArn": f"arn:aws:cloudtrail:*:{TOOLING}:trail/acme-organization"},
    }
    assert permissions["WriteStreams"]["Resource"].endswith(":log-group:/plinth/audit/trail:log-stream:*")
    assert role.inputs["permissionsBoundary"] == BOUNDARY


def test_the_trail_and_its_log_group_are_protected():
    assert deploy(trail).one(TRAIL).protect


@pytest.mark.requirement("AUD-01.a")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_only_writes_to_ml_buckets_are_recorded(environment):
    written = data_selectors(read=False, written_buckets=[ML_BUCKET_PREFIX])
    assert written["readOnly"]["equals"] == ["false"]
    assert written["resources.type"]["equals"] == ["AWS::S3::Object"]
    bucket = ml_bucket_name(environment, "fraud", account_id=ACCOUNT, region="eu-west-1")
    assert any(f"arn:aws:s3:::{bucket}/key".startswith(prefix) for prefix in written["resources.ARN"]["startsWiths"])
    read = data_selectors(written_buckets=[ML_BUCKET_PREFIX])["resources.ARN"]["startsWiths"]
    assert not any(f"arn:aws:s3:::{bucket}/key".startswith(prefix) for prefix in read)
