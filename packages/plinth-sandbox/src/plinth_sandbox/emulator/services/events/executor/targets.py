"""The targets to which the sandbox delivers, each by the call that EventBridge makes.

moto's services are imported with the first delivery to them, because some take a second to import.

Sources: EventBridge User Guide, "Event bus targets in Amazon EventBridge" and "Sending events to an AWS service in
another account"; Service Authorization Reference for the actions (read 2026-11-22).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.moto_api._internal import mock_random

from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.services.events.executor.permissions import NotDeliveredError, Sender, require
from plinth_sandbox.emulator.services.events.executor.transformation import find, is_path

TRIGGER_HEADER = "X-Plinth-Sandbox-Trigger"
"""Header with the ARN of the rule that starts a pipeline."""


@dataclass(frozen=True, slots=True)
class Arn:
    """The parts of a target's ARN."""

    text: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> Arn:
        _, _, service, region, account, resource = text.split(":", 5)
        return cls(text, service, region, account, resource)

    @property
    def name(self) -> str:
        """Name after the type of the resource: ``workflow/name``, ``stateMachine:name``."""
        return self.resource.replace(":", "/").rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one target."""

    sender: Sender
    target: Mapping[str, Any]
    text: str
    """Text that the target receives."""
    event: Mapping[str, Any]

    @property
    def arn(self) -> Arn:
        return Arn.parse(str(self.target["Arn"]))


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of target."""

    action: str
    """IAM action of the delivery."""
    send: Callable[[Delivery, Any], None]
    """Makes the call, with a client of the target's service."""
    client: str = ""
    """Client of the service, if it is not the service of the ARN."""
    needs_role: bool = True
    crosses_accounts: bool = False
    policies: Callable[[Arn], Mapping[str, str]] = lambda _: {}
    """Resource policies of the target by name."""
    key: Callable[[Arn], tuple[str, Mapping[str, str]]] = lambda _: ("", {})
    """Customer managed key of the target, with the encryption context of its use."""
    resource: Callable[[Arn], str] = lambda arn: arn.text
    """ARN on which the action is performed."""


def deliver(delivery: Delivery, runtime: Runtime) -> None:
    """Makes the call of a delivery. Raises NotDeliveredError, or ClientError if the target refuses."""
    arn = delivery.arn
    kind = kind_of(arn)
    if kind is None:
        raise NotDeliveredError("UNKNOWN", f"The sandbox does not deliver events to {arn.text}.")
    sender = delivery.sender
    key_arn, encryption = kind.key(arn)
    require(sender, kind.action, kind.resource(arn), kind.policies(arn), key_arn=key_arn, encryption=encryption)
    # A service that acts as itself has no credentials. Its calls name a session in the account of the target.
    role = sender.role_arn or f"arn:aws:iam::{arn.account}:role/aws-service-role/{sender.service}"
    client = runtime.client(kind.client or arn.service, role, arn.region or sender.region, "EventBridge")
    kind.send(delivery, client)


def kind_of(arn: Arn) -> Kind | None:
    """Returns the kind of a target, or None if the sandbox does not deliver to it. Event buses are not among them,
    because an event on its way to another bus keeps its account and region."""
    prefixes = KINDS.get(arn.service, {})
    return next((kind for prefix, kind in prefixes.items() if arn.resource.startswith(prefix)), None)


def _queue(arn: Arn) -> Any:
    from moto.sqs.models import sqs_backends

    queue = sqs_backends[arn.account][arn.region].queues.get(arn.resource)
    if queue is None:
        raise NotDeliveredError("NO_RESOURCE", f"The queue {arn.text} does not exist.")
    return queue


def _topic(arn: Arn) -> Any:
    from moto.sns.models import sns_backends

    topic = sns_backends[arn.account][arn.region].topics.get(arn.text)
    if topic is None:
        raise NotDeliveredError("NO_RESOURCE", f"The topic {arn.text} does not exist.")
    return topic


def _customer_key(name: str | None, arn: Arn) -> str:
    """Returns the ARN of a customer managed key, given by id, ARN or alias. Keys of AWS (``alias/aws/…``) are none."""
    if not name or "alias/aws/" in name:
        return ""
    if name.startswith("arn:"):
        return name
    from moto.kms.models import kms_backends

    backend = kms_backends[arn.account][arn.region]
    identifier = backend.get_key_id_from_alias(name) if name.startswith("alias/") else name
    return f"arn:aws:kms:{arn.region}:{arn.account}:key/{identifier}"


def _queue_key(arn: Arn) -> tuple[str, Mapping[str, str]]:
    return _customer_key(getattr(_queue(arn), "kms_master_key_id", None), arn), {"aws:sqs:arn": arn.text}


def _topic_key(arn: Arn) -> tuple[str, Mapping[str, str]]:
    return _customer_key(_topic(arn).kms_master_key_id, arn), {"aws:sns:topicArn": arn.text}


def _log_policies(arn: Arn) -> Mapping[str, str]:
    from moto.logs.models import logs_backends

    found = logs_backends[arn.account][arn.region].resource_policies
    return {name: policy.policy_document for name, policy in found.items()}


def _queue_policies(arn: Arn) -> Mapping[str, str]:
    policy = _queue(arn).policy
    return {"queue policy": policy if isinstance(policy, str) else json.dumps(policy)} if policy else {}


def _function_policies(arn: Arn) -> Mapping[str, str]:
    from moto.awslambda.exceptions import UnknownFunctionException
    from moto.awslambda.models import lambda_backends

    try:
        function = lambda_backends[arn.account][arn.region].get_function(arn.text)
    except UnknownFunctionException as error:
        raise NotDeliveredError("NO_RESOURCE", f"The function {arn.text} does not exist.") from error
    statements = function.policy.statements
    return {"function policy": json.dumps({"Statement": statements})} if statements else {}


