"""Test cases of guardrails on membership, regions and recorders."""

from __future__ import annotations

from tests.unit.components.guardrails.cases.requests import ANYBODY, FOUNDATION, STILL, WORKER, case, keys

CASES = [
    case(
        "SCP01StayAMember",
        "organizations:LeaveOrganization",
        also=ANYBODY,
        passes=[{"action": "organizations:DescribeOrganization"}],
    ),
    case("SCP01KeepContactsBillsAndRegions", "account:PutAlternateContact", also=STILL, passes=FOUNDATION),
    case("SCP01NothingAtAll", "s3:GetObject", also=STILL, passes=FOUNDATION),
    case(
        "SCP02RootDoesNothing",
        "s3:GetObject",
        who="root",
        also=[keys(aws__AssumedRoot="false")],
        passes=[keys(aws__AssumedRoot="true"), {"who": WORKER}],
    ),
    case(
        "SCP03OnlyAllowedRegions",
        "ec2:RunInstances",
        region="us-west-2",
        passes=[
            {"region": "eu-west-1"},
            {"action": "iam:GetRole"},
            {"action": "cloudtrail:LookupEvents"},
            {"action": "bedrock:InvokeModel", "region": "eu-central-1"},
        ],
    ),
    case(
        "SCP03OnlyRegionsOfException1",
        "bedrock:InvokeModelWithResponseStream",
        region="us-west-2",
        passes=[{"region": "eu-west-1"}, {"region": "eu-central-1"}],
    ),
    case(
        "SCP04KeepRecordersAndDetectors",
        "cloudtrail:StopLogging",
        also=STILL,
        passes=[*FOUNDATION, {"action": "cloudtrail:LookupEvents"}],
    ),
    case(
        "SCP04KeepLogsAndTheirKeys",
        "kms:ScheduleKeyDeletion",
        also=STILL,
        passes=[*FOUNDATION, {"action": "kms:Decrypt"}],
    ),
    case("SCP04KeepSwitchesOfTheAccount", "ec2:EnableSerialConsoleAccess", also=STILL, passes=FOUNDATION),
]
