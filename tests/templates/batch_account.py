"""A sandbox in which one account is production and registry, with a registered model and its batch pipeline."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from components.batch.run_failures import RunFailures, RunFailuresArgs
from components.identity.use_cases.batch_role import BatchRole
from components.identity.use_cases.batch_start_role import BatchStartRole
from components.identity.use_cases.serving_role import ServingRole
from components.identity.use_cases.use_case import UseCase
from components.monitoring.alarm_topic import AlarmTopic, AlarmTopicArgs
from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws
from plinth_sandbox.waiting import eventually
from tests.support.recorder import deploy
from tests.templates.projects import BUILD, environment, generate_deployment, run

SAMPLE = next((BUILD / "algorithms/preprocessing/split/test/input").glob("*regression*"))
IMAGE = f"{MANAGEMENT}.dkr.ecr.{REGION}.amazonaws.com/fraud/scoring/train:1"
BUCKET, REGISTRY, LANDING = "ml-prod-fraud", "acme-artifacts", "lake-landing"
VERSION = "fraud/scoring/models/main/3/"
VERSION_ARN = f"arn:aws:sagemaker:{REGION}:{MANAGEMENT}:model-package/fraud--scoring-main/3"
BUS = "fraud--scoring-monitoring"
TOPIC = "fraud--scoring-prod-alarms"
PIPELINE = "fraud--scoring-prod-inference"
TRAIN = """
import json, shutil, sys, tarfile
from pathlib import Path
code, sample, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
sys.path.insert(0, code)
import pandas as pd
from shared_libraries.statistics import constraints, statistics
from training.train.__main__ import main
for name in ("train", "validation"):
    (folder / name).mkdir()
    shutil.copy(sample, folder / name / "data.csv")
settings = {"problem": "regression", "target": "progression", "seed": "42", "max_iter": "20"}
(folder / "settings.json").write_text(json.dumps(settings))
words = [word for name in ("train", "validation", "model") for word in (f"--{name}", str(folder / name))]
main([*words, "--hyperparameters", str(folder / "settings.json")])
with tarfile.open(folder / "model.tar.gz", "w:gz") as archive:
    for file in sorted((folder / "model").iterdir()):
        archive.add(file, file.name)
table = pd.read_csv(sample)
for name, content in (("statistics", statistics(table)), ("constraints", constraints(table))):
    (folder / f"{name}.json").write_text(json.dumps(content))