def send_message(delivery: Delivery, client: Any) -> None:
    url = client.get_queue_url(QueueName=delivery.arn.resource)["QueueUrl"]
    client.send_message(QueueUrl=url, MessageBody=delivery.text, **delivery.target.get("SqsParameters", {}))


def _publish(delivery: Delivery, client: Any) -> None:
    # Alarms send a subject. Targets of EventBridge have none.
    subject = {"Subject": delivery.target["Subject"]} if "Subject" in delivery.target else {}
    client.publish(TopicArn=delivery.arn.text, Message=delivery.text, **subject)


def _invoke(delivery: Delivery, client: Any) -> None:
    client.invoke(FunctionName=delivery.arn.text, InvocationType="Event", Payload=delivery.text.encode())


def _start_machine(delivery: Delivery, client: Any) -> None:
    # The id of the event is the name of the execution, so that a repeated delivery starts nothing.
    client.start_execution(stateMachineArn=delivery.arn.text, name=str(delivery.event["id"]), input=delivery.text)


def _start_code_pipeline(delivery: Delivery, client: Any) -> None:
    """Starts a pipeline, with the variables and source revisions of a transformed input (CodePipeline User Guide,
    "Amazon S3 source actions and EventBridge with source overrides")."""
    given = json.loads(delivery.text) if _is_changed(delivery) else {}
    members = ("sourceRevisions", "variables")
    lists = {name: given[name] for name in members if given.get(name)} if isinstance(given, Mapping) else {}
    lists = {name: list_ if isinstance(list_, list) else [list_] for name, list_ in lists.items()}

    def tell(params: dict[str, Any], **_: object) -> None:
        params["headers"][TRIGGER_HEADER] = delivery.sender.source_arn

    client.meta.events.register("before-call.codepipeline.StartPipelineExecution", tell)
    client.start_pipeline_execution(name=delivery.arn.resource, **lists)


def _is_changed(delivery: Delivery) -> bool:
    """Returns whether the target receives something else than the event."""
    return any(name in delivery.target for name in ("Input", "InputPath", "InputTransformer"))


def _start_build(delivery: Delivery, client: Any) -> None:
    # Members of StartBuild are taken from the input, but not from an event that was not transformed.
    overrides = json.loads(delivery.text) if _is_changed(delivery) else {}
    client.start_build(**(overrides | {"projectName": delivery.arn.name}))


def _start_model_pipeline(delivery: Delivery, client: Any) -> None:
    given = delivery.target.get("SageMakerPipelineParameters", {}).get("PipelineParameterList", [])
    parameters = [
        {"Name": parameter["Name"], "Value": _dynamic(parameter["Value"], delivery.event)} for parameter in given
    ]
    client.start_pipeline_execution(PipelineName=delivery.arn.name, PipelineParameters=parameters)


def _dynamic(value: str, event: Mapping[str, Any]) -> str:
    """Returns the value of a parameter. A path refers to the event ("Dynamic path parameters")."""
    if not (value.startswith("$.") and is_path(value)):
        return value
    found = find(event, value)
    return found if isinstance(found, str) else json.dumps(found)


def _log(delivery: Delivery, client: Any) -> None:
    group, stream = delivery.arn.resource.split(":")[1], str(mock_random.uuid4())
    message, moment = delivery.text, round(datetime.now(UTC).timestamp() * 1000)
    client.create_log_stream(logGroupName=group, logStreamName=stream)
    client.put_log_events(
        logGroupName=group, logStreamName=stream, logEvents=[{"timestamp": moment, "message": message}]
    )


def _start_workflow(delivery: Delivery, client: Any) -> None:
    del client
    raise NotDeliveredError(
        "ERROR_FROM_TARGET", f"NotImplementedBySandbox: the sandbox does not run Glue workflows: {delivery.arn.text}"
    )


KINDS: Mapping[str, Mapping[str, Kind]] = {
    "codebuild": {"project/": Kind("codebuild:StartBuild", _start_build)},
    "codepipeline": {"": Kind("codepipeline:StartPipelineExecution", _start_code_pipeline)},
    "glue": {"workflow/": Kind("glue:notifyEvent", _start_workflow)},
    "lambda": {
        "function:": Kind(
            "lambda:InvokeFunction", _invoke, needs_role=False, crosses_accounts=True, policies=_function_policies
        )
    },
    "logs": {
        "log-group:": Kind(
            "logs:PutLogEvents",
            _log,
            needs_role=False,
            policies=_log_policies,
            resource=lambda arn: f"{arn.text.removesuffix(':*')}:log-stream:delivered",
        )
    },
    "sagemaker": {"pipeline/": Kind("sagemaker:StartPipelineExecution", _start_model_pipeline)},
    "sns": {
        "": Kind(
            "sns:Publish",
            _publish,
            needs_role=False,
            crosses_accounts=True,
            policies=lambda arn: {"topic policy": _topic(arn).policy},
            key=_topic_key,
        )
    },
    "sqs": {
        "": Kind(
            "sqs:SendMessage",
            send_message,
            needs_role=False,
            crosses_accounts=True,
            policies=_queue_policies,
            key=_queue_key,
        )
    },
    "states": {"stateMachine:": Kind("states:StartExecution", _start_machine, client="stepfunctions")},
}
"""Kinds by service and by the beginning of the resource."""

UNSUPPORTED = frozenset(
    [
        "apigateway",
        "appsync",
        "batch",
        "ec2",
        "ecs",
        "execute-api",
        "firehose",
        "inspector",
        "kinesis",
        "redshift",
        "redshift-serverless",
        "ssm",
        "ssm-incidents",
    ]
)
"""Services that are targets at AWS and not here."""
