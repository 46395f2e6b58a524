"""Cases of policies/security/rules/data/events.py."""

from __future__ import annotations

from typing import Any

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import ABSENT, OWN_ACCOUNT, Case, Member, Prohibition, Situation, StackCase, but, document

ROLE = f"arn:aws:iam::{OWN_ACCOUNT}:role/plinth/data-lake-start-cards"
QUEUE = f"arn:aws:sqs:eu-west-1:{OWN_ACCOUNT}:dead-letters"
TOPIC = f"arn:aws:sns:eu-west-1:{OWN_ACCOUNT}:alarms"
FUNCTION = f"arn:aws:lambda:eu-west-1:{OWN_ACCOUNT}:function:planted"
LAKE = "arn:aws:iam::222222222222:root"
SENDING: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"AWS": LAKE},
    "Action": "events:PutEvents",
    "Resource": f"arn:aws:events:eu-west-1:{OWN_ACCOUNT}:event-bus/planted",
    "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-example1234"}},
}


def sending(**changes: Any) -> str:
    return document({**SENDING, **changes})


BUS = {"name": "planted", "kmsKeyIdentifier": "arn:key", "deadLetterConfig": {"arn": QUEUE}}
BUS_ARN = f"arn:aws:events:eu-west-1:{OWN_ACCOUNT}:event-bus/planted"


def bus(what: str, refused: str = "", policy: bool = True, **changes: Any) -> StackCase:
    """Returns a bus with its policy. Arguments change the bus."""
    inputs = {key: value for key, value in {**BUS, **changes}.items() if value is not ABSENT}
    admitting = Member(
        type="aws:cloudwatch/eventBusPolicy:EventBusPolicy", inputs={"eventBusName": "planted", "policy": sending()}
    )
    return StackCase(
        rule="EB-01",
        type="aws:cloudwatch/eventBus:EventBus",
        what=what,
        members={"bus": Member(inputs=inputs), **({"policy": admitting} if policy else {})},
        refused=frozenset({refused} - {""}),
    )


def both_sides(what: str, refused: str = "", *, account: object = "222222222222", **changes: Any) -> StackCase:
    """Returns a target in the lake's account, and the bus that receives its events."""
    return StackCase(
        rule="ST-11",
        type="aws:cloudwatch/eventBusPolicy:EventBusPolicy",
        what=what,
        members={
            "policy": Member(inputs={"eventBusName": "planted", "policy": sending(**changes)}),
            "bus": Member(type="aws:cloudwatch/eventBus:EventBus", inputs={**BUS, "arn": BUS_ARN}),
            "target": Member(type="aws:cloudwatch/eventTarget:EventTarget", inputs={"arn": BUS_ARN}, account=account),
        },
        refused=frozenset({refused} - {""}),
    )


STACK_CASES = [
    bus("a bus with its key, its queue and its policy"),
    bus("a bus under a key that is made with it", kmsKeyIdentifier=UNKNOWN),
    bus("a bus under a key of AWS", "bus", kmsKeyIdentifier=ABSENT),
    bus("a bus without a queue", "bus", deadLetterConfig=ABSENT),
    bus("a bus without a policy", "bus", policy=False),
    both_sides("a bus that takes events of the account that sends"),
    both_sides("a bus that takes events of another account", "policy", account="333333333333"),
    both_sides(
        "a bus that accepts events of the own account in addition",
        "policy",
        Principal={"AWS": [LAKE, f"arn:aws:iam::{OWN_ACCOUNT}:root"]},
    ),
    both_sides("a bus with an unknown sender account", account=UNKNOWN),
    both_sides("a bus with an empty policy", Effect="Deny"),
]

PROHIBITIONS = [
    Prohibition(rule="EB-01", type=type_) for type_ in ("aws:cloudwatch/eventApiDestination:EventApiDestination",)
]

CASES = [
    Case(
        rule="ST-11",
        type="aws:cloudwatch/eventTarget:EventTarget",
        compliant=Situation(
            inputs={
                "arn": f"arn:aws:glue:eu-west-1:{OWN_ACCOUNT}:workflow/lake-cards",
                "roleArn": ROLE,
                "deadLetterConfig": {"arn": QUEUE},
            }
        ),
        optional=frozenset({"arn"}),
        refused={
            "is a function without a queue": but({"arn": FUNCTION, "deadLetterConfig": ABSENT}),
            "is another bus without a role": but(
                {"arn": "arn:aws:events:eu-west-1:222222222222:event-bus/a", "roleArn": ABSENT}
            ),
        },
        accepted={
            "is a queue": but({"arn": QUEUE, "roleArn": ABSENT, "deadLetterConfig": ABSENT}),
            "is a topic": but({"arn": TOPIC, "roleArn": ABSENT, "deadLetterConfig": ABSENT}),
            "is a function by its own policy": but({"arn": FUNCTION, "roleArn": ABSENT}),
            "is known to the deployment alone": but({"arn": UNKNOWN, "roleArn": ABSENT, "deadLetterConfig": ABSENT}),
        },
    ),
    Case(
        rule="ST-11",
        type="aws:cloudwatch/eventBusPolicy:EventBusPolicy",
        compliant=Situation(inputs={"policy": sending()}),
        optional=frozenset({"policy"}),
        refused={
            "accepts events of every principal": but({"policy": sending(Principal="*")}),
            "takes events of a service": but({"policy": sending(Principal={"Service": "s3.amazonaws.com"})}),
            "takes events of an account and of a service": but(
                {"policy": sending(Principal={"AWS": [LAKE], "Service": "s3.amazonaws.com"})}
            ),
            "takes events of several accounts": but(
                {"policy": sending(Principal={"AWS": [LAKE, "arn:aws:iam::333333333333:root"]})}
            ),
            "lets others write rules": but({"policy": sending(Action=["events:PutEvents", "events:PutRule"])}),
            "allows others everything by NotAction": but(
                {
                    "policy": document(
                        {**{k: v for k, v in SENDING.items() if k != "Action"}, "NotAction": "events:Put*"}
                    )
                }
            ),
            "holds for an account that left": but({"policy": sending(Condition={})}),
        },
        accepted={
            "denies a principal": but({"policy": sending(Effect="Deny", Principal="*")}),
            "takes events of one role": but(
                {"policy": sending(Principal={"AWS": "arn:aws:iam::222222222222:role/plinth/sender"})}
            ),
        },
    ),
]
