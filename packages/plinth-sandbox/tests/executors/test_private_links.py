"""Runs in a network reach a service of another account by its private name, and only through an accepted endpoint."""

from __future__ import annotations

import base64
import http.server
import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from executors.balanced import serve_balanced
from plinth_sandbox.emulator.executors.networks import RunNetwork, RunNetworks, with_token
from plinth_sandbox.testing import REGION, EmulatedAws, publish_text, self_signed
from plinth_sandbox.waiting import eventually

NAME, ANSWER = "api.tools.example", "hello from a pod"
PERMISSION = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}
SCRIPT = f"""
import boto3, ssl, sys, urllib.request
boto3.client("sts").get_caller_identity()
context = ssl.create_default_context(cafile=sys.argv[1])
with urllib.request.urlopen("https://{NAME}/", timeout=20, context=context) as answer:
    print(answer.read().decode())
"""

SERVE = f"""
import os, ssl, urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(200, b"")

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        context = ssl.create_default_context(cafile=os.environ["TRUSTED"])
        try:
            with urllib.request.urlopen("https://{NAME}/", timeout=20, context=context) as found:
                self.answer(200, found.read())
        except OSError as error:
            self.answer(400, str(error).encode())

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

HTTPServer(("0.0.0.0", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
"""


class Pod(http.server.BaseHTTPRequestHandler):
    """Answers what stands for a pod behind the load balancer."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER.encode())

    def log_message(self, format: str, *values: object) -> None:
        del format, values


class Provider:
    """An account that offers a load balancer, with a certificate for the verified private name."""

    def __init__(self, aws: EmulatedAws, port: int, certificate: Path) -> None:
        account = aws.new_account("tools")
        self.ec2, elb, route53 = (aws.client(service, account) for service in ("ec2", "elbv2", "route53"))
        written, key = self_signed(NAME)
        certificate.write_bytes(written)
        imported = aws.client("acm", account).import_certificate(Certificate=written, PrivateKey=key)["CertificateArn"]
        network = aws.network(account)
        created = elb.create_load_balancer(
            Name="tools", Type="network", Scheme="internal", Subnets=network["SubnetIds"]
        )
        balancer = created["LoadBalancers"][0]["LoadBalancerArn"]
        group = elb.create_target_group(
            Name="tools", Protocol="TCP", Port=443, VpcId=network["VpcId"], TargetType="ip"
        )["TargetGroups"][0]["TargetGroupArn"]
        elb.register_targets(TargetGroupArn=group, Targets=[{"Id": "10.0.0.10", "Port": port}])
        elb.create_listener(
            LoadBalancerArn=balancer,
            Port=443,
            Protocol="TLS",
            Certificates=[{"CertificateArn": imported}],
            DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
        )
        service = self.ec2.create_vpc_endpoint_service_configuration(
            NetworkLoadBalancerArns=[balancer], PrivateDnsName=NAME
        )["ServiceConfiguration"]
        self.service, self.service_name = service["ServiceId"], service["ServiceName"]
        record = service["PrivateDnsNameConfiguration"]
        publish_text(route53, NAME, f"{record['Name']}.{NAME}", record["Value"])
        self.ec2.start_vpc_endpoint_service_private_dns_verification(ServiceId=self.service)

    def allow(self, account: str) -> None:
        root = f"arn:aws:iam::{account}:root"
        self.ec2.modify_vpc_endpoint_service_permissions(ServiceId=self.service, AddAllowedPrincipals=[root])

    def accept(self, endpoint: str) -> None:
        self.ec2.accept_vpc_endpoint_connections(ServiceId=self.service, VpcEndpointIds=[endpoint])

    def reject(self, endpoint: str) -> None:
        self.ec2.reject_vpc_endpoint_connections(ServiceId=self.service, VpcEndpointIds=[endpoint])


class Team:
    """An account with a network, builds and jobs."""

    def __init__(self, aws: EmulatedAws, name: str, certificate: Path) -> None:
        self.aws, self.account, self.certificate = aws, aws.new_account(name), certificate
        self.ec2, self.codebuild, self.sagemaker, self.logs = (
            aws.client(service, self.account) for service in ("ec2", "codebuild", "sagemaker", "logs")
        )
        self.builder = aws.role("builder", "codebuild", self.account)
        self.worker = aws.role("worker", "sagemaker", self.account)
        network = aws.network(self.account)
        self.vpc, self.subnets = network["VpcId"], network["SubnetIds"]
        self.ec2.modify_vpc_attribute(VpcId=self.vpc, EnableDnsHostnames={"Value": True})
        self.group = self.new_group("runs")
        self._runs = 0

    def new_group(self, name: str) -> str:
        return str(self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc)["GroupId"])

    def connect(self, provider: Provider, group: str) -> str:
        made = self.ec2.create_vpc_endpoint(
            VpcId=self.vpc,
            SubnetIds=self.subnets,
            ServiceName=provider.service_name,
            VpcEndpointType="Interface",
            SecurityGroupIds=[group],
        )
        return str(made["VpcEndpoint"]["VpcEndpointId"])

    def name(self, endpoint: str, *, enabled: bool = True) -> None:
        self.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, PrivateDnsEnabled=enabled)

    def build(self, command: str, *, in_network: bool = True) -> tuple[bool, str]:
        """Builds, and returns whether the command succeeded, and the log."""
        self._runs += 1
        buildspec = json.dumps({"version": 0.2, "phases": {"build": {"commands": [command]}}})
        network = {"vpcId": self.vpc, "subnets": self.subnets, "securityGroupIds": [self.group]}
        self.codebuild.create_project(
            name=f"build-{self._runs}",
            source={"type": "NO_SOURCE", "buildspec": buildspec},
            artifacts={"type": "NO_ARTIFACTS"},
            environment={"type": "LINUX_CONTAINER", "image": "any:1", "computeType": "BUILD_GENERAL1_SMALL"},
            serviceRole=self.builder,
            **({"vpcConfig": network} if in_network else {}),
        )
        started = self.codebuild.start_build(projectName=f"build-{self._runs}")["build"]["id"]

        def ended() -> dict[str, Any] | None:
            (found,) = self.codebuild.batch_get_builds(ids=[started])["builds"]
            return found if found["buildComplete"] else None

        build: dict[str, Any] = eventually(ended)
        named = {"logGroupName": build["logs"]["groupName"], "logStreamName": build["logs"]["streamName"]}
        events = self.logs.get_log_events(**named)["events"]
        return build["buildStatus"] == "SUCCEEDED", "\n".join(event["message"] for event in events)

    def reaches(self, name: str = NAME, **where: bool) -> bool:
        """Returns whether a build gets an answer from a name."""
        command = f"curl --silent --show-error --fail --max-time 20 --cacert {self.certificate} https://{name}/"
        succeeded, log = self.build(command, **where)
        assert succeeded == (ANSWER in log), log
        return succeeded

    def _script(self) -> Path:
        """Returns a program that calls AWS and the private name, trusting the certificate that it is told."""
        script = self.certificate.with_name("job.py")
        script.write_text(SCRIPT)
        return script

    def process(self, *, in_network: bool = True) -> tuple[bool, str]:
        """Runs a processing job with the script. Returns whether it succeeded, and why it failed."""
        self._runs += 1
        network = {"VpcConfig": {"Subnets": self.subnets, "SecurityGroupIds": [self.group]}} if in_network else {}
        cluster = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
        self.sagemaker.create_processing_job(
            ProcessingJobName=f"job-{self._runs}",
            RoleArn=self.worker,
            AppSpecification={
                "ImageUri": f"{self.account}.dkr.ecr.{REGION}.amazonaws.com/job:1",
                "ContainerEntrypoint": ["python", str(self._script()), str(self.certificate)],
            },
            ProcessingResources={"ClusterConfig": cluster},
            NetworkConfig={"EnableNetworkIsolation": False, **network},
        )

        def ended() -> dict[str, Any] | None:
            found: dict[str, Any] = self.sagemaker.describe_processing_job(ProcessingJobName=f"job-{self._runs}")
            return found if found["ProcessingJobStatus"] not in ("InProgress", "Stopping") else None

        job: dict[str, Any] = eventually(ended)
        return job["ProcessingJobStatus"] == "Completed", str(job.get("FailureReason", ""))

    def transform(self, *, in_network: bool = True) -> tuple[str, bytes]:
        """Runs a transform job with a model that asks the private name. Returns its status and its result."""
        self._runs += 1
        name, s3 = f"transform-{self._runs}", self.aws.client("s3", self.account)
        bucket = f"{self.account}-{name}"
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_object(Bucket=bucket, Key="in/a", Body=b"1")
        network = {"VpcConfig": {"Subnets": self.subnets, "SecurityGroupIds": [self.group]}} if in_network else {}
        image = f"{self.account}.dkr.ecr.{REGION}.amazonaws.com/served:1"
        container = {"Image": image, "Environment": {"TRUSTED": str(self.certificate)}}
        self.sagemaker.create_model(ModelName=name, PrimaryContainer=container, ExecutionRoleArn=self.worker, **network)
        source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/in/"}}
        self.sagemaker.create_transform_job(
            TransformJobName=name,
            ModelName=name,
            TransformInput={"DataSource": source},
            TransformOutput={"S3OutputPath": f"s3://{bucket}/out"},
            TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        )

        def ended() -> str | None:
            status = str(self.sagemaker.describe_transform_job(TransformJobName=name)["TransformJobStatus"])
            return status if status not in ("InProgress", "Stopping") else None

        status: str = eventually(ended)
        found = s3.list_objects_v2(Bucket=bucket, Prefix="out/").get("Contents", [])
        return status, b"".join(s3.get_object(Bucket=bucket, Key=object_["Key"])["Body"].read() for object_ in found)


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", "/usr/bin:/bin")
        with EmulatedAws(tmp_path_factory.mktemp("aws"), program=serve_balanced) as started:
            program = started.directory / "served" / "bin" / "serve"
            program.parent.mkdir(parents=True)
            program.write_text(f"#!{sys.executable}\n{SERVE}")
            program.chmod(0o755)
            images = {"*": sys.prefix, "*/served:*": str(program.parent.parent)}
            (started.directory / "images.json").write_text(json.dumps(images))
            yield started


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates") / "tools.pem"


@pytest.fixture(scope="module")
def provider(aws: EmulatedAws, certificate: Path) -> Iterator[Provider]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pod) as pod:
        threading.Thread(target=pod.serve_forever, daemon=True).start()
        yield Provider(aws, pod.server_port, certificate)
        pod.shutdown()


@pytest.fixture(scope="module")
def team(aws: EmulatedAws, provider: Provider, certificate: Path) -> Team:
    made = Team(aws, "team", certificate)
    provider.allow(made.account)
    return made


@pytest.fixture(scope="module")
def admitting(team: Team) -> str:
    """A security group that admits the addresses of the VPC."""
    group = team.new_group("admitting")
    team.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[PERMISSION])
    return group


@pytest.fixture
def connected(team: Team, provider: Provider, admitting: str) -> Iterator[str]:
    """An accepted endpoint under the private name."""
    endpoint = team.connect(provider, admitting)
    provider.accept(endpoint)
    team.name(endpoint)
    yield endpoint
    team.ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])


def test_a_build_reaches_the_private_name_while_its_endpoint_is_accepted(
    team: Team, provider: Provider, admitting: str
) -> None:
    endpoint = team.connect(provider, admitting)
    assert not team.reaches(), "before acceptance"
    provider.accept(endpoint)
    assert not team.reaches(), "without private DNS"
    team.name(endpoint)
    assert team.reaches()
    team.name(endpoint, enabled=False)
    assert not team.reaches(), "after private DNS"
    team.name(endpoint)
    provider.reject(endpoint)
    assert not team.reaches(), "after rejection"
    team.ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])


def test_a_build_reaches_nothing_else(team: Team, connected: str) -> None:
    succeeded, log = team.build("curl --silent --show-error --fail https://other.tools.example/")
    assert (succeeded, "403" in log) == (False, True), connected
    succeeded, log = team.build(f"curl --silent --show-error --fail https://{NAME}:444/")
    assert (succeeded, "403" in log) == (False, True), "the security group admits another port"


def test_no_other_network_reaches_the_name(
    aws: EmulatedAws, team: Team, provider: Provider, certificate: Path, connected: str
) -> None:
    stranger = Team(aws, "stranger", certificate)
    provider.allow(stranger.account)
    assert not stranger.reaches(), connected
    assert not stranger.process()[0]
    assert not team.reaches(in_network=False)
    assert not team.process(in_network=False)[0]


def test_the_security_group_of_the_endpoint_decides(team: Team, provider: Provider, admitting: str) -> None:
    group = team.new_group("closed")
    endpoint = team.connect(provider, group)
    provider.accept(endpoint)
    team.name(endpoint)
    assert not team.reaches()
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    team.ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{**rule, "IpRanges": [{"CidrIp": "192.168.0.0/16"}]}]
    )
    assert not team.reaches(), "another network"
    team.ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{**rule, "UserIdGroupPairs": [{"GroupId": team.group}]}]
    )
    assert team.reaches()
    team.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, RemoveSecurityGroupIds=[group])
    assert not team.reaches(), "the default group admits its own members"
    team.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, AddSecurityGroupIds=[admitting])
    assert team.reaches()
    team.ec2.modify_vpc_attribute(VpcId=team.vpc, EnableDnsSupport={"Value": False})
    assert not team.reaches(), "no resolver"
    team.ec2.modify_vpc_attribute(VpcId=team.vpc, EnableDnsSupport={"Value": True})
    team.ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])


def test_a_network_with_a_way_out_reaches_the_private_name_too(team: Team, connected: str) -> None:
    table = team.ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [team.vpc]}])["RouteTables"][0]
    nat = team.ec2.create_nat_gateway(SubnetId=team.subnets[0], ConnectivityType="private")["NatGateway"]
    route = {"RouteTableId": table["RouteTableId"], "DestinationCidrBlock": "0.0.0.0/0"}
    team.ec2.create_route(**route, NatGatewayId=nat["NatGatewayId"])
    assert team.reaches(), connected
    assert team.process() == (True, "")
    team.ec2.delete_route(**route)


def test_a_job_of_sagemaker_reaches_the_private_name_and_aws(team: Team, provider: Provider, connected: str) -> None:
    assert team.process() == (True, "")
    provider.reject(connected)
    succeeded, reason = team.process()
    assert (succeeded, "403" in reason) == (False, True), reason
    provider.accept(connected)


def test_a_transform_job_reaches_the_private_name_from_the_network_of_its_model(team: Team, connected: str) -> None:
    assert team.transform() == ("Completed", ANSWER.encode()), connected
    assert team.transform(in_network=False) == ("Failed", b"")


def test_a_token_is_that_of_one_run() -> None:
    networks = RunNetworks()
    first, second = (RunNetwork(account, REGION, ("subnet-1",)) for account in ("111111111111", "222222222222"))
    token, foreign = networks.enter(first), networks.enter(second)

    def header(text: str, scheme: str = "Basic") -> str:
        return f"{scheme} {base64.b64encode(text.encode()).decode()}"

    assert networks.of(header(f"run:{token}")) is first
    assert networks.of(header(f"run:{foreign}")) is second
    assert with_token("http://127.0.0.1:80", token) == f"http://run:{token}@127.0.0.1:80"
    for refused in ("", "Basic", "Basic ***", header("run:"), header(token), header(f"other:{token}")):
        assert networks.of(refused) is None
    assert networks.of(header(f"run:{token}", "Bearer")) is None
    networks.leave(token)
    assert networks.of(header(f"run:{token}")) is None
