"""The program of the promotion, action by action, on an emulated registry, repository, bucket and pipeline."""

from __future__ import annotations

from datetime import UTC
from importlib.metadata import version

import pytest

from runtime.promotion.environment.target import Target
from runtime.promotion.lifecycle import mark_served
from runtime.promotion.records import Records, plan_of, robust_state_of
from tests.unit.runtime.tooling import BUCKET
from tests.unit.runtime.use_case import TEST, UseCase


def plans(case: UseCase) -> list[str]:
    return [name for name in case.records.names("executions/") if name.endswith("/plan.json")]


@pytest.mark.nightly
@pytest.mark.requirement("PROM-09", level="run")
def test_each_environment_ends_with_what_its_execution_named_however_often_and_late_events_arrive(case):
    case.deliver_events(times=3)
    second, third = case.register(), case.register()
    case.decide(third, "eve")
    case.decide(second, "eve")
    executions = case.executions()
    prepared = {id_: case.prepare(id_) for id_ in executions}
    assert len(executions) == 6
    (of_third, _), (of_second, _) = sorted(
        ((id_, given) for id_, given in prepared.items() if given), key=lambda item: -int(item[1]["VERSION"])
    )
    assert [case.execution(id_)["status"] for id_ in executions if not prepared[id_]] == ["Stopped"] * 4
    assert {prepared[of_second]["VERSION"], prepared[of_third]["VERSION"]} == {"1", "2"}
    for execution, arn in ((of_third, third), (of_second, second)):
        plan = prepared[execution]["PLAN"]
        case.answer(execution, "Review", "ben")
        case.verify(execution, plan)
        case.deploy(execution, plan, "preproduction")
        assert case.environments["preproduction"]["release:version_arn"] == arn
        case.answer(execution, "Release", "chloe")
        case.verify(execution, plan, "Release")
        case.deploy(execution, plan, "production")
        assert case.environments["production"]["release:version_arn"] == arn
    late = case.late_event(third)
    assert case.prepare(late) == {}
    assert case.execution(late)["status"] == "Stopped"
    assert len(plans(case)) == 2
    assert case.deployments == [
        (environment, arn) for arn in (third, second) for environment in ("preproduction", "production")
    ]


@pytest.mark.nightly
def test_marks_of_the_promotion_make_no_late_event_new_and_hide_nobody(case):
    first = case.approved("eve")
    case.release(case.start(person="ana"))
    case.release(case.start(case.approved(), person="ana"))
    case.deliver_events()
    late = case.late_event(first)
    assert case.prepare(late) == {}
    again = case.start(first, person="chloe")
    plan = case.records.read(plan_of(case.prepare(again)["PLAN"].partition("@")[0]))
    parts = {person["part"]: person["names"] for person in plan["involved"]}
    assert parts["asked for the promotion"] == ["eve"]
    assert parts["started the promotion"] == ["chloe"]


def test_a_push_promotes_the_newest_approved_version_with_the_new_code(case):
    arn = case.approved()
    case.release(case.start(arn))
    commit = case.push("deployment", {"api.json": '{"new": true}\n'}, "Dan")
    case.release(case.start())
    settings = dict(case.environments["production"])
    assert settings.pop("release:image").partition("@")[2].startswith("sha256:"), "pinned by its digest"
    assert settings.pop("release:archive").endswith("/models/main/1/model.tar.gz")
    assert settings == {
        "release:version_arn": arn,
        "release:commit": commit,
        "release:baseline_arn": arn,
    }
    review = case.records.path(f"executions/{case.executions()[-1]}/review.md")
    text = case.s3.get_object(Bucket=BUCKET, Key=review)["Body"].read().decode()
    assert '-{}\n+{"new": true}' in text
    assert "| f1 | 0.9 | 0.9 |" in text


def test_a_repository_with_another_first_number_of_the_library_is_refused_before_anything_is_written(case):
    own = version("plinth-project")
    major = int(own.partition(".")[0])
    pin = "pluggy==1.0\nplinth-project=={} \\\n    --hash=sha256:0\n"
    case.push("deployment", {"requirements.txt": pin.format(f"{major + 1}.0.0")}, "Dan")
    execution = case.start(case.approved())
    with pytest.raises(SystemExit, match=f"pins plinth-project {major + 1}.0.0, and the promotion has {own}"):
        case.prepare(execution)
    assert plans(case) == []
    case.push("deployment", {"requirements.txt": pin.format(f"{major}.9.0")}, "Dan")
    assert case.prepare(case.start())["VERSION"] == "1"


