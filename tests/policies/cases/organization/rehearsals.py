"""Cases of policies/security/rules/organization/rehearsals.py."""

from __future__ import annotations

from typing import Any

from policies.evaluation.readers import UNKNOWN
from policies.evaluation.resource import PROVIDER_TYPE
from tests.policies.case import Member, StackCase, stack_context

ACCOUNT_LEVEL = (
    "plinth:security:AccountBaseline",
    "plinth:audit:ConfigurationRecorder",
    "plinth:identity:PlatformDeployer",
)


BUCKET, SUBNET, VERSIONS = "aws:s3/bucket:Bucket", "aws:ec2/subnet:Subnet", "aws:s3/bucketVersioning:BucketVersioning"
DEFAULTS = "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults"
BASELINE, DEPLOYER = ACCOUNT_LEVEL[0], ACCOUNT_LEVEL[2]


def production(
    what: str,
    members: dict[str, Member],
    rehearsal: dict[str, Member] | None,
    *refused: str,
    kind: str = "production",
) -> StackCase:
    return StackCase(
        rule="ST-14",
        type=BUCKET,
        what=what,
        members={"provider": Member(type=PROVIDER_TYPE), **members},
        refused=frozenset(refused),
        context=stack_context(kind=kind),
        rehearsal=None if rehearsal is None else {"provider": Member(type=PROVIDER_TYPE), **rehearsal},
    )


def bucket(**inputs: Any) -> dict[str, Member]:
    return {"data": Member(inputs=inputs)}


def versions(status: object) -> dict[str, Member]:
    return {"versions": Member(type=VERSIONS, inputs={"versioningConfiguration": {"status": status}})}


def subnets(*flags: object) -> dict[str, Member]:
    return {
        f"subnet-{zone}": Member(type=SUBNET, inputs={"mapPublicIpOnLaunch": flag}) for zone, flag in enumerate(flags)
    }


def part_of(component: str, name: str = "part", type_: str = DEFAULTS, **inputs: Any) -> dict[str, Member]:
    return {name: Member(type=type_, inputs=inputs, parents=(component,))}


RULES = {"rules": [{"status": "Enabled"}, {"status": "Disabled"}]}
STACK_CASES = [
    production("a production that equals pre-production", bucket(forceDestroy=True), bucket(forceDestroy=True)),
    production("a production of another name and size", bucket(bucket="a", days=1), bucket(bucket="b", days=2)),
    production("a production without a rehearsal", bucket(forceDestroy=True), None),
    production("a production before pre-production", bucket() | subnets(False), {}, "provider"),
    production("a development that differs", bucket(forceDestroy=True), bucket(), kind="development"),
    production(
        "a resource of a type that pre-production has not", bucket() | versions("Enabled"), bucket(), "versions"
    ),
    production("a type that pre-production has alone", bucket(), bucket() | versions("Enabled"), "provider"),
    production("a flag that is on in production alone", bucket(forceDestroy=True), bucket(forceDestroy=False), "data"),
    production("a flag that is off in production alone", bucket(), bucket(forceDestroy=True), "data"),
    production("a flag that is off in words and in silence", bucket(forceDestroy=False), bucket()),
    production("a word that differs", versions("Suspended"), versions("Enabled"), "versions"),
    production("a switch that is not set", versions(None), versions("Enabled"), "versions"),
    production("a switch that pre-production does not set", versions("Enabled"), versions(None), "versions"),
    production("a word that is the same", versions("Enabled"), versions("Enabled")),
    production("an unknown switch", versions(UNKNOWN), versions("Enabled")),
    production("a word that only the deployment there knows", versions("Enabled"), versions(UNKNOWN)),
    production(
        "an unknown block",
        {"versions": Member(type=VERSIONS, inputs={"versioningConfiguration": UNKNOWN})},
        versions("Enabled"),
    ),
    production(
        "a switch next to an unknown block",
        {"versions": Member(type=VERSIONS, inputs={"versioning": UNKNOWN, "status": "Suspended"})},
        {"versions": Member(type=VERSIONS, inputs={"status": "Enabled"})},
        "versions",
    ),
    production("items of a list in another order", bucket(**RULES), bucket(rules=RULES["rules"][::-1])),
    production("items of a list that differ", bucket(**RULES), bucket(rules=RULES["rules"][:1]), "data"),
    production("one more zone", subnets(False, False, False), subnets(False, False)),
    production("one zone less", subnets(False, False), subnets(False, False, False)),
    production("one more zone, which is public", subnets(False, False, True), subnets(False, False), "subnet-2"),
    production("namesakes that differ among others", subnets(False, True), subnets(True, True), "subnet-0"),
    production(
        "namesakes that have changed places", subnets(True, False), subnets(False, True), "subnet-0", "subnet-1"
    ),
    production("namesakes that are each as there", subnets(False, True), subnets(False, True)),
    production(
        "what was asked for, whatever became of it",
        {"data": Member(inputs={"forceDestroy": True}, requested={})},
        {"data": Member(inputs={"acceleration": True}, requested={"forceDestroy": False})},
    ),
    production(
        "what was asked for that differs",
        {"data": Member(inputs={}, requested={"forceDestroy": True})},
        bucket(),
        "data",
    ),
    production("a word that is nothing, and none", {"data": Member(requested={"status": None})}, bucket()),
    production("an account of its own", bucket() | part_of(BASELINE), bucket()),
    production("an account of its own there", bucket(), bucket() | part_of(BASELINE)),
    production("an account of its own, and a deployer", bucket() | part_of(DEPLOYER), bucket()),
    production("accounts of their own", bucket() | part_of(BASELINE), bucket() | part_of(BASELINE)),
    production(
        "accounts of their own that are set up otherwise",
        bucket() | part_of(BASELINE, enabled=True),
        bucket() | part_of(BASELINE),
        "part",
    ),
    production("something else in an account of its own", bucket() | part_of(BASELINE, type_=SUBNET), bucket(), "part"),
    production("another part of production alone", bucket() | part_of("plinth:network:Other"), bucket(), "part"),
    production(
        "what no provider of AWS creates",
        bucket() | {"thing": Member(type="random:index/randomId:RandomId")},
        bucket(),
    ),
]
