"""Samples of Glue jobs, crawlers, triggers, connections and security configurations."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Sample
from conformance.samples.analytics.glue.common import tags


def _job(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("glue").get_job(JobName=it.id)["Job"]
    return {
        "script": found["Command"]["ScriptLocation"],
        "role": found["Role"],
        "arguments": found["DefaultArguments"],
        "connections": found["Connections"]["Connections"],
        "runs": found["ExecutionProperty"]["MaxConcurrentRuns"],
        "timeout": found["Timeout"],
        "workers": f"{found['NumberOfWorkers']} {found['WorkerType']}",
        "version": found["GlueVersion"],
        "security": found["SecurityConfiguration"],
        "retries": found.get("MaxRetries"),
        "queues": found["JobRunQueuingEnabled"],
        "tags": tags(aws, it),
    }


def _seen_job(when: str, number: int) -> dict[str, Any]:
    return {
        "script": f"s3://scripts/{when}.py",
        "role": f"arn:aws:iam::123456789012:role/{when}",
        "arguments": {"--when": when},
        "connections": [when],
        "runs": number,
        "timeout": 30 * number,
        "workers": f"{1 + number} G.1X",
        "version": "5.0",
        "security": when,
        "retries": number,
        "queues": number == 1,
        "tags": {"from": "provider", "own": str(number)},
    }


def _job_inputs(when: str, number: int) -> dict[str, Any]:
    return {
        "command": {"scriptLocation": f"s3://scripts/{when}.py", "pythonVersion": "3"},
        "roleArn": f"arn:aws:iam::123456789012:role/{when}",
        "defaultArguments": {"--when": when},
        "connections": [when],
        "executionProperty": {"maxConcurrentRuns": number},
        "timeout": 30 * number,
        "numberOfWorkers": 1 + number,
        "workerType": "G.1X",
        "securityConfiguration": when,
        "maxRetries": number,
        "jobRunQueuingEnabled": number == 1,
        "tags": {"own": str(number)},
    }


def _drift_job(aws: Aws, it: Kept) -> None:
    job = aws("glue").get_job(JobName=it.id)["Job"]
    for name in ("Name", "CreatedOn", "LastModifiedOn", "AllocatedCapacity", "MaxCapacity"):
        job.pop(name, None)
    aws("glue").update_job(JobName=it.id, JobUpdate={**job, "Timeout": 7})


def _crawler(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("glue").get_crawler(Name=it.id)["Crawler"]
    return {
        "role": found["Role"],
        "database": found["DatabaseName"],
        "reads": [(target["Path"], target["ConnectionName"]) for target in found["Targets"]["S3Targets"]],
        "prefix": found.get("TablePrefix"),
        "when": found.get("Schedule", {}).get("ScheduleExpression"),
        "security": found["CrawlerSecurityConfiguration"],
        "on deletion": found["SchemaChangePolicy"]["DeleteBehavior"],
        "again": found["RecrawlPolicy"]["RecrawlBehavior"],
        "tags": tags(aws, it),
    }


def _crawler_inputs(when: str, schedule: str) -> dict[str, Any]:
    return {
        "role": f"arn:aws:iam::123456789012:role/{when}",
        "databaseName": f"landing_{when}",
        "s3Targets": [{"path": f"s3://landing/{when}/", "connectionName": "network"}],
        "tablePrefix": f"{when}_",
        "schedule": schedule,
        "securityConfiguration": when,
        "schemaChangePolicy": {"deleteBehavior": "LOG", "updateBehavior": "LOG"},
        "recrawlPolicy": {"recrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"},
        "tags": {"own": when},
    }


def _seen_crawler(when: str, schedule: str) -> dict[str, Any]:
    return {
        "role": f"arn:aws:iam::123456789012:role/{when}",
        "database": f"landing_{when}",
        "reads": [(f"s3://landing/{when}/", "network")],
        "prefix": f"{when}_",
        "when": schedule,
        "security": when,
        "on deletion": "LOG",
        "again": "CRAWL_NEW_FOLDERS_ONLY",
        "tags": {"from": "provider", "own": when},
    }


def _connection(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("glue").get_connection(Name=it.outputs["name"])["Connection"]
    return {
        "type": found["ConnectionType"],
        "description": found.get("Description"),
        "place": found["PhysicalConnectionRequirements"],
        "tags": tags(aws, it),
    }


def _place(subnet: str) -> dict[str, Any]:
    return {"SubnetId": subnet, "SecurityGroupIdList": ["sg-1"], "AvailabilityZone": "eu-west-1a"}


def _move_connection(aws: Aws, it: Kept) -> None:
    given = {"Name": it.outputs["name"], "ConnectionType": "NETWORK", "ConnectionProperties": {}}
    moved = {**given, "PhysicalConnectionRequirements": _place("subnet-drifted")}
    aws("glue").update_connection(Name=it.outputs["name"], ConnectionInput=moved)


def _security(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("glue").get_security_configuration(Name=it.id)["SecurityConfiguration"]["EncryptionConfiguration"]
    return {
        "objects": found["S3Encryption"],
        "logs": found["CloudWatchEncryption"]["CloudWatchEncryptionMode"],
        "bookmarks": found["JobBookmarksEncryption"]["JobBookmarksEncryptionMode"],
    }


_SECURITY = {
    "s3Encryption": {"s3EncryptionMode": "SSE-KMS", "kmsKeyArn": "{key.outputs.arn}"},
    "cloudwatchEncryption": {"cloudwatchEncryptionMode": "SSE-KMS", "kmsKeyArn": "{key.outputs.arn}"},
    "jobBookmarksEncryption": {"jobBookmarksEncryptionMode": "CSE-KMS", "kmsKeyArn": "{key.outputs.arn}"},
}


def _trigger(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("glue").get_trigger(Name=it.id)["Trigger"]
    return {
        "type": found["Type"],
        "state": found["State"],
        "description": found.get("Description"),
        "workflow": found["WorkflowName"],
        "starts": [action["JobName"] for action in found["Actions"]],
        "events": found["EventBatchingCondition"],
        "tags": tags(aws, it),
    }


def _succeeded(crawler: str) -> dict[str, Any]:
    condition = {"crawlerName": crawler, "crawlState": "SUCCEEDED", "logicalOperator": "EQUALS"}
    return {"logical": "AND", "conditions": [condition]}


def _condition(aws: Aws, it: Kept) -> tuple[str, str]:
    (condition,) = aws("glue").get_trigger(Name=it.id)["Trigger"]["Predicate"]["Conditions"]
    return condition["CrawlerName"], condition["CrawlState"]


def _redirect(aws: Aws, it: Kept) -> None:
    aws("glue").update_trigger(Name=it.id, TriggerUpdate={"Actions": [{"JobName": "drifted"}]})


def _workflow(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("glue").get_workflow(Name=it.id)["Workflow"]
    return {
        "description": found.get("Description"),
        "properties": found.get("DefaultRunProperties"),
        "runs": found.get("MaxConcurrentRuns"),
        "tags": tags(aws, it),
    }


SAMPLES = [
    Sample(
        type="aws:glue/job:Job",
        inputs={"name": "job-{n}", "glueVersion": "5.0", **_job_inputs("before", 1)},
        look=_job,
        seen=_seen_job("before", 1),
        change=_job_inputs("after", 2),
        seen_changed=_seen_job("after", 2),
        replace={"name": "job-{n}-renamed"},
        drift=_drift_job,
        drifts="timeout",
        remove=lambda aws, it: aws("glue").delete_job(JobName=it.id),
    ),
    Sample(
        type="aws:glue/crawler:Crawler",
        inputs={"name": "crawler-{n}", **_crawler_inputs("before", "cron(0 3 * * ? *)")},
        look=_crawler,
        seen=_seen_crawler("before", "cron(0 3 * * ? *)"),
        change=_crawler_inputs("after", "cron(0 4 * * ? *)"),
        seen_changed=_seen_crawler("after", "cron(0 4 * * ? *)"),
        replace={"name": "crawler-{n}-renamed"},
        drift=lambda aws, it: aws("glue").update_crawler(Name=it.id, DatabaseName="drifted"),
        drifts="databaseName",
        remove=lambda aws, it: aws("glue").delete_crawler(Name=it.id),
    ),
    Sample(
        type="aws:glue/connection:Connection",
        inputs={
            "name": "network-{n}",
            "connectionType": "NETWORK",
            "description": "before",
            "physicalConnectionRequirements": {
                "subnetId": "subnet-1",
                "securityGroupIdLists": ["sg-1"],
                "availabilityZone": "eu-west-1a",
            },
            "tags": {"own": "1"},
        },
        look=_connection,
        seen={
            "type": "NETWORK",
            "description": "before",
            "place": _place("subnet-1"),
            "tags": {"from": "provider", "own": "1"},
        },
        change={
            "description": "after",
            "physicalConnectionRequirements": {
                "subnetId": "subnet-2",
                "securityGroupIdLists": ["sg-1"],
                "availabilityZone": "eu-west-1a",
            },
            "tags": {"own": "2"},
        },
        seen_changed={
            "type": "NETWORK",
            "description": "after",
            "place": _place("subnet-2"),
            "tags": {"from": "provider", "own": "2"},
        },
        replace={"name": "network-{n}-renamed"},
        drift=_move_connection,
        drifts="physicalConnectionRequirements",
        remove=lambda aws, it: aws("glue").delete_connection(ConnectionName=it.outputs["name"]),
    ),
    Sample(
        type="aws:glue/securityConfiguration:SecurityConfiguration",
        needs={"key": ("aws:kms/key:Key", {})},
        inputs={"name": "security-{n}", "encryptionConfiguration": _SECURITY},
        look=_security,
        seen={
            "objects": [{"S3EncryptionMode": "SSE-KMS", "KmsKeyArn": "{key.outputs.arn}"}],
            "logs": "SSE-KMS",
            "bookmarks": "CSE-KMS",
        },
        replace={"name": "security-{n}-renamed"},
        remove=lambda aws, it: aws("glue").delete_security_configuration(Name=it.id),
    ),
    Sample(
        type="aws:glue/trigger:Trigger",
        needs={"workflow": ("aws:glue/workflow:Workflow", {"name": "of-trigger-{n}"})},
        inputs={
            "name": "trigger-{n}",
            "type": "EVENT",
            "description": "before",
            "workflowName": "{workflow.id}",
            "actions": [{"jobName": "before"}],
            "eventBatchingConditions": [{"batchSize": 10, "batchWindow": 300}],
            "tags": {"own": "1"},
        },
        look=_trigger,
        seen={
            "type": "EVENT",
            "state": "ACTIVATED",
            "description": "before",
            "workflow": "{workflow.id}",
            "starts": ["before"],
            "events": {"BatchSize": 10, "BatchWindow": 300},
            "tags": {"from": "provider", "own": "1"},
        },
        change={
            "description": "after",
            "actions": [{"jobName": "after"}],
            "eventBatchingConditions": [{"batchSize": 20, "batchWindow": 600}],
            "enabled": False,
            "tags": {"own": "2"},
        },
        seen_changed={
            "type": "EVENT",
            "state": "DEACTIVATED",
            "description": "after",
            "workflow": "{workflow.id}",
            "starts": ["after"],
            "events": {"BatchSize": 20, "BatchWindow": 600},
            "tags": {"from": "provider", "own": "2"},
        },
        replace={"name": "trigger-{n}-renamed"},
        drift=_redirect,
        drifts="actions",
        remove=lambda aws, it: aws("glue").delete_trigger(Name=it.id),
    ),
    Sample(
        type="aws:glue/trigger:Trigger",
        inputs={
            "name": "after-{n}",
            "type": "CONDITIONAL",
            "actions": [{"jobName": "job"}],
            "predicate": _succeeded("before"),
        },
        look=_condition,
        seen=("before", "SUCCEEDED"),
        change={"predicate": _succeeded("after")},
        seen_changed=("after", "SUCCEEDED"),
        remove=lambda aws, it: aws("glue").delete_trigger(Name=it.id),
    ),
    Sample(
        type="aws:glue/workflow:Workflow",
        inputs={
            "name": "workflow-{n}",
            "description": "before",
            "defaultRunProperties": {"dataset": "before"},
            "maxConcurrentRuns": 1,
            "tags": {"own": "1"},
        },
        look=_workflow,
        seen={
            "description": "before",
            "properties": {"dataset": "before"},
            "runs": 1,
            "tags": {"from": "provider", "own": "1"},
        },
        change={
            "description": "after",
            "defaultRunProperties": {"dataset": "after"},
            "maxConcurrentRuns": 2,
            "tags": {"own": "2"},
        },
        seen_changed={
            "description": "after",
            "properties": {"dataset": "after"},
            "runs": 2,
            "tags": {"from": "provider", "own": "2"},
        },
        replace={"name": "workflow-{n}-renamed"},
        drift=lambda aws, it: aws("glue").update_workflow(Name=it.id, Description="drifted", MaxConcurrentRuns=1),
        drifts="description",
        remove=lambda aws, it: aws("glue").delete_workflow(Name=it.id),
    ),
]