@pytest.mark.threat("T-22")
def test_a_version_that_lost_its_approval_between_the_gates_is_refused(case):
    arn = case.approved()
    execution = case.start(arn)
    plan = case.review(execution, "ben")
    case.verify(execution, plan)
    case.deploy(execution, plan, "preproduction")
    case.decide(arn, "ana", "Rejected")
    with pytest.raises(SystemExit, match="has the ModelApprovalStatus Rejected, not Approved"):
        case.deploy(execution, plan, "production")
    assert "production" not in case.environments
    failure = case.records.read(f"executions/{execution}/failure-production.json")
    assert "Rejected" in failure["reason"]


@pytest.mark.requirement("PROM-09", level="run")
@pytest.mark.threat("T-22")
def test_what_changed_after_the_review_is_refused(case):
    execution = case.start(case.approved())
    plan = case.review(execution, "ben")

    def refused(reason):
        with pytest.raises(SystemExit, match=reason):
            case.deploy(execution, plan, "preproduction")
        assert case.environments == {}

    code = case.source(execution) / "api.json"
    text = code.read_text()
    code.write_text("[]")
    refused(f"the code is not that of commit {case.commit}: api.json has other content")
    code.unlink()
    (case.source(execution) / "conftest.py").touch()
    refused("api.json is missing; conftest.py is not part of the commit")
    (case.source(execution) / "conftest.py").unlink()
    code.write_text(text)
    written = case.records.read(plan_of(execution))
    case.records.write(plan_of(execution), {**written, "involved": []})
    refused(f"the plan of execution {execution} has changed since it was reviewed")
    case.records.write(plan_of(execution), written)
    archive = f"fraud/{case.name}/models/main/1/model.tar.gz"
    first = case.s3.head_object(Bucket=BUCKET, Key=archive)["VersionId"]
    second = case.s3.put_object(Bucket=BUCKET, Key=archive, Body=b"other")["VersionId"]
    refused("version 1 has changed since it was reviewed")
    case.s3.delete_object(Bucket=BUCKET, Key=archive, VersionId=second)
    assert case.s3.head_object(Bucket=BUCKET, Key=archive)["VersionId"] == first
    case.deploy(execution, plan, "preproduction")


@pytest.mark.threat("T-22")
def test_a_plan_fixes_the_version_of_the_archive_and_a_repetition_changes_nothing(case):
    arn = case.approved()
    execution = case.start(arn)
    first = case.prepare(execution)
    case.decide(case.register(), "eve")
    assert case.prepare(execution) == first
    (content,) = case.records.read(plan_of(execution))["contents"]
    assert content["archive_version"]
    assert content["image"].endswith("a" * 64)
    assert len(plans(case)) == 1


def test_an_interrupted_preparation_continues_with_one_plan(case, monkeypatch):
    execution = case.start(case.approved())

    def interrupted(usual):
        def interrupt(records, name, document):
            if name.startswith("executions/"):
                raise KeyboardInterrupt
            return usual(records, name, document)

        return interrupt

    for method in ("write_text", "add"):
        with monkeypatch.context() as patch:
            patch.setattr(Records, method, interrupted(getattr(Records, method)))
            with pytest.raises(KeyboardInterrupt):
                case.prepare(execution)
        assert plans(case) == []
    assert case.prepare(execution)["VERSION"] == "1"
    assert len(list(case.records.names("claims/"))) == 1
    assert plans(case) == [plan_of(execution)]


@pytest.mark.requirement("PROM-09", level="run")
def test_a_version_whose_image_a_push_could_replace_is_not_promoted(case):
    arn = case.approved(image="train:1", account="763104351884")
    with pytest.raises(SystemExit, match="names its image by a tag; register the image by its digest"):
        case.prepare(case.start(arn))
    assert case.prepare(case.start(case.approved(image="train:1")))["VERSION"] == "2"


def test_what_is_not_approved_is_not_promoted(case):
    case.register()
    execution = case.start()
    for asked, reason in (
        ("newest", "has no approved version"),
        ("1", "has the ModelApprovalStatus PendingManualApproval, not Approved"),
        ("arn:aws:sagemaker:eu-west-1:123456789012:model-package/fraud--other-main/1", "only versions of main"),
    ):
        with pytest.raises(SystemExit, match=reason):
            case.prepare(execution, asked)
    assert plans(case) == []


@pytest.mark.requirement("PROM-11", "RB-02", "AMB-05.b", level="run")
def test_marks_and_robust_states_follow_what_is_served_also_after_a_rollback(use_case):
    case = use_case(tests=TEST.format(environment="preproduction"))
    first = case.approved()
    one = case.start(first)
    plan = case.review(one, "ben")
    case.deploy(one, plan, "preproduction")
    case.test(one, plan)
    case.answer(one, "Release", "ben")
    case.deploy(one, plan, "production")
    assert case.marks(first) == {"preproduction", "production"}
    case.push("deployment", {"tests/test_service.py": TEST.format(environment="nowhere")}, "Dan")
    second = case.approved()
    two = case.start(second)
    newer = case.review(two, "ben")
    case.deploy(two, newer, "preproduction")
    assert (case.marks(first), case.marks(second)) == ({"production"}, {"preproduction"})
    with pytest.raises(SystemExit, match="tests failed in preproduction"):
        case.test(two, newer)
    assert case.records.read(robust_state_of("preproduction"))["model_package"] == first
    assert "tests failed" in case.records.read(f"executions/{two}/failure-preproduction.json")["reason"]
    # CodePipeline rolls the stage back: it runs its actions with the variables and the source of the first execution.
    case.deploy(one, plan, "preproduction")
    case.test(one, plan)
    assert (case.marks(first), case.marks(second)) == ({"preproduction", "production"}, set())
    assert case.records.read(robust_state_of("preproduction"))["version"] == 1


