"""The configuration of inference in an environment: ``inference_config/<environment>/inference_config.json``.

Limits are those of the SageMaker API (CreateEndpointConfig, CreateEndpoint, CreateProcessingJob) and of its Developer
Guide, "Deployment guardrails", read 2026-11-22. Instance types are those of the API's model in botocore.
"""

from __future__ import annotations

import difflib
import functools
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from plinth_project.documents import Document, Name, RoleArn, read_document

FILE = "inference_config.json"
Percentage = Annotated[int, Field(ge=0, le=100)]
Metric = Literal[
    "Invocation4XXErrors",
    "Invocation5XXErrors",
    "InvocationsPerInstance",
    "ApproximateBacklogSizePerInstance",
    "ModelLatency",
    "CPUUtilization",
    "DiskUtilization",
    "MemoryUtilization",
]
"""Metrics of endpoints (SageMaker Developer Guide, "Amazon CloudWatch metrics"). ModelLatency is in microseconds."""
BACKLOG: Metric = "ApproximateBacklogSizePerInstance"
LOAD: Metric = "InvocationsPerInstance"
"""Load of asynchronous and of other endpoints. Neither has the other metric (SageMaker Developer Guide, "Alarms and
logs for tracking metrics from asynchronous endpoints")."""
_SCHEDULE = re.compile(r"cron\(\S+( \S+){5}\)|rate\([1-9]\d* (minute|hour|day)s?\)")


@functools.cache
def instance_types(shape: str) -> frozenset[str]:
    """Returns the instance types of a shape of the SageMaker API, from the locked version of botocore."""
    return frozenset(api_shape(shape)["enum"])


@functools.cache
def _shapes() -> Mapping[str, Any]:
    from botocore.loaders import Loader

    shapes: Mapping[str, Any] = Loader().load_service_model("sagemaker", "service-2")["shapes"]
    return shapes


def api_shape(name: str) -> Mapping[str, Any]:
    """Returns a shape of the SageMaker API: its enumeration or its limits."""
    shape: Mapping[str, Any] = _shapes()[name]
    return shape


def _known_instance(shape: str) -> AfterValidator:
    def check(name: str) -> str:
        known = instance_types(shape)
        if name not in known:
            close = difflib.get_close_matches(name, sorted(known), n=3) or ["ml.m5.large"]
            raise ValueError(f"no instance type of {shape} in the SageMaker API; use for example {', '.join(close)}")
        return name

    return AfterValidator(check)


ServingInstance = Annotated[str, _known_instance("ProductionVariantInstanceType")]
ProcessingInstance = Annotated[str, _known_instance("ProcessingInstanceType")]
BatchInstance = Annotated[str, _known_instance("ProcessingInstanceType"), _known_instance("TransformInstanceType")]
"""A type for processing and for transform jobs."""


class Scaling(Document):
    """Automatic scaling between two numbers of instances, by the requests that each instance gets in a minute."""

    least: int = Field(ge=1)
    most: int = Field(ge=1)
    invocations_per_instance: int = Field(ge=1)

    @model_validator(mode="after")
    def _has_an_order(self) -> Scaling:
        if self.least > self.most:
            raise ValueError(f"least ({self.least}) is more than most ({self.most}); lower least or raise most")
        return self


class QueueScaling(Document):
    """Automatic scaling by the requests that wait for each instance. Without requests, 0 instances are possible."""

    least: int = Field(ge=0)
    most: int = Field(ge=1)
    waiting_per_instance: int = Field(ge=1)

    @model_validator(mode="after")
    def _has_an_order(self) -> QueueScaling:
        if self.least > self.most:
            raise ValueError(f"least ({self.least}) is more than most ({self.most}); lower least or raise most")
        return self


class Throttling(Document):
    """Limits of the API."""

    requests_per_second: int = Field(ge=1, le=10_000)
    """At most the quota of an account and Region (API Gateway Developer Guide, "Quotas")."""
    burst: int = Field(ge=1, le=5_000)


