"""Rules about endpoints as a whole: what production serves grows with its load, is watched, goes back, and is heard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from policies.security.inputs.readers import Properties, Unknown
from policies.security.inputs.stack import Stack, names
from policies.security.inputs.subject import Subject
from policies.security.rule import Judgement, Relation, Rule, off_but_in, refuse
from policies.security.rules.sagemaker.monitoring import SCHEDULE
from policies.security.rules.sagemaker.serving import CONFIGURATION, ENDPOINT, LEAST_INSTANCES
from policies.security.rules.storage.stack_stores import TOPIC

TARGET = ("aws:appautoscaling/target:Target",)
SCALING = ("aws:appautoscaling/policy:Policy",)
ALARM = ("aws:cloudwatch/metricAlarm:MetricAlarm",)
DEFINITION = ("aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition",)
SUBSCRIPTION = ("aws:sns/topicSubscription:TopicSubscription",)

_ANSWERS, _MACHINES = "AWS/SageMaker", "/aws/sagemaker/Endpoints"
WATCHED: Mapping[str, frozenset[tuple[str, str]]] = {
    "errors": frozenset({(_ANSWERS, "Invocation5XXErrors")}),
    "latency": frozenset({(_ANSWERS, "ModelLatency")}),
    "load": frozenset({(_ANSWERS, "InvocationsPerInstance")}),
    "disk or memory": frozenset({(_MACHINES, "DiskUtilization"), (_MACHINES, "MemoryUtilization")}),
}
"""What alarms are on, by namespace and metric (SageMaker Developer Guide, "Amazon CloudWatch metrics")."""

_ROLLBACK = "deploymentConfig"
_WATCHES = "monitoringScheduleConfig"
_DEFINITION_ITSELF = ("monitoringJobDefinition", "monitoringInputs")
_ENDPOINT_READ = ("endpointInput", "endpointName")


def have_all_that_keeps_them_up(stack: Stack) -> Iterator[Judgement]:
    """What names another endpoint, or nobody knows which, is not this endpoint's."""
    for endpoint in stack.of(ENDPOINT):
        missing = [
            *_lacks_to_scale(stack, endpoint),
            *_lacks_to_go_back(stack, endpoint),
            *_lacks_to_be_watched(stack, endpoint),
        ]
        if missing:
            yield endpoint, refuse(f"lacks {', '.join(missing)}", fix="add what is missing, for this endpoint by name")


def _lacks_to_scale(stack: Stack, endpoint: Subject) -> Iterator[str]:
    configurations = [found for found in stack.of(CONFIGURATION) if _means(endpoint, found, "endpointConfigName")]
    if any(map(_scales_itself, configurations)):
        return
    targets = [target for target in stack.of(TARGET) if _scales(target, endpoint)]
    if not any(_keeps_two(target.properties, "minCapacity") for target in targets):
        yield f"a scalable target of {LEAST_INSTANCES} instances or more"
    policies = stack.of(SCALING)
    if not any(_scales(policy, endpoint) or _scales_by(policy, targets) for policy in policies):
        yield "a scaling policy"


def _scales_itself(configuration: Subject) -> bool:
    """Where models share instances as inference components, SageMaker scales the instances of each variant."""
    variants = configuration.properties.blocks("productionVariants")
    return bool(variants) and all(map(_is_scaled_by_sagemaker, variants))


def _is_scaled_by_sagemaker(variant: Properties) -> bool:
    scaling = "managedInstanceScaling"
    return variant.text(scaling, "status") == "ENABLED" and _keeps_two(variant, scaling, "minInstanceCount")


def _keeps_two(properties: Properties, *path: str) -> bool:
    least = properties.number(*path)
    return isinstance(least, Unknown) or (least or 0) >= LEAST_INSTANCES


def _scales(scaling: Subject, endpoint: Subject) -> bool:
    """Application Auto Scaling API, RegisterScalableTarget: the resource is endpoint/<name>/variant/<variant>."""
    named = f"endpoint/{endpoint.properties.text('name')}/"
    return str(scaling.properties.text("resourceId")).startswith(named) or names(scaling, "resourceId", endpoint)


