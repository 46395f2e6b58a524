"""A release of a generated deployment repository on the real engine, and the tests of the repository against it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from components.identity.releases.function_role import FunctionRole
from components.identity.releases.release_role import ReleaseRole
from components.identity.use_cases.monitor_start_role import MonitorStartRole
from components.identity.use_cases.serving_role import ServingRole
from components.identity.use_cases.use_case import UseCase
from plinth_sandbox.engine import provide
from plinth_sandbox.engine.image import image_with_engine
from plinth_sandbox.waiting import LONGEST_SECONDS, eventually
from runtime.promotion.engine import DeploymentStack
from runtime.promotion.environment.fleet import fleet_of
from runtime.promotion.environment.served import described
from runtime.promotion.errors import PromotionError
from runtime.promotion.records import Records
from selfservice.engine.account_access import Account
from selfservice.errors import RefusedError
from selfservice.promotions.prediction import Predictions
from tests.support.alarms import kept_on
from tests.support.endpoints import bakes
from tests.support.recorder import deploy
from tests.support.workbench import Workbench
from tests.templates.projects import BUILD, environment, generate_deployment
from tests.unit.settings.project import organization

TOOLING, REGION, BUCKET = "123456789012", "eu-west-1", "acme-artifacts"
IMAGE = f"{TOOLING}.dkr.ecr.{REGION}.amazonaws.com/fraud/scoring/train:1"
ARCHIVE = "fraud/scoring/models/main/20260101T000000-1a2b3c4/model.tar.gz"
PREFIX = "fraud--scoring-preprod"
PLAN = {"requests_per_second": 5, "burst": 10}
SIGNED = {"Registry": "grace", "Review": "ben"}
SAMPLE = next((BUILD / "algorithms/preprocessing/split/test/input").glob("*classification*"))


class Site:
    """An account of pre-production with a registered version, and its deployment repository."""

    def __init__(self, acme: Workbench, program: Path) -> None:
        self.acme, self.program = acme, program
        organizations = acme.client("organizations")
        self.organization_id = str(organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"])
        asked = organizations.create_account(AccountName="preproduction", Email="preproduction@acme.example")
        self.account = str(asked["CreateAccountStatus"]["AccountId"])
        self.network = _network(self)
        self.bucket = f"ml-preprod-fraud-{self.account}-{REGION}-an"
        location: Any = {"LocationConstraint": REGION}
        acme.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=location)
        self.client("s3").create_bucket(
            Bucket=self.bucket, CreateBucketConfiguration=location, BucketNamespace="account-regional"
        )
        self.key_arn = self.client("kms").create_key()["KeyMetadata"]["Arn"]
        self.archive = program.with_name("model.tar.gz")
        self.version_arn = self._register()
        self._foundation()
        answers = {
            "account_id": self.account,
            "bucket": self.bucket,
            "key_arn": self.key_arn,
            "subnets": self.network["subnets"],
            "security_groups": self.network["security_groups"],
            "api_endpoint": self.network["endpoint"],
            "log_retention_days": 365,
        }
        self.answers = {
            **{f"preproduction_{name}": value for name, value in answers.items()},
            "test_endpoint": self.network["endpoint"],
            "organization_id": self.organization_id,
        }
        generate_deployment(program, **self.answers)

    def client(self, service: str) -> Any:
        """Returns a client of the account of pre-production."""
        return self.acme.client(service, self.account)

    def _register(self) -> str:
        """Trains a model with the build template, and registers it."""
        folder = self.archive.parent / "training"
        for part in ("train", "validation"):
            (folder / part).mkdir(parents=True)
            (folder / part / "data.csv").write_bytes(SAMPLE.read_bytes())
        settings = {"problem": "classification", "target": "benign", "seed": "1", "max_iter": "5"}
        (folder / "hyperparameters.json").write_text(json.dumps(settings))
        given = {f"{part.upper()}_PATH": str(folder / part) for part in ("train", "validation", "model")}
        own = {"HYPERPARAMETERS_PATH": str(folder / "hyperparameters.json"), "PYTHONPATH": str(BUILD / "algorithms")}
        python = [str(environment() / "bin" / "python"), "-m", "training.train"]
        subprocess.run(python, env={"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1", **given, **own}, check=True)
        with tarfile.open(self.archive, "w:gz") as packed:
            for path in sorted((folder / "model").iterdir()):
                packed.add(path, path.name)
        self.acme.client("s3").put_object(Bucket=BUCKET, Key=ARCHIVE, Body=self.archive.read_bytes())
        sagemaker = self.acme.client("sagemaker")
        group = sagemaker.create_model_package_group(ModelPackageGroupName="fraud--scoring-main")
        reads = _allows(self.account, group["ModelPackageGroupArn"].replace("-group/", "*/") + "*", "sagemaker:*")
        sagemaker.put_model_package_group_policy(ModelPackageGroupName="fraud--scoring-main", ResourcePolicy=reads)
        policy = _allows(self.account, f"arn:aws:s3:::{BUCKET}/*", "s3:GetObject", f"arn:aws:s3:::{BUCKET}", "s3:List*")
        self.acme.client("s3").put_bucket_policy(Bucket=BUCKET, Policy=policy)
        container = {
            "Image": IMAGE,
            "ModelDataUrl": f"s3://{BUCKET}/{ARCHIVE}",
            "Environment": {"SM_MODEL_DIR": "/opt/ml/model"},
        }
        return str(
            sagemaker.create_model_package(
                ModelPackageGroupName="fraud--scoring-main",
                ModelApprovalStatus="Approved",
                InferenceSpecification={
                    "Containers": [container],
                    "SupportedContentTypes": ["application/json"],
                    "SupportedResponseMIMETypes": ["application/json"],
                },
            )["ModelPackageArn"]
        )

    def _foundation(self) -> None:
        """Creates what the stack of the use case has: roles with their permissions, queues and the topic of alarms."""
        iam, sqs = self.client("iam"), self.client("sqs")
        for name, policy in _permissions(self).items():
            trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
            services = {**trust, "Principal": {"Service": ["lambda.amazonaws.com", "sagemaker.amazonaws.com"]}}
            document = json.dumps({"Version": "2012-10-17", "Statement": [trust, services]})
            iam.create_role(RoleName=f"{PREFIX}-{name}", Path="/plinth/", AssumeRolePolicyDocument=document)
            iam.put_role_policy(RoleName=f"{PREFIX}-{name}", PolicyName="permissions", PolicyDocument=policy)
        for name in ("answers", "event-failures", "monitor-failures"):
            arn = f"arn:aws:sqs:{REGION}:{self.account}:{PREFIX}-{name}"
            rules = {
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
                "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:events:{REGION}:{self.account}:rule/{PREFIX}-*"}},
            }
            policy = json.dumps({"Version": "2012-10-17", "Statement": [rules]})
            sqs.create_queue(QueueName=f"{PREFIX}-{name}", Attributes={"Policy": policy})
        self.client("sns").create_topic(Name=f"{PREFIX}-alarms")
        logging = {"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [logging]})
        role = iam.create_role(RoleName="api-logs", AssumeRolePolicyDocument=document)["Role"]["Arn"]
        change = {"op": "replace", "path": "/cloudwatchRoleArn", "value": role}
        self.client("apigateway").update_account(patchOperations=[change])

    def configure(self, **changes: object) -> None:
        """Changes the configuration of inference in pre-production."""
        file = self.program / "inference_config" / "staging" / "inference_config.json"
        content = json.loads(file.read_text())
        content["inference"] |= changes
        file.write_text(json.dumps(content))

    def release(self) -> dict[str, Any]:
        """Releases the version as the promotion does, and returns the outputs."""
        session: Any = SimpleNamespace(client=self.client)
        endpoint = described(self.client("sagemaker"), PREFIX)
        return self._stack().deploy(fleet_of(session, endpoint) if endpoint else {})

    def release_in_steps(self) -> None:
        """Releases the version, and ends the wait after each step of the traffic by the clock of the sandbox."""

        def step() -> bool:
            # Only in a wait: a clock that moves while instances start lets the deployment time out.
            if bakes(self.client("sagemaker").describe_endpoint(EndpointName=PREFIX)):
                self.acme.sandbox("clock", "--advance", "1m")
            return released.done()

        with ThreadPoolExecutor(1) as pool:
            released = pool.submit(self.release)
            eventually(step, every_seconds=1.0)
            released.result()

    def serving(self) -> tuple[str, int]:
        """Returns the configuration in service and the number of its instances."""
        endpoint = self.client("sagemaker").describe_endpoint(EndpointName=PREFIX)
        (variant,) = endpoint["ProductionVariants"]
        return endpoint["EndpointConfigName"], variant["DesiredInstanceCount"]

    def destroy(self) -> None:
        """Destroys the release."""
        self._stack().destroy()

    def log_groups(self) -> dict[str, str]:
        """Returns the log groups of the release with the times of their creation."""
        found = self.client("logs").describe_log_groups()["logGroups"]
        return {
            log_group["logGroupName"]: str(log_group["creationTime"])
            for log_group in found
            if PREFIX in log_group["logGroupName"]
        }

    def _stack(self) -> DeploymentStack:
        promotion = {"versions": [self.version_arn], "sign_offs": SIGNED}
        return DeploymentStack(
            program=self.program,
            project="fraud--scoring",
            name="fraud-preproduction",
            region=REGION,
            records=Records(s3=self.acme.client("s3"), bucket=BUCKET, folder="fraud/scoring"),
            settings={
                "plinth:organization": organization().model_dump_json(exclude_defaults=True),
                "plinth:promotion": json.dumps(promotion),
                "release:version_arn": self.version_arn,
                "release:commit": "1a2b3c4",
                "release:image": IMAGE,
                "release:archive": f"s3://{BUCKET}/{ARCHIVE}",
            },
        )

    def local(self, request: Path) -> list[float]:
        """Returns what the archive of the model predicts on this machine."""
        code = (
            "import json, sys; from pathlib import Path; from shared_libraries.calls import call_from;"
            "call = call_from({'MODEL_ARCHIVE': sys.argv[2]});"
            "print(json.dumps(call(Path(sys.argv[1]).read_text(), 'application/json').body['predictions']))"
        )
        folders = f"{self.program / 'app_infra' / 'lambda'}:{self.program / 'app_infra'}"
        command = [str(environment() / "bin" / "python"), "-c", code, str(request), str(self.archive)]
        done = subprocess.run(command, env={"PYTHONPATH": folders}, capture_output=True, text=True, check=True)
        return list(json.loads(done.stdout))

    def tested(self, **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs the integration tests of the repository with the credentials of the release role."""
        url = self.acme.environment()["AWS_ENDPOINT_URL"]
        authorities = str(self.acme.root / "sandbox" / "aws" / "authorities.pem")
        own = {**self.acme.session_of("tests", self.account, f"plinth/{PREFIX}-release"), **variables}
        connection = {"AWS_ENDPOINT_URL": url, "AWS_DEFAULT_REGION": REGION, "HTTPS_PROXY": url}
        return subprocess.run(
            [str(environment() / "bin" / "python"), "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rs",
             "tests/integration_test"],
            cwd=self.program,
            env={"PATH": os.environ["PATH"], **connection, "AWS_CA_BUNDLE": authorities, **own},
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip


def _permissions(site: Site) -> dict[str, str]:
    """Returns the policies of the roles, as the stack of a use case declares them."""
    case = UseCase(team="fraud", name="scoring", region=REGION)
    arns = {"bucket_arn": f"arn:aws:s3:::{site.bucket}", "key_arn": site.key_arn}
    common: dict[str, Any] = {
        "use_case": case,
        "environment": "preproduction",
        "account_id": site.account,
        "boundary_arn": f"arn:aws:iam::{site.account}:policy/plinth/boundary",
        **arns,
    }
    registry = {"registry_bucket_arn": f"arn:aws:s3:::{BUCKET}", "registry_key_arn": site.key_arn}
    organized = {"organization_id": site.organization_id}

    def program() -> None:
        FunctionRole(**common, answers_events=True).create("predict")
        MonitorStartRole(**common).create("start-monitor")
        ServingRole(**common, **registry, **organized).create("serving")
        ReleaseRole(**common, **organized, tooling_account_id=TOOLING, predicts_on_events=True).create("release")

    found = deploy(program).all("aws:iam/rolePolicy:RolePolicy")
    return {
        str(role_policy.inputs["role"]).removeprefix(f"{PREFIX}-"): str(role_policy.inputs["policy"])
        for role_policy in found
    }


def _allows(account: str, *grants: str) -> str:
    """Returns a resource policy that allows an account actions on resources, which are named in turn."""
    principal = {"AWS": f"arn:aws:iam::{account}:root"}
    statements = [
        {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
        for resource, action in zip(grants[::2], grants[1::2], strict=True)
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _network(site: Site) -> dict[str, Any]:
    ec2 = site.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.0.{start}/26", AvailabilityZone=f"{REGION}{zone}")["Subnet"]
        for start, zone in ((0, "a"), (64, "b"))
    ]
    group = ec2.create_security_group(GroupName="jobs", Description="Jobs", VpcId=vpc)["GroupId"]
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc,
        ServiceName=f"com.amazonaws.{REGION}.execute-api",
        VpcEndpointType="Interface",
        SubnetIds=[subnets[0]["SubnetId"]],
    )["VpcEndpoint"]["VpcEndpointId"]
    return {
        "subnets": [subnet["SubnetId"] for subnet in subnets],
        "security_groups": [group],
        "endpoint": endpoint,
    }


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("serving")
    acme = Workbench(root)
    acme.project.mkdir()
    (acme.project / "Pulumi.yaml").write_text("name: plinth\nruntime: python\n")
    acme.sandbox("up")
    acme.sandbox("image", "*/train:*", str(environment()))
    variables = acme.environment()
    home = Path(variables["PULUMI_HOME"])
    image = image_with_engine(root / "image", Path(sys.prefix), provide().binary_directory, home)
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("AWS_", "PULUMI_"))]:
            patch.delenv(name)
        for name, value in {**variables, "PATH": f"{image / 'bin'}{os.pathsep}{os.environ['PATH']}"}.items():
            patch.setenv(name, value)
        try:
            yield Site(acme, root / "scoring-deployment")
        finally:
            acme.sandbox("down")


