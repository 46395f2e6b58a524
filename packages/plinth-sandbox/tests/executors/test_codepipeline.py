"""CodePipeline moves a commit through builds and approvals, as the roles of the pipeline."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from executors.functions import create, role
from executors.promotions import Promotions, action, approval, build, role_arn, source
from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws, refusal
from plinth_sandbox.waiting import eventually


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Promotions]:
    """One account for tests with pipelines of their own. Only the tests move its clock."""
    with EmulatedAws(tmp_path_factory.mktemp("aws"), schedules="manual") as aws:
        yield Promotions(aws)


def test_a_commit_passes_a_build_an_approval_and_a_build_with_its_variables(site: Promotions) -> None:
    site.project(
        "test", "export ANSWER=$GREETING-$(cat model.txt)", "echo done > out.txt", exported="ANSWER", files="out.txt"
    )
    site.project("deploy", 'test "$VERSION" = 7', 'test "$ANSWERED" = "hello-one"', 'test "$RUN" != ""')
    variables = [{"name": "VERSION", "defaultValue": "7"}]
    greeting = json.dumps([{"name": "GREETING", "value": "hello", "type": "PLAINTEXT"}])
    passed = json.dumps(
        [
            {"name": "VERSION", "value": "#{variables.VERSION}"},
            {"name": "ANSWERED", "value": "#{Test.ANSWER}"},
            {"name": "RUN", "value": "#{codepipeline.PipelineExecutionId}"},
        ]
    )
    ask = approval(CustomData="#{Test.ANSWER} of #{Source.CommitId}", ExternalEntityLink="https://acme.example/7")
    stages = [source(), build("Test", output="Report", EnvironmentVariables=greeting), ask]
    started = site.create("whole", *stages, build("Deploy", EnvironmentVariables=passed), variables=variables)
    token = site.token("whole")
    found = site.actions("whole", started)
    resolved = found["Approve.Decide"]["input"]["resolvedConfiguration"]
    assert resolved["CustomData"] == f"hello-one of {site.commit}"
    assert found["Test.Test"]["output"]["outputVariables"] == {"ANSWER": "hello-one"}
    assert found["Source.Source"]["output"]["outputVariables"]["CommitMessage"].startswith("Change ")
    place = found["Test.Test"]["output"]["outputArtifacts"][0]["s3location"]
    packed = site.s3.get_object(Bucket=place["bucket"], Key=place["key"])["Body"].read()
    assert zipfile.ZipFile(io.BytesIO(packed)).read("out.txt") == b"done\n"
    site.answer("whole", token, summary="good numbers")
    assert site.ended("whole", started) == "Succeeded"
    decided = site.actions("whole", started)["Approve.Decide"]
    caller = site.aws.client("sts").get_caller_identity()["Arn"]
    assert (decided["status"], decided["updatedBy"]) == ("Succeeded", caller)
    assert decided["output"]["executionResult"]["externalExecutionSummary"] == "good numbers"
    execution = site.execution("whole", started)
    assert execution["trigger"] == {"triggerType": "CreatePipeline", "triggerDetail": caller}
    assert execution["variables"] == [{"name": "VERSION", "resolvedValue": "7"}]
    assert next(artifact_revision["revisionId"] for artifact_revision in execution["artifactRevisions"]) == site.commit
    builds = site.aws.client("codebuild").list_builds_for_project(projectName="deploy")["ids"]
    (built,) = site.aws.client("codebuild").batch_get_builds(ids=builds)["builds"]
    assert (built["initiator"], built["resolvedSourceVersion"]) == ("codepipeline/whole", site.commit)


def test_a_rejection_ends_an_execution_and_a_second_answer_is_refused(site: Promotions) -> None:
    sns, sqs = site.aws.client("sns"), site.aws.client("sqs")
    topic = sns.create_topic(Name="approvals")["TopicArn"]
    url = sqs.create_queue(QueueName="approvals")["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:{MANAGEMENT}:approvals")
    started = site.create("rejected", source(), approval(NotificationArn=topic, CustomData="version 7"))
    token = site.token("rejected")
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    body = json.loads(message["Body"])
    told = json.loads(body["Message"])["approval"]
    assert body["Subject"] == "APPROVAL NEEDED: AWS CodePipeline rejected for action Decide"
    assert (told["token"], told["pipelineName"], told["customData"]) == (token, "rejected", "version 7")
    put = site.codepipeline.put_approval_result
    given = {"pipelineName": "rejected", "stageName": "Approve", "actionName": "Decide"}
    result = {"summary": "no", "status": "Approved"}
    other = "00000000-0000-0000-0000-000000000000"
    assert refusal(put, **given, token=other, result=result) == "InvalidApprovalTokenException"
    assert refusal(put, **{**given, "stageName": "Source"}, token=token, result=result) == "ActionNotFoundException"
    site.answer("rejected", token, "Rejected", summary="worse than before")
    assert site.status("rejected", started) == "Failed"
    assert refusal(put, **given, token=token, result=result) == "ApprovalAlreadyCompletedException"
    state = site.stages("rejected")["Approve"]["actionStates"][0]["latestExecution"]
    assert (state["status"], state["summary"]) == ("Failed", "worse than before")
    assert "token" not in state


def test_an_approval_expires_after_seven_days_and_nobody_is_named(site: Promotions) -> None:
    started = site.create("patient", source(), approval())
    token = site.token("patient")
    site.aws.advance(days=6)
    assert site.status("patient", started) == "InProgress"
    site.aws.advance(days=1)
    assert site.status("patient", started) == "Failed"
    given = {"pipelineName": "patient", "stageName": "Approve", "actionName": "Decide", "token": token}
    result = {"summary": "", "status": "Approved"}
    assert refusal(site.codepipeline.put_approval_result, **given, result=result) == "InvalidApprovalTokenException"
    updated_by = site.actions("patient", started)["Approve.Decide"]["updatedBy"]
    assert updated_by == f"arn:aws:sts::{MANAGEMENT}:assumed-role/promoter/CodePipeline"


def test_a_build_reads_a_clone_of_the_commit_and_an_object(site: Promotions) -> None:
    site.s3.put_bucket_versioning(Bucket="store", VersioningConfiguration={"Status": "Enabled"})
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("rows.csv", "1")
    version = site.s3.put_object(Bucket="store", Key="data.zip", Body=packed.getvalue())["VersionId"]
    cloned = 'test "$(git rev-parse HEAD)" = "$CODEBUILD_RESOLVED_SOURCE_VERSION"'
    site.project("both", cloned, 'test "$(cat $CODEBUILD_SRC_DIR_Data/rows.csv)" = 1', 'test "$OBJECT" != ""')
    stage = source(OutputArtifactFormat="CODEBUILD_CLONE_REF")
    given = {"S3Bucket": "store", "S3ObjectKey": "data.zip", "PollForSourceChanges": "false"}
    outputs = [{"name": "Data"}]
    stage["actions"].append(action("Data", "Source", "S3", given, outputArtifacts=outputs, namespace="Data"))
    passed = json.dumps([{"name": "OBJECT", "value": "#{Data.VersionId}"}])
    builds = build("Both", PrimarySource="Code", EnvironmentVariables=passed)
    builds["actions"][0]["inputArtifacts"].append({"name": "Data"})
    started = site.create("sources", stage, builds)
    assert site.ended("sources", started) == "Succeeded"
    assert site.actions("sources", started)["Source.Data"]["output"]["outputVariables"]["VersionId"] == version


def test_executions_are_held_stopped_and_rolled_back(site: Promotions) -> None:
    name, client = "managed", site.codepipeline
    first = site.create(name, source(), approval())
    site.answer(name, site.token(name))
    assert site.ended(name, first) == "Succeeded"
    transition = {"pipelineName": name, "stageName": "Approve", "transitionType": "Inbound"}
    client.disable_stage_transition(**transition, reason="freeze")
    second = site.start(name)
    held = eventually(lambda: site.stages(name)["Approve"].get("inboundExecution"))
    assert held["pipelineExecutionId"] == second
    assert site.stages(name)["Approve"]["inboundTransitionState"]["disabledReason"] == "freeze"
    client.enable_stage_transition(**transition)
    site.token(name, identifier=second)
    halt = {"pipelineName": name, "pipelineExecutionId": second}
    client.stop_pipeline_execution(**halt, reason="wrong model")
    assert refusal(client.stop_pipeline_execution, **halt) == "DuplicatedStopRequestException"
    client.stop_pipeline_execution(**halt, abandon=True, reason="wrong model")
    assert site.status(name, second) == "Stopped"
    assert site.executions(name)[0]["stopTrigger"] == {"reason": "wrong model"}
    assert refusal(client.stop_pipeline_execution, **halt) == "PipelineExecutionNotStoppableException"
    back = {"pipelineName": name, "stageName": "Approve", "targetPipelineExecutionId": first}
    assert refusal(client.rollback_stage, **{**back, "stageName": "Source"}) == "UnableToRollbackStageException"
    unfit = {**back, "targetPipelineExecutionId": second}
    assert refusal(client.rollback_stage, **unfit) == "UnableToRollbackStageException"
    rollback = client.rollback_stage(**back)["pipelineExecutionId"]
    site.answer(name, site.token(name, identifier=rollback))
    found = site.execution(name, rollback)
    assert (found["status"], found["executionType"]) == ("Succeeded", "ROLLBACK")
    assert found["rollbackMetadata"] == {"rollbackTargetPipelineExecutionId": first}
    client.update_pipeline(pipeline=site.declaration(name, source(), approval(CustomData="changed")))
    assert refusal(client.rollback_stage, **back) == "PipelineExecutionOutdatedException"


def test_a_denied_call_fails_the_action_with_the_message_of_aws(site: Promotions) -> None:
    iam = site.aws.client("iam")
    site.aws.role("narrow", "codepipeline")
    statements = [{"Effect": "Allow", "Action": ["codecommit:*", "s3:*"], "Resource": "*"}]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_role_policy(RoleName="narrow", PolicyName="everything", PolicyDocument=policy)
    site.project("forbidden", "true")
    started = site.create("denied", source(), build("Forbidden"), roleArn=role_arn("narrow"))
    assert site.ended("denied", started) == "Failed"
    details = site.actions("denied", started)["Forbidden.Forbidden"]["output"]["executionResult"]["errorDetails"]
    assert details["code"] == "PermissionError"
    assert "is not authorized to perform: codebuild:StartBuild" in details["message"]
    site.aws.role("blind", "codepipeline")
    denied = [*statements, {"Effect": "Deny", "Action": "codecommit:UploadArchive", "Resource": "*"}]
    policy = json.dumps({"Version": "2012-10-17", "Statement": denied})
    iam.put_role_policy(RoleName="blind", PolicyName="everything", PolicyDocument=policy)
    started = site.create("unread", source(), approval(), roleArn=role_arn("blind"))
    details = site.actions("unread", started)["Source.Source"]["output"]["executionResult"]["errorDetails"]
    assert "codecommit:UploadArchive" in details["message"]
    assert site.status("unread", started) == "Failed"


def test_an_action_with_a_role_of_its_own_acts_as_that_role(site: Promotions) -> None:
    iam = site.aws.client("iam")
    site.aws.role("handing", "codepipeline")
    deployer = site.aws.role("deployer", "codepipeline")
    trusted = {"Effect": "Allow", "Principal": {"AWS": role_arn("handing")}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [trusted]})
    iam.update_assume_role_policy(RoleName="deployer", PolicyDocument=trust)
    allowed = [
        {"Effect": "Allow", "Action": ["codecommit:*", "s3:*"], "Resource": "*"},
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": deployer},
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": allowed})
    iam.put_role_policy(RoleName="handing", PolicyName="everything", PolicyDocument=policy)
    site.project("handed", "true")
    stage = build("Handed")
    stage["actions"][0]["roleArn"] = deployer
    started = site.create("handed", source(), stage, roleArn=role_arn("handing"))
    assert site.ended("handed", started) == "Succeeded"


def test_a_function_reports_its_result_with_variables(site: Promotions) -> None:
    code = """
        import boto3
        def handler(event, context):
            job = event["CodePipeline.job"]
            asked = job["data"]["actionConfiguration"]["configuration"]["UserParameters"]
            client = boto3.client("codepipeline")
            client.put_job_success_result(jobId=job["id"], outputVariables={"ANSWER": asked + "!"})
    """
    reports = {"Effect": "Allow", "Action": "codepipeline:PutJobSuccessResult", "Resource": "*"}
    create(site.aws, "check", code, role_arn=role(site.aws, "checker", reports))
    given = {"FunctionName": "check", "UserParameters": "#{Source.BranchName}"}
    stage = {"name": "Check", "actions": [action("Check", "Invoke", "Lambda", given, namespace="Check")]}
    started = site.create("function", source(), stage)
    assert site.ended("function", started) == "Succeeded"
    assert site.actions("function", started)["Check.Check"]["output"]["outputVariables"] == {"ANSWER": "main!"}


def test_a_failed_build_fails_the_execution_and_a_retry_continues_it(site: Promotions) -> None:
    site.project("flaky", "test -f fixed.txt")
    started = site.create("flaky", source(), build("Flaky"), approval())
    assert site.ended("flaky", started) == "Failed"
    failed = site.actions("flaky", started)["Flaky.Flaky"]
    assert failed["output"]["executionResult"]["errorDetails"]["code"] == "JobFailed"
    project = {"type": "CODEPIPELINE", "buildspec": "version: 0.2\nphases: {build: {commands: ['true']}}"}
    site.aws.client("codebuild").update_project(name="flaky", source=project)
    given = {"pipelineName": "flaky", "pipelineExecutionId": started, "retryMode": "FAILED_ACTIONS"}
    retry = site.codepipeline.retry_stage_execution
    assert refusal(retry, **given, stageName="Approve") == "StageNotRetryableException"
    retry(**given, stageName="Flaky")
    site.answer("flaky", site.token("flaky"))
    assert site.ended("flaky", started) == "Succeeded"
    runs = site.codepipeline.list_action_executions(pipelineName="flaky")["actionExecutionDetails"]
    assert [run["status"] for run in runs if run["actionName"] == "Flaky"] == ["Succeeded", "Failed"]
    assert site.stages("flaky")["Flaky"]["retryStageMetadata"]["manualStageRetryAttempt"] == 1


def test_an_event_starts_a_pipeline_with_the_commit_and_the_variables_of_its_input(site: Promotions) -> None:
    events, name = site.aws.client("events"), "evented"
    site.create(name, source(), approval(CustomData="#{variables.VERSION}"), variables=[{"name": "VERSION"}])
    assert site.executions(name) == []
    arn = f"arn:aws:codepipeline:{REGION}:{MANAGEMENT}:{name}"
    site.aws.role("starter", "events")
    rule = events.put_rule(Name=name, EventPattern=json.dumps({"source": ["registry"]}))["RuleArn"]
    template = (
        '{"sourceRevisions": [{"actionName": "Source", "revisionType": "COMMIT_ID", "revisionValue": <commit>}], '
        '"variables": [{"name": "VERSION", "value": "<version>"}]}'
    )
    transformer = {"InputPathsMap": {"commit": "$.detail.commit", "version": "$.detail.version"}}
    target = {"Id": "it", "Arn": arn, "RoleArn": role_arn("starter")}
    events.put_targets(Rule=name, Targets=[{**target, "InputTransformer": {**transformer, "InputTemplate": template}}])
    earlier = site.commit
    site.push(
        "later.txt",
        "later",
        site.codecommit.get_branch(repositoryName="fraud", branchName="main")["branch"]["commitId"],
    )
    detail = json.dumps({"commit": earlier, "version": 9})
    events.put_events(Entries=[{"Source": "registry", "DetailType": "Approved", "Detail": detail}])
    (started,) = site.executions(name)
    assert started["trigger"] == {"triggerType": "CloudWatchEvent", "triggerDetail": rule}
    site.token(name)
    found = site.actions(name, started["pipelineExecutionId"])
    assert found["Source.Source"]["output"]["outputVariables"]["CommitId"] == earlier
    assert found["Approve.Decide"]["input"]["resolvedConfiguration"]["CustomData"] == "9"


def test_a_request_token_starts_one_execution(site: Promotions) -> None:
    site.create("once", source(), approval())
    first = site.start("once", clientRequestToken="a-1")
    assert site.start("once", clientRequestToken="a-1") == first
    assert site.start("once", clientRequestToken="a-2") != first


def test_changes_of_executions_are_events(site: Promotions) -> None:
    queue = f"arn:aws:sqs:{REGION}:{MANAGEMENT}:progress"
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": queue}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    sqs, events = site.aws.client("sqs"), site.aws.client("events")
    url = sqs.create_queue(QueueName="progress", Attributes={"Policy": policy})["QueueUrl"]
    pattern = {"source": ["aws.codepipeline"], "detail": {"pipeline": ["watched"]}}
    events.put_rule(Name="progress", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="progress", Targets=[{"Id": "queue", "Arn": queue}])
    started = site.create("watched", source(), approval())
    site.answer("watched", site.token("watched"))
    found: list[Any] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [json.loads(message["Body"]) for message in messages]
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    kinds = [
        (event["detail-type"].split()[1], event["detail"].get("stage"), event["detail"]["state"]) for event in found
    ]
    assert sorted(kinds, key=str) == sorted(
        [
            ("Pipeline", None, "STARTED"),
            ("Stage", "Source", "STARTED"),
            ("Action", "Source", "STARTED"),
            ("Action", "Source", "SUCCEEDED"),
            ("Stage", "Source", "SUCCEEDED"),
            ("Stage", "Approve", "STARTED"),
            ("Action", "Approve", "STARTED"),
            ("Action", "Approve", "SUCCEEDED"),
            ("Stage", "Approve", "SUCCEEDED"),
            ("Pipeline", None, "SUCCEEDED"),
        ],
        key=str,
    )
    waiting = next(event["detail"] for event in found if event["detail"].get("action") == "Decide")
    assert waiting["type"] == {"owner": "AWS", "provider": "Manual", "category": "Approval", "version": "1"}
    assert (waiting["execution-id"], waiting["version"]) == (started, 1.0)


@pytest.mark.nightly
def test_a_restart_runs_nothing_twice_and_loses_nothing(tmp_path: Path) -> None:
    with EmulatedAws(tmp_path, schedules="manual") as aws:
        site = Promotions(aws)
        site.project("test", "cat model.txt")
        started = site.create("restarted", source(), build("Test"), approval())
        aws.restart()
        site = _reconnected(site)
        token = site.token("restarted")
        before = site.stages("restarted")
        aws.restart()
        site = _reconnected(site)
        assert site.stages("restarted") == before
        site.answer("restarted", token)
        assert site.status("restarted", started) == "Succeeded"
        assert len(aws.client("codebuild").list_builds()["ids"]) == 1


def _reconnected(site: Promotions) -> Promotions:
    site.codepipeline = site.aws.client("codepipeline")
    return site


def changed(**changes: Any) -> dict[str, Any]:
    """Returns the stages of a valid pipeline with changes of its source action."""
    first = source()
    first["actions"][0] |= changes
    return {"stages": [first, approval()]}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"stages": [source()]}, "InvalidStructureException"),
        ({"stages": [approval("First"), approval()]}, "InvalidStructureException"),
        ({"stages": [source(), {**source(), "name": "Late"}]}, "InvalidStructureException"),
        ({"stages": [source(), approval(), approval()]}, "InvalidStageDeclarationException"),
        ({"stages": [source(), approval(Unknown="x")]}, "InvalidActionDeclarationException"),
        ({"stages": [source(), approval(CustomData="#{Absent.X}")]}, "InvalidActionDeclarationException"),
        ({"stages": [source(), approval(CustomData="#{variables.X}")]}, "InvalidActionDeclarationException"),
        (
            {"stages": [source(), {**approval(), "onFailure": {"result": "ROLLBACK"}}], "pipelineType": "V1"},
            "InvalidStructureException",
        ),
        ({"executionMode": "QUEUED", "pipelineType": "V1"}, "InvalidStructureException"),
        (changed(outputArtifacts=[]), "InvalidActionDeclarationException"),
        (changed(configuration={"BranchName": "main"}), "InvalidActionDeclarationException"),
        (changed(configuration={"RepositoryName": "fraud", "BranchName": "main"}), "NotImplementedBySandbox"),
        (changed(timeoutInMinutes=60), "InvalidActionDeclarationException"),
        (changed(region="us-east-1"), "NotImplementedBySandbox"),
        ({"roleArn": role_arn("builder")}, "InvalidStructureException"),
    ],
)
def test_a_structure_that_cannot_run_is_refused(site: Promotions, changes: dict[str, Any], code: str) -> None:
    pipeline = site.declaration("refused", *[source(), approval()]) | changes
    assert refusal(site.codepipeline.create_pipeline, pipeline=pipeline) == code


def test_an_input_artifact_must_be_an_output_of_an_earlier_action(site: Promotions) -> None:
    late = build("Test")
    late["actions"][0]["inputArtifacts"] = [{"name": "Absent"}]
    pipeline = site.declaration("refused", source(), late)
    assert refusal(site.codepipeline.create_pipeline, pipeline=pipeline) == "InvalidStructureException"


def test_values_of_variables_are_checked_when_an_execution_starts(site: Promotions) -> None:
    site.create("strict", source(), approval(), variables=[{"name": "VERSION"}])
    start = site.codepipeline.start_pipeline_execution
    assert refusal(start, name="strict") == "ValidationException"
    unknown = [{"name": "VERSION", "value": "1"}, {"name": "OTHER", "value": "2"}]
    assert refusal(start, name="strict", variables=unknown) == "ValidationException"
    assert refusal(start, name="absent") == "PipelineNotFoundException"
