"""Everything that answers requests for predictions of one use case in one environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pulumi

from components.monitoring.endpoint_alarms import EndpointAlarm, EndpointAlarms, EndpointAlarmsArgs
from components.monitoring.serving_dashboard import ServingDashboard, ServingDashboardArgs
from components.serving.api.api_callers import ApiCallers
from components.serving.api.caller_plan import CallerPlan
from components.serving.api.prediction_api import PredictionApi, PredictionApiArgs
from components.serving.asynchronous_inference import AsynchronousInference
from components.serving.capacity.fleet_in_service import FleetInService, Variants
from components.serving.event_predictions import EventPredictions
from components.serving.event_route import EventRoute, EventRouteArgs
from components.serving.monitoring.data_capture import DataCapture
from components.serving.prediction_function import PredictionFunction, PredictionFunctionArgs
from components.serving.real_time_endpoint import RealTimeEndpoint, RealTimeEndpointArgs
from components.serving.registered_model import RegisteredModel, RegisteredModelArgs
from components.serving.served_variant import VARIANT, InstanceScaling, ServedVariant
from components.serving.serving_place import ServingPlace
from components.serving.traffic_shift import TrafficShift
from components.serving.trial import Trial, compared
from settings.data.ml_layout import ASYNCHRONOUS, AsynchronousRequests

ENDPOINT_NAME = "ENDPOINT_NAME"
"""Environment variable of the function with the name of the endpoint."""
FOLDER = "FOLDER"
"""Environment variables of the function of asynchronous inference: ML bucket, and folder of requests and answers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RealTimeServiceArgs:
    """Arguments of :class:`RealTimeService`."""

    place: ServingPlace
    """Names, network, key and roles of the environment."""

    version_arn: str
    """ARN of the registered version to serve."""

    instance_type: str
    """Instance type of the SageMaker API."""

    instances: int
    """Instances at first. A release starts with more if scaling has added some."""

    scaling: InstanceScaling
    """Automatic scaling of the instances."""

    shift: TrafficShift
    """How traffic moves to a new version."""

    alarms: Sequence[EndpointAlarm]
    """Alarms that notify people and roll a deployment back."""

    capture_percentage: int
    """Part of the requests that is recorded for monitoring, 0 to 100."""

    document: Mapping[str, Any]
    """OpenAPI document of the API, which integrates the function ``place.function_name``."""

    callers: ApiCallers
    """Roles that may call the API."""

    requests_per_second: int
    """Request rate of all callers together."""

    burst: int
    """Requests at the same time."""

    code: pulumi.Archive
    """Files of the function."""

    handler: str
    """Module and function that Lambda calls."""

    trial: Trial | None = None
    """Comparison with the version in service. None serves the new version alone."""

    plans: Sequence[CallerPlan] = ()
    """Limits of single callers, each with an API key."""

    requests_per_instance: int | None = None
    """Requests that a container gets at once in asynchronous inference, 1 to 1,000. None answers synchronously."""

    events: EventPredictions | None = None
    """Events that the service answers too. None answers requests of the API only."""

    containers: Sequence[Mapping[str, str]] = ()
    """Environment variables of each container of a serial inference pipeline (RT-06). All containers have the same
    version, and their variables say what each does. Empty: one container without variables."""

    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags in addition to those of the stack."""


class RealTimeService(pulumi.ComponentResource):
    """A registered version behind a private API: one unit that is deployed and rolled back as a whole (PROD-02).

    Alarms exist before the endpoint, which they roll back. A release keeps the instances that automatic scaling has
    added, as the configuration ``release:fleet`` of the stack tells them. The function and the API follow the endpoint,
    so that a failed deployment of the model does not change the API.

    With ``requests_per_instance``, inference is asynchronous: requests and answers are objects in the ML bucket
    (RT-05). They are not captured again.

    Creates: the model of each version; the endpoint with its alarms; the function; the API; with events, the
    function and the rules that answer them; a dashboard.

    Outputs: ``endpoint_name``, ``api_id``, ``url``, ``key_ids``.

    Raises: what its parts raise.

    Cost: that of its parts; the instances of the endpoint dominate.

    Example::

        service = RealTimeService("service", RealTimeServiceArgs(
            place=place, version_arn=version_arn, instance_type="ml.m5.large", instances=2, scaling=scaling,
            shift=shift, alarms=alarms, capture_percentage=100, document=document, callers=callers,
            requests_per_second=20, burst=40, code=code, handler="predict.handler.handle",
        ))
        pulumi.export("url", service.url)
    """

    endpoint_name: pulumi.Output[str]
    """Name of the endpoint."""
    api_id: pulumi.Output[str]
    """Id of the API."""
    url: pulumi.Output[str]
    """URL of the API, known once it answers."""
    key_ids: dict[str, pulumi.Output[str]]
    """Ids of API keys by the name of the caller."""

    def __init__(self, name: str, args: RealTimeServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:serving:RealTimeService", name, None, opts)
        self._args, self._child = args, pulumi.ResourceOptions(parent=self)
        endpoint = self._endpoint()
        function = self._function(endpoint)
        api = self._api(function, endpoint)
        self._events(endpoint)
        self._dashboard()
        self.endpoint_name, self.api_id, self.url = endpoint.endpoint_name, api.api_id, api.url
        self.key_ids = api.key_ids
        self.register_outputs({"endpoint_name": self.endpoint_name, "api_id": self.api_id, "url": self.url})

    def _model(self, name: str, version_arn: str) -> RegisteredModel:
        place = self._args.place
        return RegisteredModel(
            name,
            RegisteredModelArgs(
                name_prefix=place.prefix,
                package_arns=[version_arn] * max(len(self._args.containers), 1),
                environments=self._args.containers,
                role_arn=place.serving_role_arn,
                subnet_ids=place.subnet_ids,
                security_group_ids=place.security_group_ids,
                isolated=place.isolated,
                tags=self._args.tags,
            ),
            self._child,
        )

    def _variants(self) -> Variants:
        args, trial = self._args, self._args.trial
        model = self._model("model", args.version_arn)
        usual = ServedVariant(
            model=model, instance_type=args.instance_type, instances=args.instances, scaling=args.scaling
        )
        if trial is None:
            return [usual], None
        first = trial.version_arn == args.version_arn
        if first and trial.kind == "shadow":
            return [usual], None
        return compared(trial, usual, model if first else self._model("current-model", trial.version_arn))

    def _alarms(self, endpoint: RealTimeEndpointArgs) -> EndpointAlarms:
        # In an A/B test, the alarms read the metrics of the variant with the new version.
        args = EndpointAlarmsArgs(
            endpoint_name=endpoint.endpoint_name,
            variant_name=endpoint.variants[-1].variant_name,
            alarms=self._args.alarms,
            topic_arn=self._args.place.topic_arn,
            configuration_name=endpoint.configuration_name,
        )
        return EndpointAlarms("alarms", args, self._child)

    def _endpoint(self) -> RealTimeEndpoint:
        variants, fleet = self._variants(), FleetInService.of_release()
        if fleet is not None:
            variants = fleet.kept_by(variants, lambda found: self._endpoint_args(found).configuration_name)
        args = self._endpoint_args(variants)
        judged = replace(args, alarm_names=self._alarms(args).alarm_names)
        return RealTimeEndpoint("endpoint", judged, self._child)

    def _endpoint_args(self, variants: Variants) -> RealTimeEndpointArgs:
        args, place = self._args, self._args.place
        answering, shadow = variants
        captured = args.capture_percentage if args.requests_per_instance is None else 0
        capture = DataCapture(
            bucket=place.bucket,
            use_case=place.use_case,
            version_arn=args.version_arn,
            key_arn=place.key_arn,
            percentage=max(captured, 1),
        )
        return RealTimeEndpointArgs(
            endpoint_name=place.prefix,
            variants=answering,
            shadow=shadow,
            key_arn=place.key_arn,
            shift=args.shift,
            capture=capture if captured else None,
            asynchronous=self._asynchronous(),
            log_retention_days=place.log_retention_days,
            tags=args.tags,
        )

    def _asynchronous(self) -> AsynchronousInference | None:
        requests, place = self._args.requests_per_instance, self._args.place
        if requests is None:
            return None
        answers, failures = (
            f"s3://{place.bucket}/{AsynchronousRequests(use_case=place.use_case, part=part).prefix}"
            for part in ("answers", "failures")
        )
        return AsynchronousInference(
            output_uri=answers, failure_uri=failures, key_arn=place.key_arn, requests_per_instance=requests
        )

    def _variables(self, endpoint: RealTimeEndpoint) -> dict[str, pulumi.Input[str]]:
        place, asynchronous = self._args.place, self._args.requests_per_instance is not None
        requests = {FOLDER: f"{place.use_case}/{ASYNCHRONOUS}"} if asynchronous else {}
        return {ENDPOINT_NAME: endpoint.endpoint_name, **place.switch_variables, **requests}

    def _function(self, endpoint: RealTimeEndpoint) -> PredictionFunction:
        args, place = self._args, self._args.place
        return PredictionFunction(
            "function",
            PredictionFunctionArgs(
                function_name=place.function_name,
                code=args.code,
                handler=args.handler,
                role_arn=place.function_role_arn,
                variables=self._variables(endpoint),
                subnet_ids=place.subnet_ids,
                security_group_ids=place.security_group_ids,
                key_arn=place.key_arn,
                log_retention_days=place.log_retention_days,
                tags=args.tags,
            ),
            self._child,
        )

    def _api(self, function: PredictionFunction, endpoint: RealTimeEndpoint) -> PredictionApi:
        args, place = self._args, self._args.place
        return PredictionApi(
            "api",
            PredictionApiArgs(
                api_name=place.prefix,
                region=place.region,
                document=args.document,
                callers=args.callers,
                function_name=function.function_name,
                endpoint_name=endpoint.endpoint_name,
                key_arn=place.key_arn,
                requests_per_second=args.requests_per_second,
                burst=args.burst,
                log_retention_days=place.log_retention_days,
                plans=args.plans,
                tags=args.tags,
            ),
            self._child,
        )

    def _events(self, endpoint: RealTimeEndpoint) -> None:
        args, events = self._args, self._args.events
        if events is None:
            return
        route = EventRouteArgs(
            place=args.place,
            endpoint_name=endpoint.endpoint_name,
            source=events.source,
            pattern=events.pattern,
            code=args.code,
            handler=events.handler,
            answers_queue_arn=events.answers_queue_arn,
            failures_queue_arn=events.failures_queue_arn,
            tags=args.tags,
        )
        EventRoute("events", route, self._child)

    def _dashboard(self) -> None:
        place, trial = self._args.place, self._args.trial
        compared_with = [] if trial is None else ["Candidate" if trial.kind == "a-b" else "Shadow"]
        ServingDashboard(
            "dashboard",
            ServingDashboardArgs(
                dashboard_name=place.prefix,
                region=place.region,
                endpoint_name=place.prefix,
                variant_names=[VARIANT, *compared_with],
                api_name=place.prefix,
                function_name=place.function_name,
            ),
            self._child,
        )
