"""KMS keys that services look up when a request names them, or when they encrypt content with them.

Not checked, because AWS does not: the default key of a bucket (S3 API, PutBucketEncryption: "Amazon S3 doesn't validate
the KMS key ID provided in PutBucketEncryption requests"), and the keys of queues, topics and event buses, whose
operations declare no such error. They show when something is encrypted.

Sources: the errors that the operations declare; CloudWatch Logs API, AssociateKmsKey ("does not exist or is
deactivated"), its words as quoted in github.com/terraform-aws-modules reports; github.com/aws-solutions/
generative-ai-application-builder-on-aws/issues/29 for DynamoDB; Amazon SQS and Amazon SNS API, SendMessage and Publish
(all read 2026-11-26).
"""

from __future__ import annotations

from collections.abc import Iterator

from plinth_sandbox.emulator.preconditions.references import kinds
from plinth_sandbox.emulator.preconditions.references.reference import (
    Names,
    Question,
    Reference,
    References,
    Refusal,
    texts,
)
from plinth_sandbox.emulator.services.kms.permissions import key_arn
from plinth_sandbox.emulator.services.s3.patches.find_bucket import find_bucket
from plinth_sandbox.emulator.services.s3.permissions.buckets import object_of

_NOT_FOUND = "Key '{name}' does not exist"
_IS_DISABLED = "{name} is disabled."
_IS_PENDING = "{name} is pending deletion."
_LOGS = Refusal("InvalidParameterException", "The specified KMS Key Id could not be found.")
_SECRET = Refusal(
    "EncryptionFailure",
    "Secrets Manager can't encrypt the protected secret text using the provided KMS key. Check that the KMS key is "
    "available, enabled, and not in an invalid state.",
)
_TABLE = Refusal("ValidationException", f"KMS validation error: {_NOT_FOUND}")
_MACHINE = Refusal("InvalidEncryptionConfiguration", "The KMS key {name} does not exist or is inactive.")
_REPOSITORY = Refusal("KmsException", f"The operation failed due to a KMS exception: {_NOT_FOUND}")
_TRAIL = Refusal("KmsKeyNotFoundException", "The KMS key {name} does not exist.")


def _by_state(where: str | Names, missing: str, disabled: str, invalid: str, status: int | None = None) -> Reference:
    """Returns the reference to a key for which a service has three error codes."""
    states = {
        kinds.DISABLED: Refusal(disabled, _IS_DISABLED, status),
        kinds.PENDING_DELETION: Refusal(invalid, _IS_PENDING, status),
    }
    return Reference(where, kinds.key, Refusal(missing, _NOT_FOUND, status), states)


def _of_object(where: Names) -> Reference:
    """S3 passes the errors of KMS on (AWS re:Post, "Why can't I upload to an encrypted bucket", read 2026-11-26)."""
    return _by_state(where, "KMS.NotFoundException", "KMS.DisabledException", "KMS.KMSInvalidStateException", 400)


def _written(question: Question) -> Iterator[str]:
    """Yields the key that encrypts a new object: that of the request, or the default of the bucket."""
    given = question.call.parameters
    bucket = find_bucket(str(given["Bucket"]))
    if bucket is None:
        return
    default = (bucket.encryption or {}).get("Rule", {}).get("ApplyServerSideEncryptionByDefault", {})
    algorithm = given.get("ServerSideEncryption") or default.get("SSEAlgorithm") or ""
    key = given.get("SSEKMSKeyId") or default.get("KMSMasterKeyID")
    if algorithm.startswith("aws:kms") and key:
        yield key_arn(str(key), bucket.account_id, bucket.region_name)


def _read(question: Question) -> Iterator[str]:
    """Yields the key with which an object was encrypted."""
    given = question.call.parameters
    bucket = find_bucket(str(given["Bucket"]))
    found = object_of(str(given["Bucket"]), str(given["Key"]), given.get("VersionId"))
    if bucket is not None and found is not None and found.kms_key_id and str(found.encryption).startswith("aws:kms"):
        yield key_arn(str(found.kms_key_id), bucket.account_id, bucket.region_name)


def _of_queue(question: Question) -> Iterator[str]:
    from moto.sqs.models import sqs_backends

    call = question.call
    place, _, name = str(call.parameters["QueueUrl"]).rpartition("/")
    account = place.rpartition("/")[2]
    queue = sqs_backends[account if account.isdigit() else call.account][call.region].queues.get(name)
    yield from texts(vars(queue), "kms_master_key_id") if queue else ()


def _of_topic(question: Question) -> Iterator[str]:
    from moto.sns.models import sns_backends

    arn = str(question.call.parameters.get("TopicArn") or question.call.parameters.get("TargetArn") or "")
    if arn.startswith(f"arn:aws:sns:{question.call.region}:") and arn.count(":") == 5:
        topic = sns_backends[arn.split(":")[4]][question.call.region].topics.get(arn)
        yield from texts(vars(topic), "kms_master_key_id") if topic else ()


def _if_content(where: str) -> Names:
    """Returns the key of a request that has a content to encrypt."""

    def names(question: Question) -> list[str]:
        given = question.call.parameters
        return list(question.values(where)) if "SecretString" in given or "SecretBinary" in given else []

    return names


_SENT = _by_state(_of_queue, "KmsNotFound", "KmsDisabled", "KmsInvalidState")
_PUBLISHED = _by_state(_of_topic, "KMSNotFound", "KMSDisabled", "KMSInvalidState")
_COMMITTED = _by_state(
    "kmsKeyId", "EncryptionKeyNotFoundException", "EncryptionKeyDisabledException", "EncryptionKeyUnavailableException"
)


def _of(service: str, *operations: str, key: Reference) -> References:
    return {(service, operation): (key,) for operation in operations}


REFERENCES: References = {
    **_of("cloudtrail", "CreateTrail", "UpdateTrail", key=Reference("KmsKeyId", kinds.key, _TRAIL)),
    **_of("codecommit", "CreateRepository", "UpdateRepositoryEncryptionKey", key=_COMMITTED),
    **_of(
        "dynamodb", "CreateTable", "UpdateTable", key=Reference("SSESpecification.KMSMasterKeyId", kinds.key, _TABLE)
    ),
    **_of("ecr", "CreateRepository", key=Reference("encryptionConfiguration.kmsKey", kinds.key, _REPOSITORY)),
    **_of("logs", "AssociateKmsKey", "CreateLogGroup", key=Reference("kmsKeyId", kinds.key, _LOGS)),
    **_of("s3", "CopyObject", "CreateMultipartUpload", "PutObject", key=_of_object(_written)),
    **_of("s3", "GetObject", key=_of_object(_read)),
    **_of("secretsmanager", "CreateSecret", "UpdateSecret", key=Reference(_if_content("KmsKeyId"), kinds.key, _SECRET)),
    **_of("sns", "Publish", "PublishBatch", key=_PUBLISHED),
    **_of("sqs", "SendMessage", "SendMessageBatch", key=_SENT),
    **_of(
        "stepfunctions",
        "CreateStateMachine",
        "UpdateStateMachine",
        key=Reference("encryptionConfiguration.kmsKeyId", kinds.key, _MACHINE),
    ),
}
