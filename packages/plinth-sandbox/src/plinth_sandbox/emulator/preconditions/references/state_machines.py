"""Step Functions. Its refusal of a role is the one that it answers for every role that it cannot assume
(github.com/hashicorp/terraform/issues/2869, read 2026-11-26).

EventBridge has no table: PutTargets does not look a target up, and an event for a missing one fails when it is
delivered. EventBridge Scheduler looks up its role only (``executors.events.scheduler_operations``).
"""

from __future__ import annotations

from plinth_sandbox.emulator.preconditions.references import kinds
from plinth_sandbox.emulator.preconditions.references.reference import Reference, References, Refusal

_ROLE = Reference(
    "roleArn",
    kinds.role("states"),
    Refusal(
        "AccessDeniedException",
        "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the "
        "provided role.",
        400,
    ),
)

REFERENCES: References = {
    ("stepfunctions", "CreateStateMachine"): (_ROLE,),
    ("stepfunctions", "UpdateStateMachine"): (_ROLE,),
}
