"""What monitoring of a use case needs in the environments to which models are released, besides roles."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.integration.dead_letter_queue import DeadLetterQueue, DeadLetterQueueArgs
from settings.types.kinds import Environment
from stacks.use_case.context import UseCaseContext

QUEUE = "monitor-failures"
"""Suffix of the queue of events that started no comparison with the baseline."""


def create_monitor_queues(context: UseCaseContext, options: Mapping[Environment, pulumi.ResourceOptions]) -> None:
    """Creates the queue of each environment for events that started no comparison. A release tells of its messages."""
    for environment, place in context.released_to.items():
        prefix = context.use_case.prefix_in(environment)
        queue = DeadLetterQueueArgs(
            queue_name=f"{prefix}-{QUEUE}",
            account_id=place.account_id,
            organization_id=context.organization.organization_id,
            region=context.use_case.region,
            rules=f"{prefix}-*",
            key_arn=place.key_arn,
        )
        DeadLetterQueue(f"{QUEUE}-{environment}", queue, options[environment])
