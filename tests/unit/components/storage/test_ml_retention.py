import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.storage.expiration import MAX_RULES, Expiration
from components.storage.ml_retention import expirations
from components.storage.private_bucket import PrivateBucket, PrivateBucketArgs
from plinth_project.deployment.inference import Monitoring as Released
from settings.data.ml_layout import (
    AsynchronousRequests,
    Build,
    GroundTruth,
    InputHistory,
    Monitoring,
    QueryResults,
    Snapshot,
    retained_in,
)
from settings.team.retention import DEFAULT_RETENTION, EVIDENCE_BYTES, Retention
from settings.team.use_case import MAX_USE_CASES
from settings.types.build_id import branch_folder
from settings.types.kinds import ENVIRONMENTS
from tests.support.recorder import deploy
from tests.unit.components.identifiers import KEY, ORGANIZATION

LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
BUILD = "20220621T101500-1a2b3c4"
FULL = Retention(days=10, evidence_days=20, history_days=5)


def days_of(rules, key, size=1):
    """Returns the days after which S3 deletes an object: the shortest of the matching rules."""
    reaching = [r for r in rules if key.startswith(r.prefix) and size > (r.larger_than_bytes or -1)]
    return min((r.days for r in reaching if r.days is not None), default=None)


def key_of(build_class):
    if build_class == "capture":
        return Monitoring(use_case="scoring", part="capture", subject="00003").key("1.jsonl")
    branch = {"feature": branch_folder("feature/x"), "develop": "develop"}.get(build_class, "")
    return Build(use_case="scoring", build_id=BUILD, branch=branch).outputs("train").key("model.tar.gz")


@pytest.mark.requirement("S3-07.a")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_each_class_is_kept_for_its_retention_and_its_evidence_longer(environment):
    said = {
        retention_class: Retention(days=10 * number, evidence_days=100 * number)
        for number, retention_class in enumerate(retained_in(environment), start=1)
    }
    rules = expirations(environment, said, {"scoring": {}})
    for number, retention_class in enumerate(retained_in(environment), start=1):
        assert days_of(rules, key_of(retention_class), EVIDENCE_BYTES + 1) == 10 * number
        assert days_of(rules, key_of(retention_class), EVIDENCE_BYTES) == 100 * number


@pytest.mark.requirement("S3-07.a")
def test_retention_of_a_use_case_overrides_the_environment_and_the_default():
    environment = {"feature": Retention(days=14), "develop": Retention(days=50)}
    rules = expirations("development", environment, {"scoring": {"feature": Retention(days=3)}, "other": {}})
    assert days_of(rules, key_of("feature")) == 3
    assert days_of(rules, key_of("develop")) == 50
    assert days_of(rules, key_of("main")) is DEFAULT_RETENTION["main"].days is None
    assert days_of(rules, key_of("feature").replace("scoring", "other")) == 14


@pytest.mark.requirement("S3-07.a")
def test_noncurrent_versions_of_a_build_class_are_kept_for_its_retention():
    (rule,) = [
        r for r in expirations("production", {"batch": Retention(history_days=5)}, {"scoring": {}}) if r.days is None
    ]
    assert (rule.prefix, rule.noncurrent_days) == ("scoring/2", 5)


@pytest.mark.requirement("S3-02.a", "S3-09.c")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize(
    "place",
    [
        InputHistory(use_case="scoring"),
        Snapshot(use_case="scoring", model="fraud--scoring", version=7),
        Monitoring(use_case="scoring", part="results", subject="00003"),
    ],
)
def test_objects_outside_builds_do_not_expire(environment, place):
    said = dict.fromkeys(retained_in(environment), FULL)
    assert days_of(expirations(environment, said, {"scoring": {}}), place.key("a.csv"), 10**9) is None


@pytest.mark.parametrize(("environment", "days"), [("development", None), ("preproduction", 30), ("production", 30)])
def test_requests_of_asynchronous_inference_expire_after_a_month(environment, days):
    answer = AsynchronousRequests(use_case="scoring", part="answers").key("1.out")
    assert days_of(expirations(environment, {}, {"scoring": {}}), answer) == days


