"""The Pulumi program of the deployment: serves one registered version of the model in one environment, by an endpoint
behind an API or in batches.

The promotion runs it with the components of the foundation. The configuration of the stack names the version:
``release:version_arn``, ``release:commit``, and ``release:baseline_arn``, the version in service before. Batch
inference and monitoring also need ``release:image`` and ``release:archive``, those of the version.
"""

import json
from pathlib import Path

import pulumi
import pulumi_aws as aws
from components.batch.batch_inference import BatchInference, BatchInferenceArgs
from components.batch.batch_place import BatchPlace
from components.monitoring.endpoint_alarms import EndpointAlarm
from components.serving.api.api_callers import ApiCallers
from components.serving.api.caller_plan import CallerPlan
from components.serving.event_predictions import EventPredictions
from components.serving.kept_log_groups import adopting
from components.serving.monitoring.endpoint_monitor import EndpointMonitor, EndpointMonitorArgs
from components.serving.real_time_service import RealTimeService, RealTimeServiceArgs
from components.serving.served_variant import VARIANT, InstanceScaling
from components.serving.serving_place import ServingPlace
from components.serving.traffic_shift import TrafficShift
from components.serving.trial import CANDIDATE, SHADOW, Trial
from plinth_project.deployment.api import document_of, render_api
from plinth_project.deployment.batch import render_batch
from plinth_project.deployment.contract import read_contract
from plinth_project.deployment.events import render_requests, render_rule
from plinth_project.deployment.foundation import (
    STACKS,
    Environment,
    Foundation,
    environment_of_stack,
    read_foundation,
)
from plinth_project.deployment.inference import TESTS, Asynchronous, Batch, Monitoring, RealTime, read_inference
from plinth_project.deployment.monitoring import (
    REQUEST,
    START,
    SUBJECT,
    code_files,
    render_request,
    render_subject,
    schedule_of,
)
from plinth_project.names import USE_CASE_TAG

ROOT = Path(__file__).parent
CODE = ROOT / "app_infra" / "lambda"
KEPT = (".json", ".py")
JOBS = ("batch_inference/*/*.py", "shared_libraries/*.py")
"""Files of batch jobs."""
LOGS = ("/aws/lambda/", "/aws/sagemaker/Endpoints/", "/plinth/")
"""Starts of the names of log groups."""
VERSION_TAG = "model-version"


def main() -> None:
    release = pulumi.Config("release")
    foundation = read_foundation(ROOT)
    environment = environment_of_stack(foundation, pulumi.get_stack())
    inference = read_inference(ROOT, environment)
    aws_provider = provider(foundation, environment)
    kept = kept_log_groups(foundation.prefix(environment), pulumi.InvokeOptions(provider=aws_provider))
    options = pulumi.ResourceOptions(provider=aws_provider, transformations=[adopting(kept)])
    serve = serve_in_batches if isinstance(inference, Batch) else serve_by_endpoint
    for name, value in serve(release, foundation, environment, inference, options).items():
        pulumi.export(name, value)
    pulumi.export("version_arn", release.require("version_arn"))
    pulumi.export("commit", release.require("commit"))


def serve_by_endpoint(
    release: pulumi.Config,
    foundation: Foundation,
    environment: Environment,
    inference: RealTime | Asynchronous,
    options: pulumi.ResourceOptions,
) -> dict[str, pulumi.Output[str]]:
    """Returns the outputs of the service."""
    version = release.require("version_arn")
    later = isinstance(inference, Asynchronous)
    service = RealTimeService(
        "service",
        RealTimeServiceArgs(
            place=place(foundation, environment),
            version_arn=version,
            instance_type=inference.instance,
            instances=inference.instances,
            scaling=scaling(inference),
            shift=shift(inference),
            alarms=[EndpointAlarm(**alarm.model_dump()) for alarm in inference.deployment.alarms],
            capture_percentage=0 if later else inference.data_capture_percentage,
            requests_per_instance=inference.requests_per_instance if later else None,
            document=json.loads(
                render_api(ROOT, foundation, environment, document_of(inference), keys=bool(inference.plans))
            ),
            callers=callers(foundation, environment, inference),
            requests_per_second=inference.throttling.requests_per_second,
            burst=inference.throttling.burst,
            plans=plans(inference),
            code=code("predict"),
            handler="predict.asynchronous.handle" if later else "predict.handler.handle",
            trial=None if later else trial(inference, release.get("baseline_arn") or version),
            events=None if later else events(foundation, environment, inference),
            containers=inference.environments,
            tags=tags(foundation, version),
        ),
        options,
    )
    if isinstance(inference, RealTime) and inference.monitoring is not None:
        monitor(release, foundation, environment, inference, inference.monitoring, service.endpoint_name, options)
    keys = {"api_key_id": service.key_ids[TESTS], "api_keys": service.key_ids} if service.key_ids else {}
    answers = {"answers_url": foundation.answers_queue_url(environment)} if delivers(environment, inference) else {}
    return {"endpoint_name": service.endpoint_name, "api_id": service.api_id, "url": service.url, **keys, **answers}


