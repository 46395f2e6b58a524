"""An intake of a batch account: its state machine, whose tasks call the sandbox as the role of intakes."""

from __future__ import annotations

import io
import json
from typing import Any

import boto3
import pandas as pd
import pulumi

from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from components.integration.claim_table import KEY
from components.integration.intake_permissions import IntakeScope, intake_permissions
from components.integration.intake_steps import IntakeSteps, definition
from plinth_sandbox.testing import MANAGEMENT, REGION
from plinth_sandbox.waiting import eventually
from settings.data.ml_layout import COMPLETE, build_input_affixes
from tests.support.state_machine import Execution, TaskError, execute
from tests.templates.batch_account import BUCKET, BatchAccount

LAKE, DATABASE, TABLE, CLAIMS, WORKGROUP = "lake-curated", "lake_inference", "arrivals", "claims", "fraud-production"
QUEUE = "fraud-production-intake-dead-letters"
TYPES = {"f": "double", "i": "bigint"}


class BatchIntake:
    """A table of the lake, and the intake that copies it for batch inference."""

    def __init__(self, account: BatchAccount, rows: pd.DataFrame) -> None:
        self.account, self.aws = account, account.aws
        self._publish(rows)
        self.aws.client("dynamodb").create_table(
            TableName=CLAIMS,
            KeySchema=[{"AttributeName": KEY, "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": KEY, "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        self.queue = self.aws.client("sqs").create_queue(QueueName=QUEUE)["QueueUrl"]
        answers = {"OutputLocation": f"s3://{BUCKET}/queries/{WORKGROUP}/"}
        self.aws.client("athena").create_work_group(
            Name=WORKGROUP, Configuration={"ResultConfiguration": answers, "EnforceWorkGroupConfiguration": True}
        )
        self.role = self._role()
        self.columns = list(rows.columns)

    def run(self, event: dict[str, Any], name: str) -> Execution:
        """Runs the state machine for an event. ``name`` is that of the execution."""
        prefix, suffix = build_input_affixes("scoring")
        steps = IntakeSteps(
            label="fraud-production-intake-daily",
            table=CLAIMS,
            queue_url=self.queue,
            workgroup=WORKGROUP,
            database=DATABASE,
            dataset_table=TABLE,
            columns=self.columns,
            rows=None,
            bucket=BUCKET,
            location_prefix=prefix,
            location_suffix=suffix,
            pipeline=None,
            marker=COMPLETE,
            settle_seconds=None,
            timeout_seconds=1800,
        )
        dynamodb, s3, sqs = (self._client(service) for service in ("dynamodb", "s3", "sqs"))
        tasks = {
            "dynamodb:putItem": lambda words: _claimed(dynamodb, words),
            "dynamodb:deleteItem": lambda words: dynamodb.delete_item(**words),
            "dynamodb:updateItem": lambda words: dynamodb.update_item(**words),
            "startQueryExecution.sync": self._query,
            "s3:putObject": lambda words: s3.put_object(**words),
            "sendMessage": lambda words: sqs.send_message(
                QueueUrl=words["QueueUrl"], MessageBody=json.dumps(words["MessageBody"])
            ),
        }
        return execute(definition(steps), event, tasks, name=name)

    def _query(self, words: dict[str, Any]) -> None:
        athena = self._client("athena")
        started = athena.start_query_execution(**words)["QueryExecutionId"]

        def look() -> dict[str, Any] | None:
            status = athena.get_query_execution(QueryExecutionId=started)["QueryExecution"]["Status"]
            return status if status["State"] not in ("QUEUED", "RUNNING") else None

        status = eventually(look)
        assert status["State"] == "SUCCEEDED", status

    def _publish(self, rows: pd.DataFrame) -> None:
        s3, glue, formation = (self.aws.client(name) for name in ("s3", "glue", "lakeformation"))
        s3.create_bucket(Bucket=LAKE, CreateBucketConfiguration={"LocationConstraint": REGION})
        body = io.BytesIO()
        rows.to_parquet(body, index=False)
        s3.put_object(Bucket=LAKE, Key="arrivals/inference/1.parquet", Body=body.getvalue())
        reader = self.aws.role("lake-reader", "lakeformation")
        formation.register_resource(ResourceArn=f"arn:aws:s3:::{LAKE}", RoleArn=reader)
        glue.create_database(DatabaseInput={"Name": DATABASE})
        columns = [{"Name": name, "Type": TYPES.get(kind.kind, "string")} for name, kind in rows.dtypes.items()]
        described = {
            "Columns": columns,
            "Location": f"s3://{LAKE}/arrivals/inference/",
            "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
        }
        glue.create_table(DatabaseName=DATABASE, TableInput={"Name": TABLE, "StorageDescriptor": described})

    def _role(self) -> str:
        """Creates the role with the permissions of intakes, and grants the table to it."""
        scope = IntakeScope(
            account_id=MANAGEMENT,
            region=REGION,
            bucket_arn=f"arn:aws:s3:::{BUCKET}",
            key_arn=self.account.key,
            workgroup=WORKGROUP,
            databases=[DATABASE],
            use_cases=["scoring"],
            pipelines=[],
            table_arn=f"arn:aws:dynamodb:{REGION}:{MANAGEMENT}:table/{CLAIMS}",
            queue_arn=f"arn:aws:sqs:{REGION}:{MANAGEMENT}:{QUEUE}",
        )
        # Step Functions does not run here, so the test assumes the role in its place.
        trust = Statement(
            sid="AssumedByTheTest",
            principals={"AWS": f"arn:aws:iam::{MANAGEMENT}:root"},
            actions=["sts:AssumeRole"],
        )

        def declare() -> None:
            args = BoundedRoleArgs(
                role_name="fraud-production-intake",
                description="Copies out of the lake",
                trust=trust,
                permissions=intake_permissions(scope),
                boundary_arn=f"arn:aws:iam::{MANAGEMENT}:policy/plinth/boundary",
            )
            BoundedRole("it", args, pulumi.ResourceOptions())

        role = self.account.role(declare)
        self.aws.client("lakeformation").grant_permissions(
            Principal={"DataLakePrincipalIdentifier": role},
            Resource={"Table": {"DatabaseName": DATABASE, "Name": TABLE}},
            Permissions=["SELECT"],
        )
        return role

    def _client(self, service: str) -> Any:
        session = self.aws.client("sts").assume_role(RoleArn=self.role, RoleSessionName="intake")["Credentials"]
        return boto3.client(  # type: ignore[call-overload] # the service is known when it is called
            service,
            endpoint_url=self.aws.url,
            region_name=REGION,
            aws_access_key_id=session["AccessKeyId"],
            aws_secret_access_key=session["SecretAccessKey"],
            aws_session_token=session["SessionToken"],
        )


def _claimed(dynamodb: Any, words: dict[str, Any]) -> None:
    """Puts an item, with the error of Step Functions for a claim that exists."""
    try:
        dynamodb.put_item(**words)
    except dynamodb.exceptions.ConditionalCheckFailedException as error:
        raise TaskError("DynamoDB.ConditionalCheckFailedException") from error
