"""Matches published events against the rules of their bus and delivers them.

A delivery is part of the call that caused its event. Its calls are not in the journal, because a replay of that call
makes them again. A failed delivery never fails the call.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.events.models import EventBus, Rule, events_backends

from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.services.events.executor import outbox
from plinth_sandbox.emulator.services.events.executor.outbox import Published
from plinth_sandbox.emulator.services.events.executor.patterns import InvalidPatternError, matches, parse
from plinth_sandbox.emulator.services.events.executor.permissions import NotDeliveredError, Sender, require
from plinth_sandbox.emulator.services.events.executor.targets import Delivery, deliver
from plinth_sandbox.emulator.services.events.executor.transformation import input_of

log = logging.getLogger(__name__)

SERVICE = "events.amazonaws.com"
CHAIN = 20
"""Longest chain of events that cause each other within one call. A longer one is a loop, which at AWS costs money and
never ends."""


@dataclass(slots=True)
class Deliveries:
    """The deliveries of a sandbox."""

    runtime: Runtime

    def deliver_published(self) -> None:
        """Delivers everything that was published, and what these deliveries publish in turn."""
        for _ in range(CHAIN):
            events = outbox.take()
            if not events:
                return
            for published in events:
                self._deliver(published)
        for published in outbox.take():
            self._failed(
                f"{published.event['detail-type']} on bus {published.bus}", "LOOP_DETECTED", "a loop of events"
            )

    def _deliver(self, published: Published) -> None:
        bus = events_backends[published.account][published.region].event_buses.get(published.bus)
        # An event for a bus that does not exist is dropped (EventBridge User Guide, "Sending events with PutEvents").
        for rule in list(_matching(bus, published)) if bus else []:
            for target in list(rule.targets):
                self._attempt(rule, target, published)

    def _attempt(self, rule: Rule, target: Mapping[str, Any], published: Published) -> None:
        sender = Sender(SERVICE, rule.arn, published.account, published.region, target.get("RoleArn", ""))
        ingested = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        with self.recorded(sender, target, published.event):
            text = input_of(target, published.event, rule.arn, ingested)
            delivery = Delivery(sender, target, text, published.event)
            if delivery.arn.service == "events":
                forward(delivery, published)
            else:
                deliver(delivery, self.runtime)

    @contextmanager
    def recorded(self, sender: Sender, target: Mapping[str, Any], event: Mapping[str, Any]) -> Iterator[None]:
        """Makes a dead letter of an event whose delivery, the block, fails."""
        try:
            yield
        except NotDeliveredError as error:
            self._give_up(sender, target, event, error.code, str(error))
        except ClientError as error:
            self._give_up(sender, target, event, "ERROR_FROM_TARGET", _told(error))
        except (BotoCoreError, ValueError, KeyError, TypeError, AttributeError) as error:
            self._give_up(sender, target, event, "INVALID_PARAMETER", f"{type(error).__name__}: {error}")
        except Exception as error:
            # A fault of a delivery must not become one of the call, nor keep the event from its other targets.
            log.exception("%s to %s", sender.source_arn, target["Arn"])
            self._failed(
                f"{sender.source_arn} to {target['Arn']}", "INTERNAL_ERROR", f"{type(error).__name__}: {error}"
            )

    def _give_up(
        self, sender: Sender, target: Mapping[str, Any], event: Mapping[str, Any], code: str, why: str
    ) -> None:
        """Sends an event that was not delivered to the dead-letter queue of its target, and records the failure."""
        self._failed(f"{sender.source_arn} to {target['Arn']}", code, why)
        queue = target.get("DeadLetterConfig", {}).get("Arn")
        if not queue:
            return
        # A rule reaches the queue by its policy, also if the target has a role ("Considerations when using a
        # dead-letter queue"). EventBridge Scheduler uses the role of the schedule.
        is_rule = sender.service == SERVICE
        writer = replace(sender, role_arn="") if is_rule else sender
        attributes = {
            "RULE_ARN" if is_rule else "SCHEDULE_ARN": sender.source_arn,
            "TARGET_ARN": target["Arn"],
            "ERROR_CODE": code,
            "ERROR_MESSAGE": why[:1024],
        }
        parameters = {
            "MessageAttributes": {
                name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
            }
        }
        letter = Delivery(writer, {"Arn": queue, "SqsParameters": parameters}, json.dumps(event), event)
        try:
            deliver(letter, self.runtime)
        except (NotDeliveredError, ClientError, BotoCoreError) as error:
            self._failed(f"{sender.source_arn} to dead-letter queue {queue}", "NOT_SENT", str(error))

    def _failed(self, what: str, code: str, why: str) -> None:
        self.runtime.undelivered[f"{what}: {code}"] += 1
        log.warning("not delivered: %s: %s: %s", what, code, why)


def _told(error: ClientError) -> str:
    return f"{error.response['Error'].get('Code', '')}: {error.response['Error'].get('Message', '')}"


def _matching(bus: EventBus, published: Published) -> Iterator[Rule]:
    for rule in bus.rules.values():
        if rule.state == "DISABLED":
            continue
        if published.only_rule:
            if rule.arn == published.only_rule:
                yield rule
        elif pattern := rule.event_pattern.dump():
            try:
                found = matches(published.event, parse(pattern))
            except InvalidPatternError:
                continue
            if found:
                yield rule


def forward(delivery: Delivery, published: Published) -> None:
    """Publishes an event on another bus. It keeps its id, account and region."""
    arn = delivery.arn
    if not arn.account:
        archive_event(delivery, published)
        return
    if not arn.resource.startswith("event-bus/"):
        raise NotDeliveredError("UNKNOWN", f"The sandbox does not deliver events to {arn.text}.")
    if published.was_forwarded:
        # EventBridge User Guide, "Sending events between event buses": a receiver's events reach no third bus.
        code = "THIRD_ACCOUNT_HOP_DETECTED" if arn.region == published.region else "THIRD_REGION_HOP_DETECTED"
        raise NotDeliveredError(code, "Events received from another event bus are not sent to a third one.")
    bus = events_backends[arn.account][arn.region].event_buses.get(arn.name)
    if bus is None:
        raise NotDeliveredError("NO_RESOURCE", f"The event bus {arn.text} does not exist.")
    sender = delivery.sender
    if sender.role_arn or arn.account != sender.account:
        require(sender, "events:PutEvents", arn.text, {"event bus policy": bus.policy or ""})
    outbox.put(Published(arn.account, arn.region, arn.name, dict(published.event), was_forwarded=True))


def archive_event(delivery: Delivery, published: Published) -> None:
    """Keeps an event in the archive that the rule belongs to. Its target is a service of EventBridge itself."""
    name = delivery.sender.source_arn.rpartition("/Events-Archive-")[2]
    archive = events_backends[published.account][published.region].archives.get(name)
    if archive is not None:
        archive.events.append(dict(published.event))