def monitor(
    release: pulumi.Config,
    foundation: Foundation,
    environment: Environment,
    inference: RealTime,
    monitoring: Monitoring,
    endpoint_name: pulumi.Output[str],
    options: pulumi.ResourceOptions,
) -> None:
    """Compares the requests to the version with the baseline of its training."""
    version = release.require("version_arn")
    first = release.get("baseline_arn", version) == version
    tried = None if inference.trial is None or first else inference.trial.kind
    request = render_request(
        foundation,
        environment,
        monitoring,
        image=release.require("image"),
        version_uri=release.require("archive").rpartition("/")[0] + "/",
        version_arn=version,
    )
    subject = render_subject(
        foundation,
        environment,
        monitoring,
        features=list(read_contract(ROOT).columns),
        variant={"a-b": CANDIDATE, "shadow": SHADOW, None: VARIANT}[tried],
        version_arn=version,
        capture_percentage=inference.data_capture_percentage,
    )
    files = {name: pulumi.FileAsset(str(file)) for name, file in code_files().items()}
    EndpointMonitor(
        "monitor",
        EndpointMonitorArgs(
            place=place(foundation, environment),
            endpoint_name=endpoint_name,
            environment=STACKS[environment],
            metrics_namespace=f"plinth/{foundation.team}/{foundation.use_case}",
            window=monitoring.window,
            schedule=schedule_of(monitoring),
            code=pulumi.AssetArchive(
                {**files, REQUEST: pulumi.StringAsset(request), SUBJECT: pulumi.StringAsset(subject)}
            ),
            handler=START,
            role_arn=foundation.role_arn("start-monitor", environment),
            dead_letter_queue_arn=foundation.monitor_queue_arn(environment),
            tags=tags(foundation, version),
        ),
        options,
    )


def serve_in_batches(
    release: pulumi.Config,
    foundation: Foundation,
    environment: Environment,
    inference: Batch,
    options: pulumi.ResourceOptions,
) -> dict[str, pulumi.Output[str]]:
    """Returns the outputs of the pipeline."""
    version, rule = release.require("version_arn"), json.loads(render_rule(ROOT, foundation, environment, inference))
    known = {
        "Image": release.require("image"),
        "VersionUri": release.require("archive").rpartition("/")[0] + "/",
        "VersionArn": version,
    }
    batch = BatchInference(
        "batch",
        BatchInferenceArgs(
            place=batch_place(foundation, environment),
            version_arn=version,
            definition=lambda model: render_batch(
                ROOT, foundation, environment, inference, {**known, "ModelName": model}
            ),
            code=code("start_batch", jobs=True),
            handler="start_batch.handler.handle",
            pattern=rule.get("EventPattern"),
            schedule=rule.get("ScheduleExpression"),
            containers=inference.environments,
            tags=tags(foundation, version),
        ),
        options,
    )
    return {"pipeline_name": batch.pipeline_name, "function_name": batch.function_name}


def kept_log_groups(prefix: str, options: pulumi.InvokeOptions) -> set[str]:
    """Returns the names of the log groups that exist, of this release or of one that was destroyed."""
    return {
        name
        for start in LOGS
        for name in aws.cloudwatch.get_log_groups(
            log_group_name_prefix=f"{start}{prefix}", opts=options
        ).log_group_names
    }


def tags(foundation: Foundation, version: str) -> dict[str, str]:
    return {USE_CASE_TAG: foundation.use_case, VERSION_TAG: version.rpartition("/")[2]}


def provider(foundation: Foundation, environment: Environment) -> aws.Provider:
    """Returns the provider of the environment's account, which acts as the release role."""
    return aws.Provider(
        "release",
        region=foundation.region,
        allowed_account_ids=[foundation.account(environment).account_id],
        assume_roles=[
            aws.ProviderAssumeRoleArgs(
                role_arn=foundation.role_arn("release", environment), session_name=f"release-{pulumi.get_stack()}"[:64]
            )
        ],
        default_tags=aws.ProviderDefaultTagsArgs(tags=foundation.tags_in(environment)),
    )


