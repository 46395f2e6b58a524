"""AWS Step Functions."""

from __future__ import annotations

from plinth_sandbox.provider.vocabulary import Call, Name, Resource, Tagging

_LOGGING = (
    "loggingConfiguration.{level: level, includeExecutionData: includeExecutionData, "
    "logDestination: destinations[0].cloudWatchLogsLogGroup.logGroupArn}"
)

STATE_MACHINE = Resource(
    type="aws:sfn/stateMachine:StateMachine",
    service="stepfunctions",
    create=Call("create_state_machine", gives={"id": "stateMachineArn"}),
    address={"stateMachineArn": "{id}"},
    read=Call("describe_state_machine", gives={"arn": "stateMachineArn", "loggingConfiguration": _LOGGING}),
    update=["update_state_machine"],
    delete="delete_state_machine",
    renames={"logDestination": "destinations"},
    defaults={"type": "STANDARD"},
    computed=["encryptionConfiguration", "loggingConfiguration", "tracingConfiguration"],
    unread=["publish"],
    volatile=["revisionId", "stateMachineVersionArn"],
    name=Name(longest=80),
    tags=Tagging(),
)

RESOURCES = [STATE_MACHINE]
