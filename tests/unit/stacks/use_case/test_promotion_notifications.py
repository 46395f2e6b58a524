"""Messages about promotions reach a subscriber, with the role, the rule and the topic that the stack declares."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from executors.promotions import Promotions, action, source
from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws
from plinth_sandbox.waiting import eventually
from settings.derived.use_case_names import UseCaseNames
from tests.support.every_stack import example_deployment

NAMES = UseCaseNames(team="fraud", use_case="scoring")
STACK = NAMES.prefix
PROMOTER = f"{STACK}-promoter"
FAILED = f"{STACK}-promotion-failed"


class Site(Promotions):
    """The tooling account with what the stack declares, and a queue that follows the topic."""

    def __init__(self, aws: EmulatedAws) -> None:
        super().__init__(aws)
        self.sqs = aws.client("sqs")
        founded = aws.client("organizations").create_organization(FeatureSet="ALL")["Organization"]["Id"]
        self.renamed = {
            example_deployment()["organization"].exports["organization_id"]: founded,
            example_deployment()["tooling"].exports["account_id"]: MANAGEMENT,
        }
        self.pipeline_role = self._role()
        topic = self.declared("aws:sns/topic:Topic", name=NAMES.promotion_topic)
        self.topic = str(aws.client("sns").create_topic(Name=topic["name"])["TopicArn"])
        self.queue = self.sqs.create_queue(QueueName="inbox")["QueueUrl"]
        queue_arn = f"arn:aws:sqs:{REGION}:{MANAGEMENT}:inbox"
        aws.client("sns").subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=queue_arn)
        rule = self.declared("aws:cloudwatch/eventRule:EventRule", name=FAILED)
        target = self.declared("aws:cloudwatch/eventTarget:EventTarget", rule=FAILED)
        events = aws.client("events")
        self._admit(events.put_rule(Name=FAILED, EventPattern=rule["eventPattern"])["RuleArn"])
        events.put_targets(Rule=FAILED, Targets=[{"Id": target["targetId"], "Arn": target["arn"]}])
        self.code = f"{STACK}-deployment"
        self.codecommit.create_repository(repositoryName=self.code)
        self.codecommit.put_file(repositoryName=self.code, branchName="main", filePath="a", fileContent=b"a")

    def messages(self, count: int) -> list[Any]:
        """Returns the content of messages when so many have arrived."""
        found: list[Any] = []

        def look() -> list[Any] | None:
            received = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", [])
            for message in received:
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
                found.append(json.loads(json.loads(message["Body"])["Message"]))
            return found if len(found) >= count else None

        return list(eventually(look))

    def _admit(self, rule_arn: str) -> None:
        """Gives the topic its policy, with the ARN that the rule has here."""
        policy = json.loads(self.declared("aws:sns/topicPolicy:TopicPolicy")["policy"])
        (admitted,) = [statement for statement in policy["Statement"] if statement["Sid"] == "FailedStages"]
        assert admitted["Condition"]["ArnEquals"].keys() == {"aws:SourceArn"}
        admitted["Condition"]["ArnEquals"]["aws:SourceArn"] = rule_arn
        attribute = {"AttributeName": "Policy", "AttributeValue": json.dumps(policy)}
        self.aws.client("sns").set_topic_attributes(TopicArn=self.topic, **attribute)

    def declared(self, kind: str, stack: str = STACK, **chosen: str) -> dict[str, Any]:
        """Returns the inputs of a resource of a stack, with the identifiers of this emulator."""
        text = json.dumps([resource.inputs for resource in example_deployment()[stack].all(kind)])
        for declared, actual in self.renamed.items():
            text = text.replace(declared, actual)
        return next(inputs for inputs in json.loads(text) if chosen.items() <= inputs.items())

    def _role(self) -> str:
        """Creates the role of the pipeline with its boundary, and returns its ARN."""
        iam = self.aws.client("iam")
        name = example_deployment()["tooling"].exports["permissions_boundary_arn"].rpartition("/")[2]
        ceiling = self.declared("aws:iam/policy:Policy", "tooling", name=name)
        boundary = iam.create_policy(PolicyName=name, PolicyDocument=ceiling["policy"])["Policy"]["Arn"]
        role = self.declared("aws:iam/role:Role", name=PROMOTER)
        made = iam.create_role(
            RoleName=PROMOTER, AssumeRolePolicyDocument=role["assumeRolePolicy"], PermissionsBoundary=boundary
        )
        policy = self.declared("aws:iam/rolePolicy:RolePolicy", role=PROMOTER)
        iam.put_role_policy(RoleName=PROMOTER, PolicyName="all", PolicyDocument=policy["policy"])
        return str(made["Role"]["Arn"])


@pytest.mark.requirement("PROM-06.a", level="run")
def test_a_pending_approval_and_its_refusal_reach_a_subscriber(tmp_path: Path) -> None:
    with EmulatedAws(tmp_path) as aws:
        site = Site(aws)
        bucket = site.declared("aws:codepipeline/pipeline:Pipeline")["artifactStores"][0]["location"]
        aws.client("s3").create_bucket(
            Bucket=bucket,
            CreateBucketConfiguration={"LocationConstraint": REGION},
            BucketNamespace="account-regional",
        )
        approve = action("Approve", "Approval", "Manual", {"CustomData": "version 7", "NotificationArn": site.topic})
        stages = [source(RepositoryName=site.code), {"name": "Review", "actions": [approve]}]
        declared = site.declaration(NAMES.promotion_pipeline, *stages)
        declared |= {"roleArn": site.pipeline_role, "artifactStore": {"type": "S3", "location": bucket}}
        site.codepipeline.create_pipeline(pipeline=declared)
        (execution,) = [
            str(pipeline_execution["pipelineExecutionId"])
            for pipeline_execution in site.executions(NAMES.promotion_pipeline)
        ]
        (asked,) = site.messages(1)
        assert asked["approval"]["stageName"] == "Review"
        assert asked["approval"]["customData"] == "version 7"
        site.codepipeline.put_approval_result(
            pipelineName=NAMES.promotion_pipeline,
            stageName="Review",
            actionName="Approve",
            token=asked["approval"]["token"],
            result={"summary": "no", "status": "Rejected"},
        )
        (failed,) = site.messages(1)
        assert failed["detail"]["execution-id"] == execution
        assert (failed["detail"]["stage"], failed["detail"]["state"]) == ("Review", "FAILED")