def place(foundation: Foundation, environment: Environment) -> ServingPlace:
    account = foundation.account(environment)
    return ServingPlace(
        prefix=foundation.prefix(environment),
        use_case=foundation.use_case,
        region=foundation.region,
        bucket=account.bucket,
        key_arn=account.key_arn,
        subnet_ids=account.subnets,
        security_group_ids=account.security_groups,
        serving_role_arn=foundation.role_arn("serving", environment),
        function_role_arn=foundation.role_arn("predict", environment),
        tester_role_arn=foundation.role_arn("release", environment),
        topic_arn=foundation.alarm_topic_arn(environment),
        isolated=not foundation.models_call_aws,
        log_retention_days=account.log_retention_days,
    )


def batch_place(foundation: Foundation, environment: Environment) -> BatchPlace:
    account = foundation.account(environment)
    return BatchPlace(
        prefix=foundation.prefix(environment),
        use_case=foundation.use_case,
        bucket=account.bucket,
        key_arn=account.key_arn,
        subnet_ids=account.subnets,
        security_group_ids=account.security_groups,
        serving_role_arn=foundation.role_arn("serving", environment),
        pipeline_role_arn=foundation.role_arn("pipeline", environment),
        start_role_arn=foundation.role_arn("start-batch", environment),
        dead_letter_queue_arn=foundation.start_queue_arn(environment),
        isolated=not foundation.models_call_aws,
        log_retention_days=account.log_retention_days,
    )


def scaling(inference: RealTime | Asynchronous) -> InstanceScaling:
    limits = inference.scaling
    waiting = isinstance(inference, Asynchronous)
    per_instance = limits.waiting_per_instance if waiting else limits.invocations_per_instance
    return InstanceScaling(least=limits.least, most=limits.most, invocations_per_instance=per_instance)


def shift(inference: RealTime | Asynchronous) -> TrafficShift:
    return TrafficShift(**inference.deployment.model_dump(exclude={"alarms"}))


def trial(inference: RealTime, baseline_arn: str) -> Trial | None:
    if inference.trial is None:
        return None
    return Trial(kind=inference.trial.kind, percentage=inference.trial.percentage, version_arn=baseline_arn)


def callers(foundation: Foundation, environment: Environment, inference: RealTime | Asynchronous) -> ApiCallers:
    """Returns who may call: the release role, with which the promotion tests, and the roles of the settings."""
    return ApiCallers(
        organization_id=foundation.organization_id,
        role_arns=[
            foundation.role_arn("release", environment),
            *inference.callers,
            *(plan.role for plan in inference.plans.values()),
        ],
        own_endpoint_id=foundation.account(environment).api_endpoint,
        other_endpoint_ids=[foundation.test_endpoint],
    )


def plans(inference: RealTime | Asynchronous) -> list[CallerPlan]:
    """Returns the limits of each caller, and those of the tests, which are the limits of the API."""
    if not inference.plans:
        return []
    return [
        CallerPlan(name=TESTS, **inference.throttling.model_dump()),
        *(
            CallerPlan(
                name=name,
                requests_per_second=plan.requests_per_second,
                burst=plan.burst,
                **({"quota": plan.quota.requests, "period": plan.quota.period.upper()} if plan.quota else {}),
            )
            for name, plan in inference.plans.items()
        ),
    ]


def events(foundation: Foundation, environment: Environment, inference: RealTime) -> EventPredictions | None:
    """Returns the events that ask for predictions, if there are any."""
    if inference.events is None:
        return None
    return EventPredictions(
        pattern=json.loads(render_requests(ROOT, foundation, environment))["EventPattern"],
        source=foundation.event_source,
        handler="predict.events.handle",
        answers_queue_arn=foundation.answers_queue_arn(environment) if delivers(environment, inference) else None,
        failures_queue_arn=foundation.event_failures_queue_arn(environment),
    )


def delivers(environment: Environment, inference: RealTime | Asynchronous) -> bool:
    """Returns whether a rule delivers answers to the queue. In staging it always does, because tests read there."""
    wanted = inference.events if isinstance(inference, RealTime) else None
    return wanted is not None and (wanted.answers == "queue" or environment == "staging")


def code(function: str, *, jobs: bool = False) -> pulumi.AssetArchive:
    """Returns the files of a function without its tests. ``jobs`` adds the code of batch jobs as a folder, with that of
    comparisons."""
    files = {f"{function}/{file.name}": file for file in sorted((CODE / function).iterdir()) if file.suffix in KEPT}
    if jobs:
        kept = [file for name in JOBS for file in sorted((ROOT / "app_infra").glob(name)) if file.parent.name != "test"]
        files |= {f"jobs/{file.relative_to(ROOT / 'app_infra').as_posix()}": file for file in kept}
        files |= {f"jobs/{name}": file for name, file in code_files().items()}
    return pulumi.AssetArchive({name: pulumi.FileAsset(str(file)) for name, file in files.items()})


main()
