"""The role of the function between the API and the endpoint of a use case, in pre-production or production."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.former_components import without_component
from components.identity.iam.principals import function_trust
from components.identity.iam.statements import Statement
from components.identity.releases.event_predictions import answer_events
from components.identity.use_cases.use_case import (
    UseCase,
    create_role,
    read_folder,
    use_key,
    write_folder,
    write_function_logs,
)
from components.identity.workloads.workload_permissions import join_network_of_functions
from settings.data.ml_layout import ASYNCHRONOUS, MONITORING, SWITCH, AsynchronousRequests
from settings.types.kinds import ReleasedTo


@dataclass(frozen=True, kw_only=True, slots=True)
class FunctionRoleArgs:
    """Arguments of :class:`FunctionRole`."""

    use_case: UseCase
    """Use case whose endpoint the function invokes."""

    environment: ReleasedTo
    """Environment of the endpoint."""

    account_id: pulumi.Input[str]
    """Id of the environment's account."""

    bucket_arn: pulumi.Input[str]
    """ARN of the environment's ML bucket, for requests of asynchronous inference."""

    key_arn: pulumi.Input[str]
    """ARN of the environment's KMS key."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""

    answers_events: bool = False
    """Whether functions of the use case answer events too."""


class FunctionRole:
    """The role of the function that checks requests for predictions: it invokes the endpoint of its use case and writes
    its log. It reads the switch of predictions. For asynchronous inference it stores requests and reads their answers.
    It reads no other data.

    Releases create the function and may not create roles, so the role exists before.

    Creates: the role ``<team>--<use-case>-preprod-predict`` or ``-prod-predict``.

    Args: see :class:`FunctionRoleArgs`.

    Outputs: ``arn``.

    Raises: SettingsError when the name of the role would be too long.

    Cost: none.

    Example::

        FunctionRole("predict", FunctionRoleArgs(
            use_case=use_case, environment="production", account_id=production_id, bucket_arn=ml.arn,
            key_arn=key.arn, boundary_arn=boundary.arn,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the role, for the function."""

    def __init__(self, name: str, args: FunctionRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        case, environment = args.use_case, args.environment
        self.arn = create_role(
            without_component(name, "plinth:identity:FunctionRole", opts),
            name,
            case,
            role_name=case.role_name("predict", environment),
            description=f"Requests for predictions of {case.prefix} in {environment}",
            trust=function_trust(),
            permissions=_permissions(args),
            boundary_arn=args.boundary_arn,
        )


def _permissions(args: FunctionRoleArgs) -> list[Statement]:
    case, environment = args.use_case, args.environment
    return [
        Statement(
            sid="InvokeTheEndpoint",
            actions=["sagemaker:InvokeEndpoint", "sagemaker:InvokeEndpointAsync"],
            resources=case.arns_in(environment, "sagemaker", args.account_id, "endpoint/"),
        ),
        *read_folder(args.bucket_arn, f"{case.ml_folder}/{MONITORING}/{SWITCH}", "Switch"),
        *_requests(args),
        *(answer_events(case, environment, args.account_id) if args.answers_events else ()),
        write_function_logs(case, environment, args.account_id),
        *join_network_of_functions(case.region, args.account_id),
    ]


def _requests(args: FunctionRoleArgs) -> list[Statement]:
    """Allows storing requests of asynchronous inference and reading their answers."""
    case = args.use_case.ml_folder
    written = (AsynchronousRequests(use_case=case, part=part).prefix.rstrip("/") for part in ("requests", "accepted"))
    return [
        *read_folder(args.bucket_arn, f"{case}/{ASYNCHRONOUS}", "Requests"),
        *(write_folder(args.bucket_arn, folder, folder.rpartition("/")[2].title()) for folder in written),
        use_key(args.key_arn, "UseTheKey", write=True),
    ]
