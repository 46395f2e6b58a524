"""Resources for batch inference of a use case in the environments to which models are released, besides roles."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.batch.run_failures import RunFailures, RunFailuresArgs
from components.monitoring.alarm_topic import AlarmTopic
from settings.types.kinds import Environment
from stacks.use_case.context import UseCaseContext
from stacks.use_case.queues import create_dead_letter_queue

START_FAILURES = "start-failures"
"""Suffix of the queue of events that did not start batch inference."""


def create_batch(
    context: UseCaseContext,
    options: Mapping[Environment, pulumi.ResourceOptions],
    topics: Mapping[Environment, AlarmTopic],
) -> None:
    """Creates the queue of each environment for events that did not start batch inference, and what tells the topic of
    failures (INT-09)."""
    for environment, place in context.released_to.items():
        prefix = context.use_case.prefix_in(environment)
        queue = create_dead_letter_queue(context, environment, START_FAILURES, options)
        intakes = context.intakes.get(environment)
        failures = RunFailuresArgs(
            label=f"{context.use_case.prefix} in {environment}",
            prefix=prefix,
            account_id=place.account_id,
            region=context.use_case.region,
            topic_arn=topics[environment].arn,
            dead_letter_queue_arn=queue.arn,
            dead_letter_queues={
                START_FAILURES: f"{prefix}-{START_FAILURES}",
                **({"intake-failures": intakes.dead_letter_queue} if intakes else {}),
            },
            state_machines=intakes.state_machines if intakes else (),
        )
        RunFailures(f"failures-{environment}", failures, options[environment])
