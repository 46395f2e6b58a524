"""CodeBuild builds what is in a repository, as the role of the project, and reports what its tests say."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from plinth_sandbox.emulator.executors.task_runner import WORKERS
from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws, refusal
from plinth_sandbox.waiting import eventually

IMAGE = "aws/codebuild/standard:7.0"
ROLE = f"arn:aws:iam::{MANAGEMENT}:role/builder"
ENVIRONMENT = {"type": "LINUX_CONTAINER", "image": IMAGE, "computeType": "BUILD_GENERAL1_SMALL"}
TESTED = """
version: 0.2
env:
  variables: {MODE: fast}
  parameter-store: {LEVEL: /fraud/level}
  secrets-manager: {TOKEN: "fraud:token"}
  exported-variables: [RESULT]
phases:
  install:
    runtime-versions: {python: "3.11"}
    commands:
      - export RESULT=installed
  build:
    commands:
      - test "$MODE$LEVEL$TOKEN$EXTRA" = fast3sesamemore
      - RESULT=$RESULT-$(git rev-parse --short HEAD)
      - python -m pytest -q -p no:cacheprovider --junitxml=out/tests.xml
    finally:
      - echo finally
  post_build:
    commands:
      - echo "succeeding=$CODEBUILD_BUILD_SUCCEEDING" > out/state.txt
      - cp coverage.xml out/
reports:
  tests: {files: [out/tests.xml]}
  lines: {files: [coverage.xml], file-format: COBERTURAXML}
artifacts:
  files: ["out/**/*"]
