"""An Athena workgroup whose settings apply to every query and cannot be overridden by clients."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

MAX_BYTES_SCANNED = 1024**4
"""One tebibyte per query, about 5 USD. It stops queries that do not filter by partition."""


def enforced_workgroup(
    resource_name: str,
    *,
    workgroup_name: str,
    description: str,
    answers: pulumi.Input[str],
    account_id: pulumi.Input[str],
    key_arn: pulumi.Input[str],
    parent: pulumi.Resource,
) -> aws.athena.Workgroup:
    """Creates the workgroup.

    Athena writes results to ``answers`` (an ``s3://`` location) encrypted with ``key_arn``, after it has checked that
    the bucket belongs to ``account_id``. A query that would scan more than :data:`MAX_BYTES_SCANNED` bytes is
    cancelled. A workgroup is deleted with its query history, which Athena keeps for 45 days; the results stay in the
    bucket.
    """

    result = aws.athena.WorkgroupConfigurationResultConfigurationArgs(
        output_location=answers,
        expected_bucket_owner=account_id,
        encryption_configuration=aws.athena.WorkgroupConfigurationResultConfigurationEncryptionConfigurationArgs(
            encryption_option="SSE_KMS", kms_key_arn=key_arn
        ),
    )
    return aws.athena.Workgroup(
        resource_name,
        name=workgroup_name,
        description=description,
        configuration=aws.athena.WorkgroupConfigurationArgs(
            enforce_workgroup_configuration=True,
            publish_cloudwatch_metrics_enabled=True,
            bytes_scanned_cutoff_per_query=MAX_BYTES_SCANNED,
            result_configuration=result,
        ),
        force_destroy=True,
        opts=pulumi.ResourceOptions(parent=parent),
    )
