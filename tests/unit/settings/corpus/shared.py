"""Bad input in settings for all accounts: contacts, networks, partners, the archive."""

from __future__ import annotations

from settings.types.error_codes import Code
from tests.unit.settings.corpus.case import ENVIRONMENT, ORGANIZATION, Case, environment, organization

_DESK = {
    "name": "Security operations",
    "title": "On call",
    "email": "security@acme.example",
    "phone": "+44 20 7946 0000",
}

_ACCEPTED = {
    "resource": "arn:aws:iam::111122223333:role/scanner-*",
    "reason": "The security team installs it.",
    "requester": "security@acme.example",
    "expires": "2030-01-31",
}
_BASE = f"763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-training@sha256:{'0' * 64}"
_VULNERABILITY = {
    "finding": "CVE-2026-12345",
    "use_case": "fraud/scoring",
    "reason": "The vulnerable function is never called.",
    "requester": "security@acme.example",
    "expires": "2030-01-31",
}
_WAIVER = {
    "stack": "fraud-production",
    "resource": "aws:s3/bucket:Bucket::fraud-production-ml",
    "reason": "The objects were copied elsewhere.",
    "requester": "owner@acme.example",
    "expires": "2030-01-31",
}


def _contact(**changes: str) -> dict[str, dict[str, str]]:
    return {"security": {**_DESK, **changes}}


_LARGE = {"phase": "scalable", "placement": "large"}
_CLUSTER = ORGANIZATION + "tooling_cluster"
_JOB = "arn:aws:iam::222222222222:role/plinth/fraud-development-job"
_MLFLOW = {"image": f"sha256:{'b' * 64}"}


def _certificate(region: str = "eu-west-1") -> str:
    return f"arn:aws:acm:{region}:111111111111:certificate/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"


_RUNNER = {"image": f"sha256:{'c' * 64}", "state_bucket": "acme-states"}


def _portal(**changes: object) -> dict[str, object]:
    """Returns a cluster with the portal."""
    settings = {
        "image": f"sha256:{'c' * 64}",
        "address": "https://portal.acme.example",
        "certificate": _certificate(),
        "proxy": {"address": "http://proxy.acme.example:3128", "cidr": "10.200.4.0/22"},
        **changes,
    }
    return {"portal": settings}


def _balanced(**changes: object) -> dict[str, object]:
    """Returns a cluster with a load balancer in front of a namespace."""
    balancer = {"certificate": _certificate(), "workload": "server", **changes}
    return {"tooling_cluster": {"namespaces": {"tracking": {"load_balancer": balancer}}}}


