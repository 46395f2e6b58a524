"""The queues of a use case in the environments to which models are released: answers, and events that were lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

import pulumi

from components.identity.releases.event_predictions import ANSWERS, FAILED_EVENTS
from components.integration.dead_letter_queue import DeadLetterQueue, DeadLetterQueueArgs
from components.integration.event_queue import EventQueue, EventQueueArgs
from settings.types.kinds import Environment, ReleasedTo
from stacks.use_case.context import UseCaseContext

LOST_MONITORING = "monitor-failures"
"""Suffix of the queue of events that started no comparison with the baseline."""
Options = Mapping[Environment, pulumi.ResourceOptions]


class _Queue(TypedDict):
    """Arguments of both kinds of queues."""

    queue_name: str
    account_id: pulumi.Input[str]
    organization_id: pulumi.Input[str]
    region: str
    rules: str
    key_arn: pulumi.Input[str]


def _queue(context: UseCaseContext, environment: ReleasedTo, suffix: str) -> _Queue:
    """Returns the arguments of a queue to which the rules of the use case in an environment send."""
    prefix, place = context.use_case.prefix_in(environment), context.released_to[environment]
    return _Queue(
        queue_name=f"{prefix}-{suffix}",
        account_id=place.account_id,
        organization_id=context.organization.organization_id,
        region=context.use_case.region,
        rules=f"{prefix}-*",
        key_arn=place.key_arn,
    )


def create_dead_letter_queue(
    context: UseCaseContext, environment: ReleasedTo, suffix: str, options: Options
) -> DeadLetterQueue:
    """Creates the queue ``<use case>-<environment>-<suffix>`` for events that rules could not deliver."""
    args = DeadLetterQueueArgs(**_queue(context, environment, suffix))
    return DeadLetterQueue(f"{suffix}-{environment}", args, options[environment])


def create_monitor_queues(context: UseCaseContext, options: Options) -> None:
    """Creates the queue of each environment for events that started no comparison. A release tells of its messages."""
    for environment in context.released_to:
        create_dead_letter_queue(context, environment, LOST_MONITORING, options)


def create_prediction_queues(context: UseCaseContext, options: Options) -> None:
    """Creates the queues of each environment for answers to events, and for events that were not answered (INT-09)."""
    for environment in context.released_to:
        answers = EventQueueArgs(**_queue(context, environment, ANSWERS))
        EventQueue(f"{ANSWERS}-{environment}", answers, options[environment])
        create_dead_letter_queue(context, environment, FAILED_EVENTS, options)