@pytest.mark.requirement("RT-03")
@pytest.mark.requirement("RT-06")
@pytest.mark.requirement("RT-10.a", "RT-10.d")
def test_requests_with_a_key_and_events_are_answered_by_containers_in_series(site: Site) -> None:
    role = f"arn:aws:iam::{site.account}:role/plinth/claims"
    site.configure(
        containers=["preprocess", "predict"], events={"answers": "event"}, plans={"claims": {**PLAN, "role": role}}
    )
    outputs = site.release()
    (model,) = site.client("sagemaker").list_models()["Models"]
    described = site.client("sagemaker").describe_model(ModelName=model["ModelName"])
    assert [container["Environment"]["SERVE_PARTS"] for container in described["Containers"]] == [
        "preprocess",
        "predict,postprocess",
    ]
    gateway = site.client("apigateway")
    key = gateway.get_api_key(apiKey=outputs["api_key_id"], includeValue=True)["value"]
    service = {"API_URL": outputs["url"], "ANSWERS_URL": outputs["answers_url"]}
    done = site.tested(**service, API_KEY=key)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped" not in done.stdout
    refused = site.tested(**service)
    assert "403" in refused.stdout


@pytest.mark.requirement("RT-07.b", level="run")
@pytest.mark.requirement("RB-03")
def test_a_release_keeps_what_scaling_added_and_passes_while_the_alarm_of_the_endpoint_is_on(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    sagemaker, scaling = site.client("sagemaker"), site.client("application-autoscaling")
    before, bounds = site.serving()[0], {"least": 2, "most": 10, "invocations_per_instance": 1000}
    wanted = [{"VariantName": "AllTraffic", "DesiredInstanceCount": 8}]
    sagemaker.update_endpoint_weights_and_capacities(EndpointName=PREFIX, DesiredWeightsAndCapacities=wanted)
    alarm = f"{PREFIX}-AllTraffic-Invocation5XXErrors"
    errors = {"metric": "Invocation5XXErrors", "above": 0, "minutes": 1}
    at_once = {"strategy": "all-at-once", "bake_seconds": 0, "timeout_seconds": 600, "alarms": [errors]}
    site.configure(deployment=at_once, scaling=bounds)
    with kept_on(site.client("cloudwatch"), alarm):
        site.release()
    after = site.serving()
    assert (after[0] != before, after[1]) == (True, 8)
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 10)
    site.release()
    assert site.serving() == after, "a repeated release starts no deployment"
    assert "traffic" not in capsys.readouterr().out, "no step is followed by a wait"