class Quota(Document):
    """Requests of a caller in each period. Days begin at 00:00 UTC, weeks on Sunday, months on the first."""

    requests: int = Field(ge=1)
    period: Literal["day", "week", "month"]


class Plan(Document):
    """Limits of one caller, who sends an API key with each request."""

    role: RoleArn
    """Role of the caller, which may call the API."""
    requests_per_second: int = Field(ge=1, le=10_000)
    burst: int = Field(ge=1, le=5_000)
    quota: Quota | None = None


TESTS = "tests"
"""Name of the plan of the promotion, which tests with the limits of the API."""


class Alarm(Document):
    """An alarm: the metric is above the threshold in each of the minutes. Errors and latency of the new fleet also roll
    its deployment back."""

    metric: Metric
    above: float = Field(ge=0)
    minutes: int = Field(ge=1, le=60)


class Deployment(Document):
    """Shift of traffic from the old fleet to the new one (blue/green)."""

    strategy: Literal["all-at-once", "canary", "linear"]
    step_percentage: int | None = Field(default=None, ge=1, le=50)
    """Part of the fleet that gets traffic first (canary), or in each step (linear)."""
    bake_seconds: int = Field(ge=0, le=3600)
    """Wait after each step, in which alarms can go off."""
    termination_seconds: int = Field(default=0, ge=0, le=3600)
    timeout_seconds: int = Field(default=3600, ge=600, le=28_800)
    alarms: list[Alarm] = Field(default_factory=list, max_length=10)

    @property
    def steps(self) -> int:
        """Number of shifts until all traffic reaches the new fleet."""
        if self.step_percentage is None:
            return 1
        return 2 if self.strategy == "canary" else math.ceil(100 / self.step_percentage)

    @model_validator(mode="after")
    def _fits_its_strategy(self) -> Deployment:
        if (self.strategy == "all-at-once") != (self.step_percentage is None):
            fix = "remove it" if self.step_percentage else "set 1 to 50 (canary) or 10 to 50 (linear)"
            raise ValueError(f"step_percentage: {self.strategy} with {self.step_percentage}; {fix}")
        if self.strategy == "linear" and (self.step_percentage or 0) < 10:
            raise ValueError(f"step_percentage: linear with {self.step_percentage}; set 10 to 50")
        waiting = self.steps * self.bake_seconds + self.termination_seconds
        if waiting >= self.timeout_seconds:
            raise ValueError(
                f"timeout_seconds: {self.timeout_seconds}, but {self.steps} waits and the termination take {waiting}; "
                "set more (at most 28800), or shorten bake_seconds"
            )
        return self


Part = Literal["preprocess", "predict", "postprocess"]
SERIES: tuple[tuple[Part, ...], ...] = (("preprocess", "predict"), ("preprocess", "predict", "postprocess"))
"""Possible containers of a serial inference pipeline, each by the first part that it does."""
PARTS = "SERVE_PARTS"
"""Variable with which a container learns its parts (``inference/serve`` in the build repository)."""


class Trial(Document):
    """A comparison of the new version with the one in service: a part of the callers gets its answers (``a-b``), or it
    gets copies of requests and nobody sees its answers (``shadow``)."""

    kind: Literal["a-b", "shadow"]
    percentage: int = Field(ge=1, le=99)


class Series(Document):
    """A model of one container, or of several that divide a prediction."""

    containers: list[Part] = Field(default_factory=list)
    """Containers of a serial inference pipeline. By default, one container does all parts."""

    @property
    def environments(self) -> list[dict[str, str]]:
        """Environment variables of each container. A container does all parts up to the first one of the next."""
        order = SERIES[-1]
        starts = [order.index(part) for part in self.containers]
        ends = [*starts[1:], len(order)]
        return [{PARTS: ",".join(order[start:end])} for start, end in zip(starts, ends, strict=False)]

    @model_validator(mode="after")
    def _has_a_series(self) -> Self:
        if self.containers and tuple(self.containers) not in SERIES:
            allowed = " or ".join(str(list(series)).replace("'", '"') for series in SERIES)
            raise ValueError(f"containers: {', '.join(self.containers)}; set {allowed}, or leave it out")
        return self


