"""Rules, queues and roles for tests of events."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws

EVENTS = "events.amazonaws.com"


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement} for statement in statements]}
    )


@dataclass
class Site:
    """An account in which events happen."""

    aws: EmulatedAws
    account: str = MANAGEMENT

    def client(self, service: str) -> Any:
        return self.aws.client(service, self.account)

    def queue(self, name: str, *, sender: str | None = EVENTS, **attributes: str) -> tuple[str, str]:
        """Creates a queue to which a service may send, and returns its URL and ARN."""
        sqs, arn = self.client("sqs"), f"arn:aws:sqs:{REGION}:{self.account}:{name}"
        if sender:
            admitted = {"Principal": {"Service": sender}, "Action": "sqs:SendMessage", "Resource": arn}
            attributes["Policy"] = policy({"Sid": "Events", **admitted})
        return str(sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]), arn

    def received(self, url: str) -> list[dict[str, Any]]:
        """Takes all messages from a queue."""
        sqs, found = self.client("sqs"), []
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]).get(
            "Messages"
        ):
            for message in messages:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            found += messages
        return found

    def bodies(self, url: str) -> list[Any]:
        return [json.loads(message["Body"]) for message in self.received(url)]

    def rule(self, name: str, pattern: Any, *targets: dict[str, Any], bus: str = "default") -> str:
        events = self.client("events")
        arn = events.put_rule(Name=name, EventPattern=json.dumps(pattern), EventBusName=bus)["RuleArn"]
        if targets:
            named = [{"Id": str(number), **target} for number, target in enumerate(targets)]
            events.put_targets(Rule=name, EventBusName=bus, Targets=named)
        return str(arn)

    def role(self, name: str, *statements: dict[str, Any], service: str = EVENTS) -> str:
        """Creates a role that a service may assume and that may do what the statements allow."""
        iam = self.client("iam")
        trust = policy({"Principal": {"Service": service}, "Action": "sts:AssumeRole"})
        arn = str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"])
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy(*statements))
        return arn

    def put(self, source: str, detail: Any = None, *, bus: str = "default", **entry: Any) -> dict[str, Any]:
        """Puts one event and returns the entry of the answer."""
        event = {"Source": source, "DetailType": "Test", "Detail": json.dumps(detail or {}), "EventBusName": bus}
        answer: dict[str, Any] = self.client("events").put_events(Entries=[event | entry])
        return dict(answer["Entries"][0])