def test_a_release_in_steps_says_how_long_their_waits_are(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = [{"VariantName": "AllTraffic", "DesiredInstanceCount": 6}]
    site.client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName=PREFIX, DesiredWeightsAndCapacities=wanted
    )
    canary = {"strategy": "canary", "step_percentage": 10, "bake_seconds": 60, "timeout_seconds": 1200, "alarms": []}
    site.configure(deployment=canary)
    before = site.serving()
    site.release_in_steps()
    steps = "traffic moves to the new fleet in 2 steps, each followed by 60 s"
    assert f"endpoint {PREFIX}: {steps}" in capsys.readouterr().out
    after = site.serving()
    assert (after[0] != before[0], after[1]) == (True, 6)


def test_another_instance_type_needs_a_variant_that_does_not_scale_and_then_scales_again(site: Site) -> None:
    at_once = {"strategy": "all-at-once", "bake_seconds": 0, "timeout_seconds": 600, "alarms": []}
    site.configure(instance="ml.m5.xlarge", deployment=at_once)
    with pytest.raises(PromotionError, match="must be deregistered as scalable targets"):
        site.release()
    scaling = site.client("application-autoscaling")
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    names = ("ServiceNamespace", "ResourceId", "ScalableDimension")
    scaling.deregister_scalable_target(**{name: target[name] for name in names})
    site.release()
    (again,) = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert (again["ResourceId"], again["MaxCapacity"]) == (target["ResourceId"], target["MaxCapacity"])
    assert len(scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]) == 1
    endpoint = site.client("sagemaker").describe_endpoint(EndpointName=PREFIX)
    configuration = site.client("sagemaker").describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    assert [production_variant["InstanceType"] for production_variant in configuration["ProductionVariants"]] == [
        "ml.m5.xlarge"
    ]


