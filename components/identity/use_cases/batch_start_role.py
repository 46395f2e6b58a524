"""The role of the function that starts a use case's batch inference, in pre-production or production."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.former_components import without_component
from components.identity.iam.principals import function_trust
from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import (
    UseCase,
    create_role,
    use_key,
    write_folder,
    write_function_logs,
)
from components.identity.workloads.workload_permissions import join_network_of_functions
from settings.data.ml_layout import COMPLETE
from settings.types.kinds import ReleasedTo


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchStartRoleArgs:
    """Arguments of :class:`BatchStartRole`."""

    use_case: UseCase
    """Use case whose pipeline the function starts."""

    environment: ReleasedTo
    """Environment of the pipeline."""

    account_id: pulumi.Input[str]
    """Id of the environment's account."""

    bucket_arn: pulumi.Input[str]
    """ARN of the environment's ML bucket."""

    key_arn: pulumi.Input[str]
    """ARN of the environment's KMS key."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""


class BatchStartRole:
    """The role of the function that starts batch inference: it sees which inputs are complete, stores the code of the
    jobs in the folder of a run, and starts the pipeline. It reads no input.

    Creates: the role ``<team>--<use-case>-preprod-start-batch`` or ``-prod-start-batch``.

    Args: see :class:`BatchStartRoleArgs`.

    Outputs: ``arn``.

    Raises: SettingsError when the name of the role would be too long.

    Cost: none.

    Example::

        BatchStartRole("start", BatchStartRoleArgs(
            use_case=use_case, environment="production", account_id=production_id, bucket_arn=ml.arn, key_arn=key.arn,
            boundary_arn=boundary.arn,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the role, for the function."""

    def __init__(self, name: str, args: BatchStartRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        case = args.use_case
        self.arn = create_role(
            without_component(name, "plinth:identity:BatchStartRole", opts),
            name,
            case,
            role_name=case.role_name("start-batch", args.environment),
            description=f"Starts of batch inference of {case.prefix} in {args.environment}",
            trust=function_trust(),
            permissions=_permissions(args),
            boundary_arn=args.boundary_arn,
        )


def _permissions(args: BatchStartRoleArgs) -> list[Statement]:
    case, environment = args.use_case, args.environment
    return [
        Statement(
            sid="StartThePipeline",
            actions=["sagemaker:StartPipelineExecution"],
            resources=case.arns_in(environment, "sagemaker", args.account_id, "pipeline/"),
        ),
        Statement(
            sid="SeeRuns",
            actions=["s3:ListBucket"],
            resources=[args.bucket_arn],
            conditions={"StringLike": {"s3:prefix": f"{case.ml_folder}/*"}},
        ),
        Statement(
            sid="SeeMarkers",
            actions=["s3:GetObject"],
            resources=[pulumi.Output.concat(args.bucket_arn, f"/{case.ml_folder}/*/input/{COMPLETE}")],
        ),
        write_folder(args.bucket_arn, f"{case.ml_folder}/*/code", "Code"),
        use_key(args.key_arn, "UseTheKey", write=True),
        write_function_logs(case, environment, args.account_id),
        *join_network_of_functions(case.region, args.account_id),
    ]
