"""AWS Config: delivery channels need a bucket that Config can write to, and an aggregator that is put again keeps its
tags."""

from __future__ import annotations

from moto.config.models import config_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.services.s3.patches.find_bucket import find_bucket


def _put_channel(exchange: Exchange) -> Answer:
    """Refuses a bucket that does not exist, and one with Object Lock, which Config cannot write to.

    Sources: CloudFormation reference, ``AWS::Config::DeliveryChannel``; AWS Config Developer Guide, "Managing the
    Delivery Channel" (read 2026-11-21). The error is the one that Config returns whenever its test object is refused.
    """
    channel = exchange.call.parameters["DeliveryChannel"]
    name = channel.get("s3BucketName", "")
    bucket = find_bucket(name)
    if bucket is None:
        raise AwsError("NoSuchBucketException", f"Cannot find a S3 bucket with the name: {name}.")
    if bucket.object_lock_enabled:
        prefix, key = channel.get("s3KeyPrefix", "null"), channel.get("s3KmsKeyArn", "null")
        raise AwsError(
            "InsufficientDeliveryPolicyException",
            f"Insufficient delivery policy to s3 bucket: {name}, unable to write to bucket, provided s3 key prefix is "
            f"'{prefix}', provided kms key is '{key}'.",
        )
    return exchange.below()


def _put_aggregator(exchange: Exchange) -> Answer:
    call = exchange.call
    aggregators = config_backends[call.account][call.region].config_aggregators
    before = aggregators.get(call.parameters["ConfigurationAggregatorName"])
    tags = before.tags if before else None
    answer = exchange.below()
    if answer.succeeded and tags is not None:
        aggregators[call.parameters["ConfigurationAggregatorName"]].tags = tags
    return answer


PATCHES: Patches = {"PutConfigurationAggregator": _put_aggregator, "PutDeliveryChannel": _put_channel}
