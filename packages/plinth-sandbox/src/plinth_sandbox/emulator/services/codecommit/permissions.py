"""CodeCommit: the use of a repository's KMS key in the name of whoever reads or changes the repository.

The user guide names the actions on a customer managed key (CodeCommit User Guide, "AWS Key Management Service and
encryption for AWS CodeCommit repositories", read on 2026-11-30), and the API the operations that the key may refuse
(``EncryptionKeyAccessDeniedException``). An AWS managed key needs no permission.
"""

from __future__ import annotations

from collections.abc import Iterator

from plinth_sandbox.emulator.authorization.permissions.needed import Needed
from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.services.kms.permissions import is_customer_managed, key_arn
from plinth_sandbox.emulator.store.record import Record

REFUSED = "EncryptionKeyAccessDeniedException"
_READS = ("Decrypt", "DescribeKey")
_CHANGES = (*_READS, "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo")
_ABOUT_THE_REPOSITORY = frozenset(
    {"BatchGetRepositories", "DeleteRepository", "GetRepository", "UpdateDefaultBranch", "UpdateRepositoryDescription"}
)
"""Operations that concern neither code nor its review."""


def uses_key(call: Call) -> bool:
    """Returns whether a call of CodeCommit reads or changes what a key encrypts."""
    if call.operation is None or call.name in _ABOUT_THE_REPOSITORY or call.name.endswith("Triggers"):
        return False
    concerns_templates = "ApprovalRuleTemplate" in call.name
    return not concerns_templates and any(error_shape.name == REFUSED for error_shape in call.operation.error_shapes)


def needed_to_create(call: Call) -> Iterator[Needed]:
    """Yields the permissions that CreateRepository needs on the key that it names."""
    yield from _on_key(call.parameters.get("kmsKeyId"), call.account, call.region, changes=True)


def needed_on_content(repository: Record, *, changes: bool) -> Iterator[Needed]:
    """Yields the permissions that reading or changing a repository needs on its key."""
    place = repository.place
    yield from _on_key(repository.values.get("kmsKeyId"), place.account, place.region, changes=changes)


def _on_key(key: str | None, account: str, region: str, *, changes: bool) -> Iterator[Needed]:
    if key is None or not is_customer_managed(key):
        return
    arn, context = key_arn(key, account, region), {"kms:ViaService": [f"codecommit.{region}.amazonaws.com"]}
    for action in _CHANGES if changes else _READS:
        yield Needed(f"kms:{action}", arn, context, via="codecommit.amazonaws.com", code=REFUSED)
