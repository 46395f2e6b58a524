"""Waiters and tag operations that several SageMaker types share."""

from __future__ import annotations

from plinth_sandbox.provider.vocabulary import Call, Tagging, Wait

TAGS = Tagging("add_tags", "delete_tags", "list_tags")


def in_service(operation: str) -> Wait:
    failed = "ends_with(Status, 'Failed')"  # Failed, Update_Failed, Delete_Failed
    return Wait(Call(operation), until="Status=='InService'", failed=failed, reason="FailureReason")


def not_found(operation: str, failed: str = "Status=='Delete_Failed'") -> Wait:
    """Waits until SageMaker reports the resource as not found. No status means that it is deleted."""
    return Wait(Call(operation), until="`false`", failed=failed, reason="FailureReason")