SHARED = [
    Case(
        197,
        "package repository before the tooling account",
        organization(phase="initial", packages={}),
        Code.NOT_IN_PHASE,
        ORGANIZATION + "packages",
        ("needs the tooling account, which phase initial does not have", "set phase: repeatable"),
    ),
    Case(
        198,
        "package repository with another upstream",
        organization(phase="reliable", packages={"upstream": "https://mirror.acme.example/simple"}),
        Code.NOT_ALLOWED,
        ORGANIZATION + "packages.upstream",
        ("pypi", "none"),
    ),
    Case(
        199,
        "base image by its tag",
        organization(images={"base": "763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-training:2.6.0"}),
        Code.FORMAT,
        ORGANIZATION + "images.base",
        ("is not an image of ECR by its digest", "@sha256:"),
    ),
    Case(
        200,
        "base image in another region",
        organization(images={"base": _BASE.replace("eu-west-1", "us-east-1")}),
        Code.REGION_FEATURE,
        ORGANIZATION + "images.base",
        ("is in us-east-1", "registries of eu-west-1 only", "name the image in eu-west-1"),
    ),
    Case(
        201,
        "build image of Docker Hub",
        organization(images={"build_image": "docker.io/library/python:3.11"}),
        Code.FORMAT,
        ORGANIZATION + "images.build_image",
        ("neither an image that CodeBuild provides nor an image of ECR", "aws/codebuild/"),
    ),
    Case(
        202,
        "refused severity that ECR does not have",
        organization(images={"refused_severity": "SEVERE"}),
        Code.NOT_ALLOWED,
        ORGANIZATION + "images.refused_severity",
        ("CRITICAL", "LOW"),
    ),
    Case(
        203,
        "waiver of all findings",
        organization(images={"waivers": [{**_VULNERABILITY, "finding": "*"}]}),
        Code.FORMAT,
        ORGANIZATION + "images.waivers[0].finding",
        ("is not the name of one finding", "copy it from the message of the promotion"),
    ),
    Case(
        204,
        "waiver of a vulnerability without a use case",
        organization(images={"waivers": [{**_VULNERABILITY, "use_case": "scoring"}]}),
        Code.FORMAT,
        ORGANIZATION + "images.waivers[0].use_case",
        ("is not <team>/<use case>", "fraud/scoring"),
    ),
    Case(
        205,
        "two waivers of a finding",
        organization(images={"waivers": [_VULNERABILITY, {**_VULNERABILITY, "expires": "2030-02-28"}]}),
        Code.IMAGE_WAIVER,
        ORGANIZATION + "images.waivers[1]",
        ("repeats an earlier waiver", "keep the one that holds"),
    ),
    Case(
        190,
        "cluster before its phase",
        organization(phase="reliable", placement="large", tooling_cluster={}),
        Code.NOT_IN_PHASE,
        _CLUSTER,
        ("needs phase scalable; the organization is in phase reliable", "set phase: scalable"),
    ),
    Case(
        191,
        "cluster in the management account",
        organization(phase="scalable", placement="small", tooling_cluster={}),
        Code.CLUSTER,
        _CLUSTER,
        ("in the management account", "placement: {preset: large}"),
    ),
    Case(
        192,
        "cluster with a version in extended support",
        organization(**_LARGE, tooling_cluster={"version": "1.31"}),
        Code.NOT_ALLOWED,
        f"{_CLUSTER}.version",
        ("not a Kubernetes version in standard support at EKS (1.35, 1.36)", 'use "1.36"'),
    ),
    Case(
        193,
        "cluster with a version without quotes",
        organization(**_LARGE, tooling_cluster={"version": 1.35}),
        Code.YAML_WORD,
        f"{_CLUSTER}.version",
        ('quote it: "1.35"',),
    ),
    Case(
        194,
        "retention that CloudWatch does not accept",
        organization(**_LARGE, tooling_cluster={"log_retention_days": 100}),
        Code.NOT_ALLOWED,
        f"{_CLUSTER}.log_retention_days",
        ("the nearest is 90",),
    ),
    Case(
        195,
        "administrator without an account",
        organization(**_LARGE, tooling_cluster={"administrators": ["admin"]}),
        Code.ROLE_ARN,
        f"{_CLUSTER}.administrators[0]",
        ("admin",),
    ),
    Case(
        195,
        "namespace of Kubernetes",
        organization(**_LARGE, tooling_cluster={"namespaces": {"kube-tools": {}}}),
        Code.SLUG_RESERVED,
        f"{_CLUSTER}.namespaces.kube-tools",
        (
            "reserved by Kubernetes",
            "for example tracking",
        ),
    ),
    Case(
        195,
        "namespace of the foundation",
        organization(**_LARGE, tooling_cluster={"namespaces": {"plinth-tools": {}}}),
        Code.SLUG_RESERVED,
        f"{_CLUSTER}.namespaces.plinth-tools",
        ("reserved by the foundation",),
    ),
    Case(
        195,
        "namespace in upper case",
        organization(**_LARGE, tooling_cluster={"namespaces": {"Tracking": {}}}),
        Code.SLUG,
        f"{_CLUSTER}.namespaces.Tracking",
        ("try tracking",),
    ),
    Case(
        195,
        "namespace without pods",
        organization(**_LARGE, tooling_cluster={"namespaces": {"tracking": {"pods": 0}}}),
        Code.OUT_OF_RANGE,
        f"{_CLUSTER}.namespaces.tracking.pods",
        ("1",),
    ),
    Case(
        195,
        "load balancer without a certificate",
        organization(**_LARGE, tooling_cluster={"namespaces": {"tracking": {"load_balancer": {"workload": "server"}}}}),
        Code.FIELD_MISSING,
        f"{_CLUSTER}.namespaces.tracking.load_balancer.certificate",
        (),
    ),
    Case(
        195,
        "load balancer with a certificate by domain",
        organization(**_LARGE, **_balanced(certificate="tracking.acme.example")),
        Code.FORMAT,
        f"{_CLUSTER}.namespaces.tracking.load_balancer.certificate",
        ("is not the ARN of a certificate in ACM", "aws acm list-certificates"),
    ),
    Case(
        195,
        "load balancer with a certificate of another region",
        organization(**_LARGE, **_balanced(certificate=_certificate("us-east-1"))),
        Code.REGION_NOT_ALLOWED,
        f"{_CLUSTER}.namespaces.tracking.load_balancer.certificate",
        ("is a certificate of us-east-1", "request or import it in eu-west-1"),
    ),
    Case(
        195,
        "load balancer in front of a port that needs privileges",
        organization(**_LARGE, **_balanced(port=80)),
        Code.OUT_OF_RANGE,
        f"{_CLUSTER}.namespaces.tracking.load_balancer.port",
        ("1,024",),
    ),
    Case(
        195,
        "health check with a query",
        organization(**_LARGE, **_balanced(health_path="/health?deep=1")),
        Code.FORMAT,
        f"{_CLUSTER}.namespaces.tracking.load_balancer.health_path",
        ("is not the path of a health check", "/health"),
    ),
    Case(
        195,
        "tracking server with a certificate of another region",
        organization(**_LARGE, tooling_cluster={"mlflow": {**_MLFLOW, "certificate": _certificate("eu-central-1")}}),
        Code.REGION_NOT_ALLOWED,
        f"{_CLUSTER}.mlflow.certificate",
        ("is a certificate of eu-central-1",),
    ),
    Case(
        195,
        "portal without the repository of the settings",
        organization(**_LARGE, tooling_cluster=_portal()),
        Code.PORTAL,
        f"{_CLUSTER}.portal",
        ("reads the settings in the repository of the runner of requests", "add request_runner"),
    ),
    Case(
        195,
        "portal without IAM Identity Center",
        organization(**_LARGE, sign_in="iam", request_runner=_RUNNER, tooling_cluster=_portal()),
        Code.PORTAL,
        f"{_CLUSTER}.portal",
        ("signs people in with IAM Identity Center", "sign_in: identity-center"),
    ),
    Case(
        195,
        "portal with a certificate of another region",
        organization(
            **_LARGE, request_runner=_RUNNER, tooling_cluster=_portal(certificate=_certificate("eu-central-1"))
        ),
        Code.REGION_NOT_ALLOWED,
        f"{_CLUSTER}.portal.certificate",
        ("is a certificate of eu-central-1",),
    ),
    *(
        Case(
            195,
            f"portal with {field}: {value}",
            organization(**_LARGE, request_runner=_RUNNER, tooling_cluster=_portal(**{field: value})),
            Code.FORMAT,
            f"{_CLUSTER}.portal.{field}{place}",
            (said,),
        )
        for field, place, value, said in (
            ("address", "", "https://portal.acme.example/", "is not the address of a portal"),
            ("address", "", "http://portal.acme.example", "is not the address of a portal"),
            (
                "proxy",
                ".address",
                {"address": "proxy.acme.example", "cidr": "10.200.4.0/22"},
                "is not the address of a proxy",
            ),
            ("image", "", "plinth:1", "sha256:"),
        )
    ),
    Case(
        195,
        "runner with an image by tag",
        organization(**_LARGE, tooling_cluster={"runner": {"image": "plinth:1", "state_bucket": "acme-states"}}),
        Code.FORMAT,
        f"{_CLUSTER}.runner.image",
        ("sha256:",),
    ),
    Case(
        195,
        "runner without a bucket of states",
        organization(**_LARGE, tooling_cluster={"runner": {"image": f"sha256:{'a' * 64}"}}),
        Code.FIELD_MISSING,
        f"{_CLUSTER}.runner.state_bucket",
        (),
    ),
    Case(
        195,
        "runner without Jobs",
        organization(
            **_LARGE,
            tooling_cluster={
                "runner": {"image": f"sha256:{'a' * 64}", "state_bucket": "acme-states", "jobs": 0},
            },
        ),
        Code.OUT_OF_RANGE,
        f"{_CLUSTER}.runner.jobs",
        ("1",),
    ),
    Case(
        195,
        "tracking server with an image by tag",
        organization(**_LARGE, tooling_cluster={"mlflow": {"image": "mlflow:3"}}),
        Code.FORMAT,
        f"{_CLUSTER}.mlflow.image",
        ("sha256:",),
    ),
    Case(
        195,
        "tracking server with an instance class that has too few connections",
        organization(**_LARGE, tooling_cluster={"mlflow": {**_MLFLOW, "instance_class": "db.t4g.micro"}}),
        Code.NOT_ALLOWED,
        f"{_CLUSTER}.mlflow.instance_class",
        ("is not an instance class of the tracking database", "db.t4g.medium"),
    ),
    Case(
        195,
        "tracking server with a role in two workspaces",
        organization(**_LARGE, tooling_cluster={"mlflow": {**_MLFLOW, "clients": {"fraud": [_JOB], "claims": [_JOB]}}}),
        Code.NAME_REPEATED,
        f"{_CLUSTER}.mlflow.clients",
        (_JOB, "the workspaces fraud and claims", "keep it in one of them"),
    ),
    Case(
        195,
        "tracking server with the workspace that MLflow keeps",
        organization(**_LARGE, tooling_cluster={"mlflow": {**_MLFLOW, "clients": {"default": [_JOB]}}}),
        Code.SLUG_RESERVED,
        f"{_CLUSTER}.mlflow.clients.default",
        ("is reserved by MLflow", "fraud"),
    ),
    Case(
        195,
        "tracking server with backups of a day",
        organization(**_LARGE, tooling_cluster={"mlflow": {**_MLFLOW, "backup_days": 1}}),
        Code.OUT_OF_RANGE,
        f"{_CLUSTER}.mlflow.backup_days",
        ("7",),
    ),
    Case(
        12,
        "a contact without a name",
        organization(contacts=_contact(name=" ")),
        Code.CONTACT,
        ORGANIZATION + "contacts.security.name",
        ("1-64",),
    ),
    Case(
        12,
        "a title over the limit",
        organization(contacts=_contact(title="x" * 51)),
        Code.CONTACT,
        ORGANIZATION + "contacts.security.title",
        ("51 characters", "1-50"),
    ),
    Case(
        12,
        "letters in a phone number",
        organization(contacts=_contact(phone="call me")),
        Code.CONTACT,
        ORGANIZATION + "contacts.security.phone",
        ("digits", "+44"),
    ),
    Case(
        35,
        "unknown contact type",
        organization(contacts={"legal": _DESK}),
        Code.NOT_ALLOWED,
        ORGANIZATION + "contacts.legal",
        ("billing", "operations", "security"),
    ),
    *(
        Case(
            25,
            f"{value} as corporate network",
            organization(corporate_networks=["20.10.0.0/16", value]),
            Code.CIDR_SIZE,
            ORGANIZATION + "corporate_networks[1]",
            ("addresses, so guardrails would let nearly anybody in", "/16 or longer"),
        )
        for value in ("0.0.0.0/0", "128.0.0.0/1", "20.10.0.0/15")
    ),
    Case(
        25,
        "many corporate networks",
        organization(corporate_networks=[f"20.{number}.0.0/16" for number in range(0, 10, 2)]),
        Code.CIDR_SIZE,
        ORGANIZATION + "corporate_networks",
        ("327,680 addresses together are more than the 262,144",),
    ),
    Case(
        32,
        "nine regions",
        organization(
            allowed_regions=[
                *("eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1", "eu-north-1"),
                *("us-east-1", "us-east-2", "us-west-1", "us-west-2"),
            ]
        ),
        Code.OUT_OF_RANGE,
        ORGANIZATION + "allowed_regions",
        ("9 regions are more than accounts may use (8)",),
    ),
    Case(
        25,
        "private range as corporate network",
        organization(corporate_networks=["10.0.0.0/8"]),
        Code.CIDR,
        ORGANIZATION + "corporate_networks[0]",
        ("not public",),
    ),
    Case(
        1,
        "partner account with 11 digits",
        organization(partner_accounts=["12345678901"]),
        Code.ACCOUNT_ID,
        ORGANIZATION + "partner_accounts[0]",
        ("11",),
    ),
    Case(
        35,
        "operating system instead of a platform",
        organization(notebook_platforms=["al2023"]),
        Code.FORMAT,
        ORGANIZATION + "notebook_platforms[0]",
        ("not a platform of notebook instances", "notebook-al2023-v1"),
    ),
    Case(
        35,
        "platform that is too long",
        organization(notebook_platforms=["notebook-al2023-v12345"]),
        Code.FORMAT,
        ORGANIZATION + "notebook_platforms[0]",
        ("not a platform of notebook instances",),
    ),
    Case(
        35,
        "service instead of a resource type",
        organization(admitted_types={"aws:lambda": "Scoring calls a function"}),
        Code.FORMAT,
        ORGANIZATION + "admitted_types.aws:lambda",
        ("not a resource type", "aws:lambda/function:Function"),
    ),
    Case(
        35,
        "resource type without a reason",
        organization(admitted_types={"aws:lambda/function:Function": "needed"}),
        Code.NOT_ALLOWED,
        ORGANIZATION + "admitted_types.aws:lambda/function:Function",
        ("fewer than 3 words",),
    ),
    Case(
        35,
        "waiver for all buckets",
        organization(waivers=[{**_WAIVER, "resource": "aws:s3/bucket:Bucket::*"}]),
        Code.FORMAT,
        ORGANIZATION + "waivers[0].resource",
        ("without wildcards", "aws:s3/bucket:Bucket::"),
    ),
    Case(
        35,
        "waiver until a day that does not exist",
        organization(waivers=[{**_WAIVER, "expires": "2030-02-30"}]),
        Code.FORMAT,
        ORGANIZATION + "waivers[0].expires",
        ("not a date", '"2030-01-31"'),
    ),
    Case(
        35,
        "waiver without a reason",
        organization(waivers=[{**_WAIVER, "reason": "old"}]),
        Code.NOT_ALLOWED,
        ORGANIZATION + "waivers[0].reason",
        ("fewer than 3 words",),
    ),
    Case(
        35,
        "waiver of a stack in another project",
        organization(waivers=[{**_WAIVER, "stack": "acme/plinth/fraud"}]),
        Code.FORMAT,
        ORGANIZATION + "waivers[0].stack",
        ("not the name of a stack",),
    ),
    Case(
        35,
        "accepted finding for all roles of all accounts",
        organization(accepted_findings=[{**_ACCEPTED, "resource": "arn:aws:iam::*:role/*"}]),
        Code.FORMAT,
        ORGANIZATION + "accepted_findings[0].resource",
        ("not an ARN with its service and account", "plinth drift"),
    ),
    Case(
        35,
        "accepted finding for every principal",
        organization(accepted_findings=[{**_ACCEPTED, "principal": "*"}]),
        Code.FORMAT,
        ORGANIZATION + "accepted_findings[0].principal",
        ("not a principal", "`*` at the end"),
    ),
    Case(
        35,
        "accepted finding without an end",
        organization(accepted_findings=[{**_ACCEPTED, "expires": "never"}]),
        Code.FORMAT,
        ORGANIZATION + "accepted_findings[0].expires",
        ("not a date", '"2030-01-31"'),
    ),
    Case(
        48,
        "log retention under a year",
        organization(audit={"log_retention_days": 30}),
        Code.OUT_OF_RANGE,
        ORGANIZATION + "audit.log_retention_days",
        ("365",),
    ),
    Case(
        36,
        "word instead of a boolean",
        organization(bill_by_tags="sure"),
        Code.WRONG_TYPE,
        ORGANIZATION + "bill_by_tags",
        ("true or false",),
    ),
    Case(
        17,
        "a URL as a domain",
        environment(allowed_domains=["https://pypi.org/simple"]),
        Code.DOMAIN,
        ENVIRONMENT + "allowed_domains[0]",
        (".pythonhosted.org",),
    ),
]
