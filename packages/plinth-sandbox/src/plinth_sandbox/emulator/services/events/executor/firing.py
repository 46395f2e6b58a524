"""Actions of a schedule when it fires.

A rule publishes an event, a schedule of EventBridge Scheduler calls its target, and a Glue trigger starts its jobs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore import xform_name
from moto.events.models import Rule
from moto.moto_api._internal import mock_random
from moto.scheduler.models import Schedule, scheduler_backends

from plinth_sandbox.emulator.services.events.executor import outbox
from plinth_sandbox.emulator.services.events.executor.clock import Clock, Scheduled, default_input
from plinth_sandbox.emulator.services.events.executor.delivery import Deliveries
from plinth_sandbox.emulator.services.events.executor.outbox import Published
from plinth_sandbox.emulator.services.events.executor.permissions import Sender, assumed, require
from plinth_sandbox.emulator.services.events.executor.targets import Delivery, deliver

SCHEDULER = "scheduler.amazonaws.com"
UNIVERSAL = "arn:aws:scheduler:::aws-sdk:"
"""Beginning of the ARN of a universal target: a service and an operation of it."""


@dataclass(frozen=True, slots=True)
class Firing:
    """Fires schedules."""

    clock: Clock
    deliveries: Deliveries

    def fire(self, scheduled: Scheduled, at: datetime) -> None:
        """Fires a schedule, and delivers what it publishes."""
        self.clock.fired(scheduled, at)
        if isinstance(scheduled.resource, Rule):
            event = default_input(scheduled, "aws.events", str(mock_random.uuid4()), at, {})
            outbox.put(Published(scheduled.account, scheduled.region, "default", event, only_rule=scheduled.arn))
        elif isinstance(scheduled.resource, Schedule):
            self._invoke(scheduled, scheduled.resource, at)
        else:
            self._start_jobs(scheduled)
        self.deliveries.deliver_published()

    def _invoke(self, scheduled: Scheduled, schedule: Schedule, at: datetime) -> None:
        """Calls the target of a schedule. A flexible time window fires at its beginning."""
        target: Mapping[str, Any] = schedule.target
        identifier = str(mock_random.uuid4())
        event = default_input(scheduled, "aws.scheduler", identifier, at, "{}")
        text = str(target.get("Input", json.dumps(event)))
        for name, value in {
            "schedule-arn": scheduled.arn,
            "scheduled-time": str(event["time"]),
            "execution-id": identifier,
            "attempt-number": "1",
        }.items():
            text = text.replace(f"<aws.scheduler.{name}>", value)
        group = source_of(scheduled.account, scheduled.region, schedule.group_name)
        sender = Sender(SCHEDULER, group, scheduled.account, scheduled.region, str(target["RoleArn"]))
        delivery = Delivery(sender, target, text, event)
        with self.deliveries.recorded(sender, target, event):
            if str(target["Arn"]).startswith(UNIVERSAL):
                self._call(delivery)
            elif delivery.arn.service == "events":
                _put_event(delivery)
            else:
                deliver(delivery, self.deliveries.runtime)
        if schedule.action_after_completion == "DELETE" and self.clock.next_time(scheduled) is None:
            scheduler_backends[scheduled.account][scheduled.region].delete_schedule(schedule.group_name, schedule.name)

    def _call(self, delivery: Delivery) -> None:
        service, _, operation = str(delivery.target["Arn"]).removeprefix(UNIVERSAL).partition(":")
        assumed(delivery.sender)
        name = {"sfn": "stepfunctions"}.get(service, service)
        sender = delivery.sender
        client = self.deliveries.runtime.client(name, sender.role_arn, sender.region, "Scheduler")
        given = json.loads(delivery.text) if "Input" in delivery.target else {}
        getattr(client, xform_name(operation[:1].upper() + operation[1:]))(**given)

    def _start_jobs(self, scheduled: Scheduled) -> None:
        trigger = scheduled.resource
        sender = Sender("glue.amazonaws.com", scheduled.arn, scheduled.account, scheduled.region)
        role = f"arn:aws:iam::{scheduled.account}:role/aws-service-role/glue.amazonaws.com"
        for action in trigger.actions:
            started = action.job_name or action.crawler_name
            target = {"Arn": f"arn:aws:glue:{scheduled.region}:{scheduled.account}:job/{started}"}
            with self.deliveries.recorded(sender, target, {}):
                glue = self.deliveries.runtime.client("glue", role, scheduled.region, "Glue")
                if action.job_name:
                    glue.start_job_run(JobName=action.job_name, Arguments=action.arguments or {})
                else:
                    glue.start_crawler(Name=action.crawler_name)


def source_of(account: str, region: str, group: str) -> str:
    """Returns the source of the calls of a schedule: its group (EventBridge Scheduler User Guide, "Confused deputy
    prevention")."""
    return f"arn:aws:scheduler:{region}:{account}:schedule-group/{group}"


def _put_event(delivery: Delivery) -> None:
    """Puts the event of a schedule on a bus, as the role of the schedule."""
    parameters = delivery.target["EventBridgeParameters"]
    sender, arn = delivery.sender, delivery.arn
    require(sender, "events:PutEvents", arn.text, {})
    detail = json.loads(delivery.text)
    event = outbox.envelope(sender.account, arn.region, parameters["Source"], parameters["DetailType"], detail)
    outbox.put(Published(arn.account, arn.region, arn.name, event))