"""
COVERAGE = """<coverage><packages><package><classes><class filename="model.py"><lines>
<line number="1" hits="1"/><line number="2" hits="0"/>
<line number="3" hits="2" branch="true" condition-coverage="50% (1/2)"/>
</lines></class></classes></package></packages></coverage>"""


class Workshop:
    """An account with a role, a bucket, a repository and the environment that stands for the image."""

    def __init__(self, aws: EmulatedAws) -> None:
        self.aws = aws
        self.codebuild, self.codecommit, self.s3 = (aws.client(it) for it in ("codebuild", "codecommit", "s3"))
        aws.role("builder", "codebuild")
        aws.client("ssm").put_parameter(Name="/fraud/level", Value="3", Type="SecureString")
        aws.client("secretsmanager").create_secret(Name="fraud", SecretString=json.dumps({"token": "sesame"}))
        self.s3.create_bucket(Bucket="artifacts", CreateBucketConfiguration={"LocationConstraint": REGION})
        (aws.directory / "images.json").write_text(json.dumps({"aws/codebuild/*": sys.prefix}))

    def project(self, name: str, source: dict[str, Any], **changes: Any) -> None:
        settings = {"artifacts": {"type": "NO_ARTIFACTS"}, "environment": ENVIRONMENT, "serviceRole": ROLE, **changes}
        self.codebuild.create_project(name=name, source=source, **settings)

    def inline(self, name: str, buildspec: str, **changes: Any) -> None:
        self.project(name, {"type": "NO_SOURCE", "buildspec": buildspec}, **changes)

    def build(self, name: str, **overrides: Any) -> dict[str, Any]:
        """Builds a project and returns the build when it has ended."""
        started = self.codebuild.start_build(projectName=name, **overrides)["build"]
        assert (started["buildStatus"], started["buildComplete"]) == ("IN_PROGRESS", False)
        return self.ended(started["id"])

    def ended(self, identifier: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            (found,) = self.codebuild.batch_get_builds(ids=[identifier])["builds"]
            return found if found["buildComplete"] else None

        found: dict[str, Any] = eventually(look)
        return found

    def log(self, build: dict[str, Any]) -> str:
        named = {"logGroupName": build["logs"]["groupName"], "logStreamName": build["logs"]["streamName"]}
        return "\n".join(event["message"] for event in self.aws.client("logs").get_log_events(**named)["events"])

    def commit(self, repository: str, **files: str) -> str:
        entries = [{"filePath": path.replace("__", "."), "fileContent": text.encode()} for path, text in files.items()]
        made = self.codecommit.create_commit(repositoryName=repository, branchName="main", putFiles=entries)
        return str(made["commitId"])


def phases(build: dict[str, Any]) -> dict[str, str]:
    return {phase["phaseType"]: phase.get("phaseStatus", "") for phase in build["phases"]}


def contexts(build: dict[str, Any], phase: str) -> dict[str, str]:
    (found,) = (candidate for candidate in build["phases"] if candidate["phaseType"] == phase)
    context: dict[str, str] = found["contexts"][0]
    return context


def spec(*commands: str, **more: Any) -> str:
    return json.dumps({"version": 0.2, "phases": {"build": {"commands": commands}}, **more})


@pytest.fixture(scope="module")
def shop(server: EmulatedAws) -> Workshop:
    return Workshop(server)


def test_a_build_whose_role_was_deleted_leaves_no_reports(shop: Workshop, tmp_path: Path) -> None:
    started, deleted = tmp_path / "started", tmp_path / "deleted"
    wait = f"touch {started}; until test -e {deleted}; do sleep 0.1; done"
    result = "echo '<testsuite><testcase name=\"a\"/></testsuite>' > tests.xml"
    role = shop.aws.role("leaver", "codebuild")
    report = {"tests": {"files": ["tests.xml"]}}
    shop.inline("left", spec(wait, result, reports=report), serviceRole=role)
    identifier = shop.codebuild.start_build(projectName="left")["build"]["id"]
    eventually(lambda: started.exists())
    iam = shop.aws.client("iam")
    for name in iam.list_role_policies(RoleName="leaver")["PolicyNames"]:
        iam.delete_role_policy(RoleName="leaver", PolicyName=name)
    iam.delete_role(RoleName="leaver")
    deleted.touch()
    assert shop.ended(identifier)["reportArns"] == []
    groups = shop.codebuild.list_report_groups()["reportGroups"]
    assert [group for group in groups if "/left-" in group] == []


def test_a_repository_is_tested_and_its_reports_and_artifact_are_kept(shop: Workshop) -> None:
    shop.codecommit.create_repository(repositoryName="fraud")
    test = "def test_good(): pass\ndef test_bad(): assert 1 == 2, 'not equal'\n"
    commit = shop.commit("fraud", buildspec__yml=TESTED, test_model__py=test, coverage__xml=COVERAGE)
    address = f"https://git-codecommit.{REGION}.amazonaws.com/v1/repos/fraud"
    artifacts = {"type": "S3", "location": "artifacts", "packaging": "ZIP", "name": "fraud.zip"}
    shop.project("fraud", {"type": "CODECOMMIT", "location": address}, artifacts=artifacts)
    extra = [{"name": "EXTRA", "value": "more"}]
    build = shop.build("fraud", sourceVersion="main", environmentVariablesOverride=extra)

    assert build["buildStatus"] == "FAILED"
    assert phases(build) == {
        **dict.fromkeys(
            ("SUBMITTED", "QUEUED", "PROVISIONING", "DOWNLOAD_SOURCE", "INSTALL", "PRE_BUILD"), "SUCCEEDED"
        ),
        "BUILD": "FAILED",
        **dict.fromkeys(("POST_BUILD", "UPLOAD_ARTIFACTS", "FINALIZING"), "SUCCEEDED"),
        "COMPLETED": "",
    }
    assert contexts(build, "BUILD")["statusCode"] == "COMMAND_EXECUTION_ERROR"
    assert contexts(build, "BUILD")["message"].endswith("tests.xml. Reason: exit status 1")
    assert build["resolvedSourceVersion"] == commit
    assert build["exportedEnvironmentVariables"] == [{"name": "RESULT", "value": f"installed-{commit[:7]}"}]
    body = shop.s3.get_object(Bucket="artifacts", Key="fraud.zip")["Body"].read()
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        assert packed.read("out/state.txt") == b"succeeding=0\n"
    assert "Running command echo finally" in shop.log(build)

    reports = {
        report["type"]: report for report in shop.codebuild.batch_get_reports(reportArns=build["reportArns"])["reports"]
    }
    tests = reports["TEST"]
    assert (tests["name"], tests["status"]) == ("fraud-tests", "FAILED")
    assert tests["testSummary"]["statusCounts"] == {"ERROR": 0, "FAILED": 1, "SKIPPED": 0, "SUCCEEDED": 1, "UNKNOWN": 0}
    failed = shop.codebuild.describe_test_cases(reportArn=tests["arn"], filter={"status": "FAILED"})["testCases"]
    assert [case["name"] for case in failed] == ["test_bad"]
    assert "not equal" in failed[0]["message"]
    coverage = reports["CODE_COVERAGE"]
    assert coverage["codeCoverageSummary"]["lineCoveragePercentage"] == 66.67
    (file,) = shop.codebuild.describe_code_coverages(reportArn=coverage["arn"])["codeCoverages"]
    assert (file["linesMissed"], file["branchesCovered"], file["branchesMissed"]) == (1, 1, 1)

    fixed = {"repositoryName": "fraud", "branchName": "main", "parentCommitId": commit, "filePath": "test_model.py"}
    shop.codecommit.put_file(**fixed, fileContent=b"def test_good(): pass\n")
    again = shop.codebuild.retry_build(id=build["id"])["build"]
    assert again["buildNumber"] == 2
    assert shop.ended(again["id"])["buildStatus"] == "SUCCEEDED"
    assert shop.codebuild.list_builds_for_project(projectName="fraud")["ids"] == [again["id"], build["id"]]


def test_a_build_acts_as_the_role_of_its_project(shop: Workshop) -> None:
    whoami = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
    shop.inline("who", spec(f'python -c "{whoami}"', "echo $CODEBUILD_BUILD_ID:$CODEBUILD_BUILD_NUMBER"))
    build = shop.build("who")
    log = shop.log(build)
    assert "assumed-role/builder/AWSCodeBuild-" in log
    assert f"{build['id']}:1" in log


@pytest.mark.parametrize(
    ("phase", "on_failure", "ran"),
    [
        ("install", "", ["install"]),
        ("pre_build", "", ["install", "pre_build"]),
        ("build", "", ["install", "pre_build", "build", "post_build"]),
        ("build", "ABORT", ["install", "pre_build", "build"]),
        ("pre_build", "CONTINUE", ["install", "pre_build", "build", "post_build"]),
        ("post_build", "", ["install", "pre_build", "build", "post_build"]),
    ],
)
def test_a_failed_phase_decides_which_phases_follow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, phase: str, on_failure: str, ran: list[str]
) -> None:
    from plinth_sandbox.executors.codebuild.buildspec import PHASES, parse
    from plinth_sandbox.executors.codebuild.log import BuildLog
    from plinth_sandbox.executors.codebuild.phases import run_phases
    from plinth_sandbox.executors.codebuild.progress import Progress
    from plinth_sandbox.executors.codebuild.shell import Shell

    monkeypatch.chdir(tmp_path)
    written = {name: {"commands": [f"echo {name} >> ran", "true"]} for name in PHASES}
    written[phase]["commands"][1] = "exit 4" if phase == "build" else "false"
    if on_failure:
        written[phase]["on-failure"] = on_failure  # type: ignore[assignment]
    parsed = parse(json.dumps({"version": 0.2, "phases": written}))
    log, progress = BuildLog(tmp_path / "log", "", "stream"), Progress()
    shell = Shell(["sh"], tmp_path, {}, log.file, tmp_path)
    succeeded, _ = run_phases(parsed, shell, log, progress)
    shell.close()
    assert not succeeded
    assert (tmp_path / "ran").read_text().split() == ran
    failed = [candidate["phaseType"].lower() for candidate in progress.phases if candidate["phaseStatus"] == "FAILED"]
    assert failed == [phase]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("version: 0.1\nphases: {build: {commands: [ls]}}", "version 0.1"),
        ("version: 0.2\nphases: {tests: {commands: [ls]}}", "unknown key tests"),
        ("version: 0.2\nphases: {build: {commands: [echo a: b]}}", "expected text"),
        ("version: 0.2\nphase: {}", "unknown key phase"),
        ("version: 0.2\nphases: [", "expected the node content"),
        ("version: 0.2\nphases: {build: {on-failure: RETRY}}", "on-failure"),
        ("version: 0.2\nphases: {build: {}}\nreports: {r: {files: [a], file-format: TESTNGXML}}", "TESTNGXML"),
        ("version: 0.2\nrun-as: ana\nphases: {build: {}}", "does not support"),
    ],
)
def test_a_buildspec_that_is_not_valid_is_refused_with_its_reason(text: str, reason: str) -> None:
    from plinth_sandbox.executors.codebuild.buildspec import BuildspecError, parse

    with pytest.raises(BuildspecError, match=reason):
        parse(text)


def test_builds_that_cannot_start_say_why(shop: Workshop) -> None:
    shop.inline("broken", "version: 0.2\nphases: {tests: {}}")
    build = shop.build("broken")
    assert build["buildStatus"] == "FAILED"
    assert contexts(build, "DOWNLOAD_SOURCE")["statusCode"] == "YAML_FILE_ERROR"
    unset = {"parameter-store": {"LEVEL": "/none"}}
    shop.inline("unset", spec("true", env=unset))
    assert contexts(shop.build("unset"), "DOWNLOAD_SOURCE")["message"] == "parameter does not exist: /none"
    unnamed = shop.build("unset", imageOverride="other/image:1")
    assert "plinth sandbox image" in contexts(unnamed, "PROVISIONING")["message"]


def test_a_source_in_s3_is_unpacked(shop: Workshop) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("ci/build.yml", spec("test -f ci/build.yml"))
    shop.s3.put_object(Bucket="artifacts", Key="source.zip", Body=packed.getvalue())
    source = {"type": "S3", "location": "artifacts/source.zip", "buildspec": "ci/build.yml"}
    shop.project("packed", source)
    assert shop.build("packed")["buildStatus"] == "SUCCEEDED"


def test_a_build_is_stopped(shop: Workshop, tmp_path: Path) -> None:
    shop.inline("slow", spec(f"touch {tmp_path}/begun", "sleep 600"), concurrentBuildLimit=1)
    identifier = shop.codebuild.start_build(projectName="slow")["build"]["id"]
    eventually(lambda: (tmp_path / "begun").exists())
    assert refusal(shop.codebuild.start_build, projectName="slow") == "AccountLimitExceededException"
    shop.codebuild.stop_build(id=identifier)
    build = shop.ended(identifier)
    assert build["buildStatus"] == "STOPPED"
    assert phases(build)["BUILD"] == "STOPPED"


def test_builds_leave_workers_to_the_runs_for_which_they_wait(shop: Workshop, tmp_path: Path) -> None:
    shop.inline("waiting", spec(f"while ! [ -e {tmp_path}/run ]; do sleep 0.05; done"))
    builds = [shop.codebuild.start_build(projectName="waiting")["build"]["id"] for _ in range(WORKERS)]
    role = shop.aws.role("jobs", "sagemaker")
    shop.aws.client("sagemaker").create_processing_job(
        ProcessingJobName="touch",
        RoleArn=role,
        AppSpecification={"ImageUri": IMAGE, "ContainerEntrypoint": ["touch", f"{tmp_path}/run"]},
        ProcessingResources={"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}},
    )
    assert {shop.ended(identifier)["buildStatus"] for identifier in builds} == {"SUCCEEDED"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"serviceRole": f"arn:aws:iam::{MANAGEMENT}:role/nobody"}, "InvalidInputException"),
        ({"timeoutInMinutes": 4}, "InvalidInputException"),
        ({"environment": {**ENVIRONMENT, "computeType": "HUGE"}}, "InvalidInputException"),
        ({"source": {"type": "CODECOMMIT"}}, "InvalidInputException"),
        ({"source": {"type": "NO_SOURCE"}}, "InvalidInputException"),
        ({"artifacts": {"type": "CODEPIPELINE"}}, "InvalidInputException"),
        ({"artifacts": {"type": "S3"}}, "InvalidInputException"),
        ({"name": "taken"}, "ResourceAlreadyExistsException"),
    ],
)
def test_projects_that_codebuild_refuses_are_refused(shop: Workshop, changes: dict[str, Any], code: str) -> None:
    if "taken" not in shop.codebuild.list_projects()["projects"]:
        shop.inline("taken", spec("true"))
    source = {"type": "NO_SOURCE", "buildspec": spec("true")}
    settings = {"name": "x", "artifacts": {"type": "NO_ARTIFACTS"}, "environment": ENVIRONMENT, "serviceRole": ROLE}
    create = shop.aws.client("codebuild", checked=False).create_project
    assert refusal(create, **{**settings, "source": source, **changes}) == code


def test_a_project_of_a_pipeline_is_built_by_pipelines_only(shop: Workshop) -> None:
    pipeline = {"artifacts": {"type": "CODEPIPELINE"}}
    shop.project("piped", {"type": "CODEPIPELINE", "buildspec": spec("true")}, **pipeline)
    assert refusal(shop.codebuild.start_build, projectName="piped") == "InvalidInputException"
    assert refusal(shop.codebuild.start_build, projectName="none") == "ResourceNotFoundException"


def test_a_commit_starts_a_build_through_a_rule(shop: Workshop) -> None:
    iam, events = shop.aws.client("iam"), shop.aws.client("events")
    trust = {"Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole", "Effect": "Allow"}
    allowed = {"Action": "codebuild:StartBuild", "Effect": "Allow", "Resource": "*"}
    trusted, policy = (json.dumps({"Version": "2012-10-17", "Statement": [it]}) for it in (trust, allowed))
    role = iam.create_role(RoleName="starter", AssumeRolePolicyDocument=trusted)["Role"]["Arn"]
    iam.put_role_policy(RoleName="starter", PolicyName="start", PolicyDocument=policy)
    shop.codecommit.create_repository(repositoryName="pushed")
    shop.inline("pushed", spec("true"))
    pattern = {"source": ["aws.codecommit"], "detail": {"repositoryName": ["pushed"], "referenceName": ["main"]}}
    events.put_rule(Name="pushed", EventPattern=json.dumps(pattern))
    target = f"arn:aws:codebuild:{REGION}:{MANAGEMENT}:project/pushed"
    events.put_targets(Rule="pushed", Targets=[{"Id": "build", "Arn": target, "RoleArn": role}])
    shop.commit("pushed", a="1")
    (identifier,) = shop.codebuild.list_builds_for_project(projectName="pushed")["ids"]
    assert shop.ended(identifier)["buildStatus"] == "SUCCEEDED"


def test_a_killed_sandbox_builds_again_and_an_ended_build_stays(shop: Workshop, tmp_path: Path) -> None:
    commands = (f"printf x >> {tmp_path}/starts", f"while ! [ -e {tmp_path}/gate ]; do sleep 0.05; done")
    shop.inline("gated", spec(*commands))
    sqs, events = shop.aws.client("sqs"), shop.aws.client("events")
    queue = sqs.create_queue(QueueName="builds")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{MANAGEMENT}:builds"
    statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Resource": arn}]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    pattern = {"source": ["aws.codebuild"], "detail-type": ["CodeBuild Build State Change"]}
    events.put_rule(Name="builds", EventPattern=json.dumps({**pattern, "detail": {"project-name": ["gated"]}}))
    events.put_targets(Rule="builds", Targets=[{"Id": "queue", "Arn": arn}])
    identifier = shop.codebuild.start_build(projectName="gated")["build"]["id"]
    eventually(lambda: (tmp_path / "starts").exists() and (tmp_path / "starts").read_text() == "x")
    shop.aws.restart()
    eventually(lambda: (tmp_path / "starts").read_text() == "xx")
    (tmp_path / "gate").touch()
    build = shop.ended(identifier)
    assert build["buildStatus"] == "SUCCEEDED"
    shop.aws.restart()
    assert shop.ended(identifier) == build
    assert (tmp_path / "starts").read_text() == "xx"
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    assert [json.loads(message["Body"])["detail"]["build-status"] for message in messages] == [
        "IN_PROGRESS",
        "SUCCEEDED",
    ]
