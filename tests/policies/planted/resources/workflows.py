"""Compliant resources: state machines, APIs and events."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pulumi_aws as aws

from tests.policies.planted.resources.base import (
    ACCOUNT,
    GROUP,
    KEY,
    ORGANIZATION,
    SUBNETS,
    document,
)
from tests.policies.planted.resources.watch import Watch


class Workflows(Watch):
    def state_machine(self, **changes: Any) -> None:
        group = self.log_group(name="planted")
        properties = {
            "name": "planted",
            "role_arn": f"arn:aws:iam::{ACCOUNT}:role/plinth/planted",
            "definition": json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}),
            "encryption_configuration": {"type": "CUSTOMER_MANAGED_KMS_KEY", "kms_key_id": KEY},
            "logging_configuration": {
                "level": "ALL",
                "include_execution_data": False,
                "log_destination": pulumi.Output.concat(group.arn, ":*"),
            },
            "tracing_configuration": {"enabled": True},
        }
        aws.sfn.StateMachine(self._name, **properties | changes, opts=self._opts())

    def function(self, **changes: Any) -> None:
        group = self.log_group(name="/aws/lambda/planted")
        properties = {
            "name": "planted",
            "role": f"arn:aws:iam::{ACCOUNT}:role/plinth/planted",
            "runtime": "python3.12",
            "handler": "planted.handle",
            "code": pulumi.AssetArchive({"planted.py": pulumi.StringAsset("def handle(event, context): pass")}),
            "vpc_config": {"subnet_ids": SUBNETS, "security_group_ids": [GROUP]},
            "logging_config": {"log_format": "Text", "log_group": group.name},
        }
        aws.lambda_.Function(self._name, **properties | changes, opts=self._opts())

    def api(self, *, types: str = "PRIVATE", validator: str | None = "everything") -> None:
        operation = {"security": [{"signature": []}], "responses": {"200": {"description": "well"}}}
        requested = {
            "x-amazon-apigateway-authtype": "awsSigv4",
            "type": "apiKey",
            "name": "Authorization",
            "in": "header",
        }
        body = {
            "openapi": "3.0.1",
            "info": {"title": "planted", "version": "1"},
            "paths": {"/planted": {"get": operation}},
            "components": {"securitySchemes": {"signature": requested}},
            **({} if validator is None else {"x-amazon-apigateway-request-validator": validator}),
        }
        aws.apigateway.RestApi(
            self._name,
            name="planted",
            body=json.dumps(body),
            endpoint_configuration={"types": types},
            opts=self._opts(),
        )

    def event_bus(self, **changes: Any) -> None:
        dead_letters = {"arn": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:planted"}
        properties = {"name": "planted", "kms_key_identifier": KEY, "dead_letter_config": dead_letters}
        aws.cloudwatch.EventBus(self._name, **properties | changes, opts=self._opts())
        sending = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "events:PutEvents",
            "Resource": f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/planted",
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}},
        }
        aws.cloudwatch.EventBusPolicy(self._name, event_bus_name="planted", policy=document(sending), opts=self._opts())

    def event_target(self, **changes: Any) -> None:
        properties = {
            "rule": "planted",
            "arn": f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:planted",
            "role_arn": f"arn:aws:iam::{ACCOUNT}:role/plinth/planted",
            "dead_letter_config": {"arn": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:planted"},
        }
        aws.cloudwatch.EventTarget(self._name, **properties | changes, opts=self._opts())