@pytest.mark.requirement("RT-05")
@pytest.mark.requirement("RT-10.a", "RT-10.d")
def test_a_first_release_after_a_destroyed_one_adopts_its_logs_and_answers_later(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.destroy()
    left = site.log_groups()
    assert (len(left), site.client("sagemaker").list_endpoints()["Endpoints"]) == (5, [])
    role = f"arn:aws:iam::{site.account}:role/plinth/claims"
    generated = generate_deployment(tmp_path / "later", **site.answers, inference="asynchronous")
    place = Path("inference_config/staging/inference_config.json")
    (site.program / place).write_text((generated / place).read_text())
    site.configure(plans={"claims": {**PLAN, "role": role}})
    outputs = site.release()
    assert left.items() <= site.log_groups().items()
    request = site.program / "tests" / "data" / "request.json"
    url = site.acme.environment()["AWS_ENDPOINT_URL"]
    monkeypatch.setenv("HTTPS_PROXY", url)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(site.acme.root / "sandbox" / "aws" / "authorities.pem"))
    service = Predictions(url=f"{outputs['url']}/v1/predictions", region=REGION, key_id=outputs["api_key_id"])
    arn = f"arn:aws:iam::{site.account}:role/plinth/{PREFIX}-release"
    caller = Account(id="", region=REGION, role_arn=arn)
    answer = json.loads(
        service.send(request.read_bytes(), caller.keys(), service.api_key(caller), longest_seconds=LONGEST_SECONDS)
    )
    assert answer["predictions"] == pytest.approx(site.local(request))
    with pytest.raises(RefusedError, match="403"):
        service.send(request.read_bytes(), caller.keys())
