"""Actions on the jobs that produce datasets, and on the events that start them."""

from __future__ import annotations

from components.identity.deployer.calls import ResourceCalls, calls
from components.identity.deployer.resources.accounts import BUCKET_EVENTS, TAGS
from components.identity.deployer.resources.audit import ALARMS

EVENTS: ResourceCalls = {
    "aws:cloudwatch/eventRule:EventRule": ALARMS["aws:cloudwatch/eventRule:EventRule"],
    "aws:cloudwatch/eventTarget:EventTarget": calls(
        "events",
        create="PutTargets",
        read="ListTargetsByRule",
        update="PutTargets",
        delete="RemoveTargets",
        passes_to="events",
    ),
    "aws:sqs/queue:Queue": calls(
        "sqs",
        create="CreateQueue TagQueue",
        read="GetQueueAttributes ListQueueTags",
        update="SetQueueAttributes TagQueue UntagQueue",
        delete="DeleteQueue",
    ),
    "aws:sqs/queuePolicy:QueuePolicy": calls(
        "sqs",
        create="SetQueueAttributes",
        read="GetQueueAttributes",
        update="SetQueueAttributes",
        delete="SetQueueAttributes",
    ),
}
"""Event rules, their targets, and the dead-letter queue."""

ETL: ResourceCalls = {
    **EVENTS,
    "aws:glue/connection:Connection": calls(
        "glue",
        create="CreateConnection TagResource",
        read="GetConnection GetTags",
        update=f"UpdateConnection {TAGS}",
        delete="DeleteConnection",
    ),
    "aws:glue/crawler:Crawler": calls(
        "glue",
        create="CreateCrawler TagResource",
        read="GetCrawler GetTags",
        update=f"UpdateCrawler {TAGS}",
        delete="DeleteCrawler",
        passes_to="glue",
    ),
    "aws:glue/job:Job": calls(
        "glue",
        create="CreateJob TagResource",
        read="GetJob GetTags",
        update=TAGS,
        delete="DeleteJob",
        reserved="UpdateJob",
        passes_to="glue",
    ),
    "aws:glue/securityConfiguration:SecurityConfiguration": calls(
        "glue",
        create="CreateSecurityConfiguration",
        read="GetSecurityConfiguration",
        delete="DeleteSecurityConfiguration",
    ),
    "aws:glue/trigger:Trigger": calls(
        "glue",
        create="CreateTrigger StartTrigger TagResource",
        read="GetTags GetTrigger",
        update=f"StartTrigger StopTrigger UpdateTrigger {TAGS}",
        delete="DeleteTrigger",
    ),
    "aws:glue/workflow:Workflow": calls(
        "glue",
        create="CreateWorkflow TagResource",
        read="GetTags GetWorkflow",
        update=f"UpdateWorkflow {TAGS}",
        delete="DeleteWorkflow",
    ),
    **BUCKET_EVENTS,
    "aws:s3/bucketObjectv2:BucketObjectv2": calls(
        "s3", reserved="DeleteObject GetObject GetObjectTagging PutObject PutObjectTagging"
    ),
}
"""Resources of ETL. A script runs with a role that reads and writes data, which deployers must not do. Whoever uploads
scripts, or assigns them to a job, could do it (IA-06)."""