class Endpoint(Series):
    """An endpoint behind an API."""

    instance: ServingInstance
    instances: int = Field(ge=1)
    scaling: Scaling | QueueScaling
    throttling: Throttling
    deployment: Deployment
    callers: list[RoleArn] = Field(default_factory=list, max_length=20)
    """Roles that may call the API, besides the tests of the promotion."""
    plans: dict[Name, Plan] = Field(default_factory=dict, max_length=20)
    """Limits by the name of the caller. With plans, every caller needs one."""

    @model_validator(mode="after")
    def _limits_every_caller(self) -> Self:
        if self.plans and self.callers:
            raise ValueError(f"callers: {', '.join(self.callers)} would have no API key; give each a plan in plans")
        if TESTS in self.plans:
            raise ValueError(f"plans.{TESTS}: the tests of the promotion have this name; choose another")
        roles = [plan.role for plan in self.plans.values()]
        if twice := sorted({role for role in roles if roles.count(role) > 1}):
            raise ValueError(f"plans: {', '.join(twice)} has several plans; give each role one")
        for name, plan in self.plans.items():
            for limit in ("requests_per_second", "burst"):
                own, most = getattr(plan, limit), getattr(self.throttling, limit)
                if own > most:
                    raise ValueError(f"plans.{name}.{limit}: {own}, but throttling allows {most} for all callers")
        return self

    @model_validator(mode="after")
    def _fits_its_fleet(self) -> Self:
        scaling = self.scaling
        if not scaling.least <= self.instances <= scaling.most:
            least = max(scaling.least, 1)
            raise ValueError(f"instances: {self.instances}; set {least} to {scaling.most}, as scaling does")
        if self.deployment.strategy != "all-at-once" and self.instances < 2:
            raise ValueError(f"instances: {self.instances}; a {self.deployment.strategy} deployment needs 2 or more")
        return self

    def refuse_metric(self, absent: Metric, present: Metric) -> None:
        """Raises ValueError for an alarm on a metric that this kind of endpoint does not have."""
        if absent in {alarm.metric for alarm in self.deployment.alarms}:
            raise ValueError(f"deployment.alarms: endpoints of this kind have no {absent}; use {present}")


class Events(Document):
    """Events that ask for predictions, and where their answers go."""

    answers: Literal["event", "queue"]
    """Answers are events on the bus of the account. With ``queue``, a rule also delivers them to a queue."""


class Monitoring(Document):
    """A job that compares captured requests and predictions of each window with the baseline of the served version."""

    window: Literal["hour", "day"]
    """Time that a comparison covers. Windows begin at full hours, or at 00:00 UTC."""
    instance: ProcessingInstance = "ml.m5.large"
    volume_gib: int = Field(default=30, ge=1, le=16_384)
    minutes: int = Field(default=30, ge=1, le=12_960)
    """Time limit of the job. The next window waits for nothing, so it may be longer than a window."""
    ground_truth_days: int = Field(default=7, ge=1, le=90)
    """Days after a prediction in which its ground truth may arrive."""
    explains_predictions: bool = False
    """Whether predictions of each window are explained, and the order of the features compared with that of training.
    The version needs an ``explanation``."""
    stops_predictions_on: list[Literal["data quality", "drift", "worse"]] = Field(default_factory=list, max_length=3)
    """Findings that stop predictions until a person allows them again. By default, only people stop them."""