@pytest.mark.parametrize("environment", ["preproduction", "production"])
def test_predictions_are_kept_until_their_ground_truth_has_arrived(environment):
    rules = expirations(environment, {}, {"scoring": {}})
    kept = Monitoring(use_case="scoring", part="predictions", subject="00003").key("2026-11-24.jsonl.gz")
    longest = next(limit.le for limit in Released.model_fields["ground_truth_days"].metadata if hasattr(limit, "le"))
    assert longest < days_of(rules, kept) <= 100
    assert days_of(rules, GroundTruth(use_case="scoring").key("2026/11/27/10/1.jsonl")) is None


@pytest.mark.parametrize("environment", ["preproduction", "production"])
def test_captured_requests_are_kept_until_their_ground_truth_has_arrived_or_as_long_as_the_use_case_says(environment):
    longest = next(limit.le for limit in Released.model_fields["ground_truth_days"].metadata if hasattr(limit, "le"))
    assert longest < days_of(expirations(environment, {}, {"scoring": {}}), key_of("capture")) <= 100
    longer = {"scoring": {"capture": Retention(days=400)}}
    assert days_of(expirations(environment, {"capture": Retention(days=7)}, longer), key_of("capture")) == 400
    unlimited = {"scoring": {"capture": Retention()}}
    assert days_of(expirations(environment, {}, unlimited), key_of("capture")) is None


def test_query_results_expire_after_a_month():
    assert days_of(expirations("experimentation", {}, {}), QueryResults(workgroup="fraud").key("1.csv")) == 30


@pytest.mark.requirement("S3-07.a")
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_as_many_use_cases_as_a_team_may_have_fit_the_rules_of_a_bucket(environment):
    said = dict.fromkeys(retained_in(environment), FULL)
    rules = expirations(environment, said, {f"case-{number}": {} for number in range(MAX_USE_CASES)})
    assert len(rules) < MAX_RULES
    assert len({rule.name for rule in rules}) == len(rules)


def bucket(*rules):
    args = PrivateBucketArgs(
        bucket_name="ml", key_arn=KEY, organization_id=ORGANIZATION, log_bucket_name="logs", expirations=rules
    )
    return lambda: PrivateBucket("ml", args)


def test_a_bucket_has_its_own_rules_and_the_general_rule():
    rules = expirations("production", {"batch": FULL}, {"scoring": {}})
    for preview in (False, True):
        everything, queries, _, _, evidence, data, captures = (
            deploy(bucket(*rules), preview=preview).one(LIFECYCLE).inputs["rules"]
        )
        assert everything["filter"] == {"prefix": ""}
        assert (queries["filter"], queries["expiration"]) == ({"prefix": "queries/"}, {"days": 30})
        assert (evidence["filter"], evidence["expiration"]) == ({"prefix": "scoring/2"}, {"days": 20})
        assert evidence["noncurrentVersionExpiration"] == {"noncurrentDays": 5}
        assert data["filter"] == {"and": {"prefix": "scoring/2", "objectSizeGreaterThan": EVIDENCE_BYTES}}
        assert data["expiration"] == {"days": 10}
        assert captures["filter"] == {"prefix": "scoring/monitoring/capture/"}
        assert {rule["status"] for rule in (everything, queries, evidence, data, captures)} == {"Enabled"}


def test_more_rules_than_the_limit_are_refused():
    rules = [Expiration(name=f"r{number}", prefix=f"{number}/", days=1) for number in range(MAX_RULES)]
    with pytest.raises(ValueError, match="too many"):
        deploy(bucket(*rules))


def test_a_rule_without_expiration_is_refused():
    with pytest.raises(ValueError, match="leave it out"):
        Expiration(name="r", prefix="p/")
    for fields in ({}, {"prefix": "p/", "tag": ("a", "b")}):
        with pytest.raises(ValueError, match="either a prefix or a tag"):
            Expiration(name="r", days=1, **fields)


@given(st.integers(1, 3650), st.one_of(st.none(), st.integers(1, 3650)))
def test_no_object_of_a_build_outlives_its_longest_retention(days, evidence):
    retention = Retention(days=days, evidence_days=evidence)
    assert retention.longest_days == (evidence or days)