def _scales_by(policy: Subject, targets: Sequence[Subject]) -> bool:
    return any(names(policy, "resourceId", target) for target in targets)


def _lacks_to_go_back(stack: Stack, endpoint: Subject) -> Iterator[str]:
    alarms = [alarm for alarm in stack.of(ALARM) if _rolls_back(alarm, endpoint) and _is_heard(alarm, stack)]
    for what, metrics in WATCHED.items():
        if not any(_rings_for(alarm, endpoint, metrics) for alarm in alarms):
            yield f"an alarm on {what} that rolls it back and tells a subscribed topic"


def _rolls_back(alarm: Subject, endpoint: Subject) -> bool:
    listed = endpoint.properties.blocks(_ROLLBACK, "autoRollbackConfiguration", "alarms")
    return any(_is_named(alarm, entry.value("alarmName")) for entry in listed) or names(endpoint, _ROLLBACK, alarm)


def _rings_for(alarm: Subject, endpoint: Subject, metrics: frozenset[tuple[str, str]]) -> bool:
    """By a metric of the endpoint, alone or in a formula."""
    return any(
        (metric.text("namespace"), metric.text("metricName")) in metrics
        and (_is_named(endpoint, metric.value("dimensions", "EndpointName")) or names(alarm, key, endpoint))
        for key, metric in _metrics(alarm)
    )


def _metrics(alarm: Subject) -> Iterator[tuple[str, Properties]]:
    """With the property of the alarm that says of what they are."""
    yield "dimensions", alarm.properties
    for query in alarm.properties.blocks("metricQueries"):
        for metric in query.blocks("metric"):
            yield "metricQueries", metric


def _is_heard(alarm: Subject, stack: Stack) -> bool:
    """By somebody who is subscribed in the same stack, to whosever topic: of another stack nobody knows who hears."""
    told = alarm.properties.items("alarmActions")
    known = [topic for topic in told if isinstance(topic, str)] if isinstance(told, list) else []
    made = [topic for topic in stack.of(TOPIC) if names(alarm, "alarmActions", topic)]
    return any(
        subscription.properties.value("topic") in known or any(names(subscription, "topic", topic) for topic in made)
        for subscription in stack.of(SUBSCRIPTION)
    )


def _lacks_to_be_watched(stack: Stack, endpoint: Subject) -> Iterator[str]:
    definitions = [
        found for found in stack.of(DEFINITION) if _means(found, endpoint, "dataQualityJobInput", *_ENDPOINT_READ)
    ]
    if not any(
        _means(schedule, endpoint, _WATCHES, *_DEFINITION_ITSELF, *_ENDPOINT_READ)
        or any(_means(schedule, found, _WATCHES, "monitoringJobDefinitionName") for found in definitions)
        for schedule in stack.of(SCHEDULE)
    ):
        yield "a monitoring schedule"


def _means(referrer: Subject, target: Subject, key: str, *path: str) -> bool:
    """Whether a property, or what is nested in it, names a target: by its name, or by being made from it."""
    return _is_named(target, referrer.properties.value(key, *path)) or names(referrer, key, target)


def _is_named(target: Subject, name: object) -> bool:
    return isinstance(name, str) and name == target.properties.value("name")


RULES = (
    Rule(
        id="ST-08",
        title="What production serves scales, is watched, goes back by itself, and somebody hears of it",
        severity="high",
        sources=("FSBP SageMaker.4", "RT-07", "RT-08", "RB-03", "MON-04"),
        remedy="Give each endpoint a scalable target of at least two instances with a policy; alarms on server errors, "
        "latency, invocations per instance, and disk or memory, which its rollback lists and a subscribed topic "
        "carries on; and a monitoring schedule. All of it belongs to the endpoint's stack.",
        relations=(
            Relation(
                (*ENDPOINT, *CONFIGURATION, *TARGET, *SCALING, *ALARM, *SCHEDULE, *DEFINITION, *TOPIC, *SUBSCRIPTION),
                have_all_that_keeps_them_up,
            ),
        ),
        exceptions=off_but_in("production"),
    ),
)
