"""EC2: the log groups of flow logs, which moto resolves by name only."""

from __future__ import annotations

from moto.ec2.models import ec2_backends

from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches


def _create_flow_logs(exchange: Exchange) -> Answer:
    """Resolves log group ARNs. moto looks up the log group by name only, and reports a failed delivery for an ARN."""
    answer = exchange.below()
    name = exchange.call.parameters.get("LogDestination", "").partition(":log-group:")[2].removesuffix(":*")
    if answer.succeeded and name:
        for identifier in exchange.call.result(answer)["FlowLogIds"]:
            flow_log = ec2_backends[exchange.call.account][exchange.call.region].flow_logs[identifier]
            flow_log.log_group_name = name
            flow_log.deliver_logs_status, flow_log.deliver_logs_error_message = "SUCCESS", None
    return answer


PATCHES: Patches = {"CreateFlowLogs": _create_flow_logs}