def test_an_engine_that_fails_changes_no_record_of_what_is_served(case):
    first, second = case.approved(), case.approved()
    case.release(case.start(first))
    execution = case.start(second)
    plan = case.prepare(execution)["PLAN"]
    case.broken = "production"
    with pytest.raises(SystemExit, match="the endpoint failed its health check"):
        case.deploy(execution, plan, "production")
    assert (case.marks(first), case.marks(second)) == ({"production"}, set())
    assert case.records.read(robust_state_of("production"))["model_package"] == first
    assert case.records.read(f"executions/{execution}/deployment-production.json") is None


@pytest.mark.requirement("RB-03", level="run")
def test_a_failed_deployment_names_the_alarms_of_its_endpoint_that_fired_meanwhile(case, monkeypatch):
    session, alarms = case.tooling.owner, [f"{case.prefix}-{name}" for name in ("errors", "latency", "unrelated")]
    cloudwatch = session.client("cloudwatch")
    for alarm in alarms:
        cloudwatch.put_metric_alarm(
            AlarmName=alarm,
            Namespace="n",
            MetricName="m",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        )

    def fires(alarm):
        cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="3 of 1000 requests failed")

    fires(alarms[1])
    case.tooling.aws.advance(minutes=1)
    case.alarms = alarms[:2]
    endpoint = {"EndpointName": "endpoint", "EndpointStatus": "Failed", "LastModifiedTime": 1}
    monkeypatch.setattr(session.client("sagemaker"), "describe_endpoint", lambda **_: endpoint)
    # The role of the release sees the same account.
    monkeypatch.setattr(Target, "released", lambda *_: session)

    def breaks():
        for alarm in (alarms[0], alarms[2]):
            fires(alarm)
        return "production"

    execution = case.start(case.approved())
    plan = case.prepare(execution)["PLAN"]
    case.breaks, case.results = breaks, {"endpoint_name": "endpoint"}
    with pytest.raises(SystemExit, match="the endpoint failed its health check"):
        case.deploy(execution, plan, "production")
    failure = case.records.read(f"executions/{execution}/failure-production.json")
    (fired,) = failure["alarms"]
    assert (fired["alarm"], fired["reason"]) == (alarms[0], "3 of 1000 requests failed")
    history = cloudwatch.describe_alarm_history(AlarmName=alarms[0], HistoryItemType="StateUpdate")
    at = history["AlarmHistoryItems"][0]["Timestamp"].astimezone(UTC)
    assert fired["at"] == at.isoformat(timespec="seconds"), "the time is that of CloudWatch"


def test_an_interruption_between_two_marks_is_made_good_by_the_next_deployment(case, monkeypatch):
    first, second = case.approved(), case.approved()
    mark_served(case.sagemaker, case.records, "production", [first])

    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("runtime.promotion.lifecycle._remove", interrupt)
        with pytest.raises(KeyboardInterrupt):
            mark_served(case.sagemaker, case.records, "production", [second])
    mark_served(case.sagemaker, case.records, "production", [second])
    assert (case.marks(first), case.marks(second)) == (set(), {"production"})


def test_a_version_that_was_deleted_needs_no_mark_removed(case):
    first, second = case.approved(), case.approved()
    mark_served(case.sagemaker, case.records, "production", [first])
    case.sagemaker.delete_model_package(ModelPackageName=first)
    mark_served(case.sagemaker, case.records, "production", [second])
    assert case.marks(second) == {"production"}


def test_a_program_that_deployed_something_else_fails(case):
    execution = case.start(case.approved())
    plan = case.review(execution, "ben")
    case.results = {"commit": "0" * 40}
    with pytest.raises(SystemExit, match="does not serve the plan: the program has the output commit 0000"):
        case.deploy(execution, plan, "preproduction")
    assert case.records.read(robust_state_of("preproduction")) is None


def test_an_action_outside_the_pipeline_says_what_it_misses(monkeypatch):
    from runtime.promotion.__main__ import main

    monkeypatch.setenv("TEAM", "fraud")
    with pytest.raises(SystemExit, match=r"USE_CASE.*not set; only the promotion pipeline starts this program"):
        main(["prepare"])
