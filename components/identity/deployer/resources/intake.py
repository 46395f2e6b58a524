"""Actions on the ingestion of an environment."""

from __future__ import annotations

from components.identity.deployer.calls import ResourceCalls, calls
from components.identity.deployer.resources.accounts import TAGS
from components.identity.deployer.resources.audit import LOG_GROUPS
from components.identity.deployer.resources.etl import ETL, EVENTS

TABLES: ResourceCalls = {
    "aws:dynamodb/table:Table": calls(
        "dynamodb",
        create="CreateTable TagResource UpdateContinuousBackups UpdateTimeToLive kms:CreateGrant kms:DescribeKey",
        read="DescribeContinuousBackups DescribeTable DescribeTimeToLive ListTagsOfResource",
        update=f"UpdateContinuousBackups UpdateTable UpdateTimeToLive {TAGS}",
        delete="DeleteTable",
    ),
}
"""Tables, without access to their items."""

EVENT_BUSES: ResourceCalls = {
    "aws:cloudwatch/eventBus:EventBus": calls(
        "events",
        create="CreateEventBus TagResource kms:DescribeKey",
        read="DescribeEventBus ListTagsForResource",
        update=f"UpdateEventBus {TAGS}",
        delete="DeleteEventBus",
    ),
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": calls(
        "events",
        create="PutPermission",
        read="DescribeEventBus",
        update="PutPermission",
        delete="RemovePermission",
    ),
}
"""Event buses that accept events of other accounts."""

INTAKES: ResourceCalls = {
    **EVENTS,
    **LOG_GROUPS,
    **EVENT_BUSES,
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": calls(
        "logs",
        create="PutResourcePolicy",
        read="DescribeResourcePolicies",
        update="PutResourcePolicy",
        delete="DeleteResourcePolicy",
    ),
    **TABLES,
    "aws:sfn/stateMachine:StateMachine": calls(
        "states",
        read="DescribeStateMachine ListStateMachineVersions ListTagsForResource",
        update=TAGS,
        delete="DeleteStateMachine",
        reserved="CreateStateMachine UpdateStateMachine",
    ),
}
"""Resources of ingestion. A state machine runs with a role that reads the lake, which deployers must not do, and its
definition is encrypted with a key that deployers cannot decrypt with (IA-06)."""

GLUE_STEPS: ResourceCalls = {
    **{
        type_: ETL[type_]
        for type_ in (
            "aws:glue/connection:Connection",
            "aws:glue/job:Job",
            "aws:glue/securityConfiguration:SecurityConfiguration",
        )
    },
    # The bucket is deleted with its stack, which requires deleting scripts; nobody here may upload one.
    "aws:s3/bucketObjectv2:BucketObjectv2": calls(
        "s3", delete="DeleteObject", reserved="GetObject GetObjectTagging PutObject PutObjectTagging"
    ),
    "aws:pipes/pipe:Pipe": calls(
        "pipes",
        reserved="CreatePipe DeletePipe DescribePipe ListTagsForResource TagResource UntagResource UpdatePipe",
    ),
}
"""Resources of Glue callback steps. A pipe starts a state machine with a role that reads the lake, so the management
account creates both."""