class LoadTest(Document):
    """A load on the API after a release, and what CloudWatch may measure of it at most."""

    requests_per_second: int = Field(ge=1, le=10_000)
    seconds: int = Field(ge=10, le=900)
    latency_milliseconds: float = Field(gt=0)
    """Limit of the percentile 99 of the time that the model needs, in each minute."""
    error_percentage: float = Field(default=0, ge=0, lt=100)
    """Limit of the requests that the endpoint does not answer with a prediction."""


class RealTime(Endpoint):
    """An endpoint that answers at once."""

    kind: Literal["real-time"]
    events: Events | None = None
    """Predictions on events. The settings of the use case allow them with ``predicts_on_events``."""
    scaling: Scaling
    data_capture_percentage: Percentage
    trial: Trial | None = None
    monitoring: Monitoring | None = None
    """Comparisons of captured requests with the baseline. Without it, nobody compares them."""
    load_test: LoadTest | None = None
    """A gate of the promotion. Without it, releases get no load."""

    @model_validator(mode="after")
    def _bears_the_load_of_its_test(self) -> RealTime:
        test, limit = self.load_test, self.throttling.requests_per_second
        if test is not None and test.requests_per_second > limit:
            fix = f"set at most {limit}, or raise throttling.requests_per_second"
            raise ValueError(f"load_test.requests_per_second: {test.requests_per_second}, which the API refuses; {fix}")
        return self

    @model_validator(mode="after")
    def _captures_what_it_compares(self) -> RealTime:
        if self.monitoring is not None and self.data_capture_percentage == 0:
            fix = "set 1 to 100, or leave monitoring out"
            raise ValueError(f"data_capture_percentage: 0, but monitoring reads captured requests; {fix}")
        return self

    @model_validator(mode="after")
    def _has_its_metrics(self) -> RealTime:
        self.refuse_metric(BACKLOG, LOAD)
        return self


class Asynchronous(Endpoint):
    """An endpoint whose requests and answers are objects of up to 1 GB in the ML bucket."""

    kind: Literal["asynchronous"]
    scaling: QueueScaling
    requests_per_instance: int = Field(default=4, ge=1, le=1000)
    """Requests that the container of an instance gets at once (SageMaker API, AsyncInferenceClientConfig)."""

    @model_validator(mode="after")
    def _has_its_metrics(self) -> Asynchronous:
        self.refuse_metric(LOAD, BACKLOG)
        return self


class Arrival(Document):
    """Starts a run when the marker of a complete input arrives."""

    by: Literal["arrival"]


class Schedule(Document):
    """Starts a run for the newest complete input at a time."""

    by: Literal["schedule"]
    expression: str

    @model_validator(mode="after")
    def _is_an_expression(self) -> Schedule:
        if not _SCHEDULE.fullmatch(self.expression):
            raise ValueError("expression: no schedule; write for example cron(0 6 * * ? *) or rate(1 day)")
        return self


class Returned(Document):
    """The dataset of the data lake to which results return."""

    dataset: Name
    drop_point: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,61}-s3alias$")]
    """Alias of the team's access point for the results of the dataset."""


class Batch(Series):
    """A pipeline of processing jobs and a batch transform that predicts the rows of files."""

    kind: Literal["batch"]
    instance: BatchInstance
    instances: int = Field(default=1, ge=1, le=100)
    """Instances of the batch transform (SageMaker API, TransformResources)."""
    volume_gib: int = Field(ge=1, le=16_384)
    minutes: int = Field(ge=1, le=12_960)
    """Time limit of each job: at most nine days."""
    start: Annotated[Arrival | Schedule, Field(discriminator="by")]
    returned_to: Returned | None = None


class Inference(Document):
    """The content of a file: exactly one kind of inference."""

    inference: Annotated[RealTime | Asynchronous | Batch, Field(discriminator="kind")]


def place_of(environment: str) -> str:
    return f"inference_config/{environment}/{FILE}"


def read_inference(root: Path, environment: str) -> RealTime | Asynchronous | Batch:
    return read_document(Inference, root / place_of(environment), root).inference