"""
"""Trains a model with the training step of the build template and describes its data, as the pipeline does."""


class BatchAccount:
    """Creates what a release of batch inference creates: model, pipeline, function and rule."""

    def __init__(self, aws: EmulatedAws, folder: Path) -> None:
        self.aws, self.folder = aws, folder
        self.sagemaker, self.s3 = aws.client("sagemaker"), aws.client("s3")
        self.key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
        for bucket in (BUCKET, REGISTRY, LANDING):
            self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.s3.put_bucket_notification_configuration(
            Bucket=BUCKET, NotificationConfiguration={"EventBridgeConfiguration": {}}
        )
        given = {"AccountId": MANAGEMENT, "Name": "fraud--fraud-scores--drop", "Bucket": LANDING}
        point = aws.client("s3control").create_access_point(**given)
        # The lake leaves access to its access points, as the foundation does.
        delegated = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{LANDING}/*",
            "Condition": {"StringEquals": {"s3:DataAccessPointAccount": MANAGEMENT}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [delegated]})
        self.s3.put_bucket_policy(Bucket=LANDING, Policy=policy)
        self.roles = self._roles()
        (aws.directory / "images.json").write_text(json.dumps({"*/fraud/scoring/*": str(environment())}))
        self.project = self._repository(str(point["Alias"]))
        self._model(self.roles["serving"])
        self._pipeline()
        self._start(self.roles["start"])
        self._mailbox = self._tell()
        self._comparisons = self._listen()

    def arrive(self, build: str, content: str) -> None:
        """Stores an input and its marker."""
        self.s3.put_object(Bucket=BUCKET, Key=f"scoring/{build}/input/data.csv", Body=content.encode())
        self.mark(build)

    def mark(self, build: str) -> None:
        self.s3.put_object(Bucket=BUCKET, Key=f"scoring/{build}/input/_SUCCESS", Body=b"")

    def executions(self) -> dict[str, str]:
        """Returns the executions of the pipeline by build id."""
        listed = self.sagemaker.list_pipeline_executions(PipelineName=PIPELINE)["PipelineExecutionSummaries"]
        return {
            execution_summary["PipelineExecutionDisplayName"]: execution_summary["PipelineExecutionArn"]
            for execution_summary in listed
        }

    def count(self, build: str) -> int:
        """Returns how often the pipeline was started for an input."""
        listed = self.sagemaker.list_pipeline_executions(PipelineName=PIPELINE)["PipelineExecutionSummaries"]
        return sum(execution_summary["PipelineExecutionDisplayName"] == build for execution_summary in listed)

    def ended(self, build: str) -> dict[str, Any]:
        """Returns the execution of an input when it has ended."""
        arn = eventually(lambda: self.executions().get(build))

        def look() -> dict[str, Any] | None:
            found: dict[str, Any] = self.sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
            return found if found["PipelineExecutionStatus"] not in ("Executing", "Stopping") else None

        return eventually(look, every_seconds=0.5)

    def steps(self, build: str) -> dict[str, dict[str, Any]]:
        arn = self.executions()[build]
        listed = self.sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)["PipelineExecutionSteps"]
        return {step["StepName"]: step for step in listed}

    def object(self, bucket: str, key: str) -> str:
        body: bytes = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return body.decode()

    def version(self, name: str) -> Path:
        """Returns a file of the registered version on this machine."""
        return self.folder / "version" / name

    def transformed(self, rows: str) -> list[float]:
        """Returns the predictions of rows without a header, by a batch transform alone with a serial model."""
        image = {"Image": IMAGE, "ModelDataUrl": f"s3://{REGISTRY}/{VERSION}model.tar.gz"}
        containers = [
            {**image, "Environment": {"SM_MODEL_DIR": "/opt/ml/model", **variables}}
            for variables in ({"SERVE_PARTS": "preprocess"}, {"SERVE_PARTS": "predict,postprocess"})
        ]
        self.sagemaker.create_model(
            ModelName="series",
            ExecutionRoleArn=self.roles["serving"],
            Containers=containers,
            EnableNetworkIsolation=True,
        )
        run = "scoring/20260104T060000-1a2b3c4/ml-pipeline-outputs"
        self.s3.put_object(Bucket=BUCKET, Key=f"{run}/features/rows.csv", Body=rows.encode())
        self.sagemaker.create_transform_job(
            TransformJobName="fraud--scoring-prod-alone",
            ModelName="series",
            BatchStrategy="MultiRecord",
            TransformInput={
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{run}/features/"}},
                "ContentType": "text/csv",
                "SplitType": "Line",
            },
            TransformOutput={
                "S3OutputPath": f"s3://{BUCKET}/{run}/predictions/",
                "Accept": "text/csv",
                "AssembleWith": "Line",
            },
            TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        )

        def look() -> dict[str, Any] | None:
            found: dict[str, Any] = self.sagemaker.describe_transform_job(TransformJobName="fraud--scoring-prod-alone")
            return found if found["TransformJobStatus"] not in ("InProgress", "Stopping") else None

        job = eventually(look, every_seconds=0.5)
        assert job["TransformJobStatus"] == "Completed", job
        text = self.object(BUCKET, f"{run}/predictions/rows.csv.out")
        return [float(line) for line in text.split()]

    def told(self, problem: str) -> dict[str, str]:
        """Returns the message with a problem, when the topic has delivered it."""
        sqs = self.aws.client("sqs")

        def look() -> list[dict[str, str]]:
            for message in sqs.receive_message(QueueUrl=self._mailbox).get("Messages", []):
                self._messages.append(json.loads(json.loads(message["Body"])["Message"]))
                sqs.delete_message(QueueUrl=self._mailbox, ReceiptHandle=message["ReceiptHandle"])
            return [candidate for candidate in self._messages if candidate["problem"] == problem]

        return eventually(look, details=lambda: f"the topic was told: {self._messages}")[0]

    def _tell(self) -> str:
        """Creates what tells a topic of failures, as the foundation declares it. Returns the queue that follows it."""
        self._messages: list[dict[str, str]] = []
        sns, sqs, events = (self.aws.client(service) for service in ("sns", "sqs", "events"))
        topic = sns.create_topic(Name=TOPIC)["TopicArn"]
        queue = sqs.create_queue(QueueName="mailbox")["QueueUrl"]
        address = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=address)
        prefix = "fraud--scoring-prod"
        failures = RunFailuresArgs(
            label="fraud--scoring in production",
            prefix=prefix,
            account_id=MANAGEMENT,
            region=REGION,
            topic_arn=topic,
            dead_letter_queue_arn=f"arn:aws:sqs:{REGION}:{MANAGEMENT}:{prefix}-start-failures",
            dead_letter_queues={},
        )
        given = AlarmTopicArgs(
            topic_name=TOPIC,
            account_id=MANAGEMENT,
            organization_id="o-acme",
            key_arn=self.key,
            mailboxes={"owner": "fraud@acme.example"},
            rules_arn=f"arn:aws:events:{REGION}:{MANAGEMENT}:rule/{prefix}-*",
        )
        declared = deploy(lambda: AlarmTopic("alarms", given))
        policy = declared.one("aws:sns/topicPolicy:TopicPolicy").inputs["policy"]
        policy = policy.replace(declared.one("aws:sns/topic:Topic").computed["arn"], topic)
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
        recorder = deploy(lambda: RunFailures("failures", failures))
        for rule in recorder.all("aws:cloudwatch/eventRule:EventRule"):
            events.put_rule(Name=rule.inputs["name"], EventPattern=rule.inputs["eventPattern"])
        for target in recorder.all("aws:cloudwatch/eventTarget:EventTarget"):
            made = target.inputs["inputTransformer"]
            text = {"InputPathsMap": made["inputPaths"], "InputTemplate": made["inputTemplate"]}
            (name,) = [
                rule.inputs["name"]
                for rule in recorder.all("aws:cloudwatch/eventRule:EventRule")
                if target.name == f"{rule.name}-target"
            ]
            events.put_targets(Rule=name, Targets=[{"Id": "people", "Arn": topic, "InputTransformer": text}])
        return str(queue)

    def comparison(self) -> dict[str, Any]:
        """Returns the next event of a comparison that reaches the bus."""

        def look() -> dict[str, Any] | None:
            found = self.aws.client("sqs").receive_message(QueueUrl=self._comparisons).get("Messages", [])
            return dict(json.loads(found[0]["Body"])) if found else None

        return eventually(look)

    def _listen(self) -> str:
        """Creates the bus for results of comparisons, and returns the queue that follows it."""
        sqs, events = self.aws.client("sqs"), self.aws.client("events")
        events.create_event_bus(Name=BUS)
        rule = events.put_rule(Name="all", EventBusName=BUS, EventPattern='{"source": ["fraud.scoring"]}')["RuleArn"]
        queue = sqs.create_queue(QueueName="comparisons")["QueueUrl"]
        address = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sends = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": address,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [sends]})
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
        events.put_targets(Rule="all", EventBusName=BUS, Targets=[{"Id": "queue", "Arn": address}])
        return str(queue)

    def _roles(self) -> dict[str, str]:
        """Creates the roles as the foundation declares them, and returns their ARNs. They judge all calls of a run."""
        organizations = self.aws.client("organizations")
        organization = organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]
        boundary = f"arn:aws:iam::{MANAGEMENT}:policy/plinth/boundary"
        case = UseCase(team="fraud", name="scoring", region=REGION)
        here: dict[str, Any] = {
            "use_case": case,
            "environment": "production",
            "account_id": MANAGEMENT,
            "bucket_arn": f"arn:aws:s3:::{BUCKET}",
            "key_arn": self.key,
            "boundary_arn": boundary,
        }
        registry: dict[str, Any] = {
            "organization_id": organization,
            "registry_bucket_arn": f"arn:aws:s3:::{REGISTRY}",
            "registry_key_arn": self.key,
        }
        serving = ServingRole(**here, **registry, predicts_in_batches=True)
        return {
            "serving": self.role(lambda: serving.create("it")),
            "pipeline": self.role(lambda: BatchRole(**here, **registry, bus_account_id=MANAGEMENT).create("it")),
            "start": self.role(lambda: BatchStartRole(**here).create("it")),
        }

    def role(self, program: Callable[[], object]) -> str:
        """Creates the role that a program declares, and returns its ARN."""
        recorder, iam = deploy(program), self.aws.client("iam")
        given, policy = (recorder.one(f"aws:iam/{kind}").inputs for kind in ("role:Role", "rolePolicy:RolePolicy"))
        trust, name = given["assumeRolePolicy"], given["name"]
        role = iam.create_role(RoleName=name, Path=given["path"], AssumeRolePolicyDocument=trust)["Role"]
        iam.put_role_policy(RoleName=name, PolicyName="permissions", PolicyDocument=policy["policy"])
        return str(role["Arn"])

    def _repository(self, drop_point: str) -> Path:
        """Generates the deployment repository, with the results of production returned to the lake."""
        accounts = {
            f"{place}_{name}": value
            for place in ("preproduction", "production")
            for name, value in (("account_id", MANAGEMENT), ("key_arn", self.key))
        }
        project = self.folder / "repository"
        generate_deployment(project, problem="regression", inference="batch", **accounts)
        file = project / "inference_config" / "prod" / "inference_config.json"
        content = json.loads(file.read_text())
        content["inference"]["returned_to"] = {"dataset": "fraud-scores", "drop_point": drop_point}
        file.write_text(json.dumps(content))
        return project

    def _model(self, role: str) -> None:
        folder = self.folder / "version"
        folder.mkdir()
        words = ["-c", TRAIN, str(BUILD / "algorithms"), str(SAMPLE), str(folder)]
        words = [str(environment() / "bin" / "python"), *words]
        subprocess.run(words, check=True, capture_output=True, env={"OMP_NUM_THREADS": "1", "PATH": "/usr/bin:/bin"})
        for name in ("model.tar.gz", "statistics.json", "constraints.json"):
            self.s3.put_object(Bucket=REGISTRY, Key=f"{VERSION}{name}", Body=(folder / name).read_bytes())
        container = {
            "Image": IMAGE,
            "ModelDataUrl": f"s3://{REGISTRY}/{VERSION}model.tar.gz",
            "Environment": {"SM_MODEL_DIR": "/opt/ml/model"},
        }
        given = {"ModelName": "scores-3", "PrimaryContainer": container, "EnableNetworkIsolation": True}
        self.sagemaker.create_model(**given, ExecutionRoleArn=role)

    def _pipeline(self) -> None:
        done = run(self.project, "render")
        assert done.returncode == 0, done.stderr
        definition = (self.project / "build" / "inference-prod.json").read_text()
        given = {"PipelineName": PIPELINE, "RoleArn": self.roles["pipeline"], "ClientRequestToken": "c" * 32}
        self.sagemaker.create_pipeline(**given, PipelineDefinition=definition)

    def _start(self, role: str) -> None:
        packed, code = io.BytesIO(), self.project / "app_infra" / "lambda"
        with zipfile.ZipFile(packed, "w") as archive:
            for file in sorted((code / "start_batch").glob("*.py")):
                archive.write(file, file.relative_to(code).as_posix())
            for name in ("batch_inference", "shared_libraries"):
                for file in sorted((code.parent / name).rglob("*.py")):
                    archive.write(file, f"jobs/{file.relative_to(code.parent).as_posix()}")
        release = {
            "Image": IMAGE,
            "ModelName": "scores-3",
            "VersionUri": f"s3://{REGISTRY}/{VERSION}",
            "VersionArn": VERSION_ARN,
        }
        variables = {
            "BUCKET": BUCKET,
            "USE_CASE": "scoring",
            "PIPELINE_NAME": PIPELINE,
            "PIPELINE_PARAMETERS": json.dumps(release),
        }
        function = self.aws.client("lambda").create_function(
            FunctionName="start-batch",
            Runtime="python3.12",
            Handler="start_batch.handler.handle",
            Role=role,
            Code={"ZipFile": packed.getvalue()},
            Timeout=900,
            Environment={"Variables": variables},
        )["FunctionArn"]
        rule = json.loads((self.project / "build" / "start-batch-prod.json").read_text())
        events = self.aws.client("events")
        arn = events.put_rule(**rule)["RuleArn"]
        self.aws.client("lambda").add_permission(
            FunctionName="start-batch",
            StatementId="rule",
            Action="lambda:InvokeFunction",
            Principal="events.amazonaws.com",
            SourceArn=arn,
        )
        events.put_targets(Rule=rule["Name"], Targets=[{"Id": "start", "Arn": function}])


def opened(archive: Path, folder: Path) -> Path:
    """Unpacks the archive of a model."""
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder
