"""Stack rules about model endpoints: scaling, alarms with rollback, notification and monitoring."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from policies.evaluation.readers import Properties, Unknown, is_missing
from policies.evaluation.resource import Resource
from policies.evaluation.rule import CheckResult, Rule, StackCheck, off_except_in, violation
from policies.evaluation.stack import Stack, refers_to
from policies.security.rules.data.events import TARGET as EVENT_TARGET
from policies.security.rules.data.functions import FUNCTION
from policies.security.rules.sagemaker.monitoring import SCHEDULE
from policies.security.rules.sagemaker.serving import ASYNCHRONOUS, CONFIGURATION, ENDPOINT, LEAST_INSTANCES
from policies.security.rules.storage.stack_stores import TOPIC

TARGET = ("aws:appautoscaling/target:Target",)
SCALING = ("aws:appautoscaling/policy:Policy",)
ALARM = ("aws:cloudwatch/metricAlarm:MetricAlarm",)
DEFINITION = ("aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition",)
SUBSCRIPTION = ("aws:sns/topicSubscription:TopicSubscription",)
EVENT_RULE = ("aws:cloudwatch/eventRule:EventRule",)

_INVOCATION_METRICS, _INSTANCE_METRICS = "AWS/SageMaker", "/aws/sagemaker/Endpoints"
WATCHED: Mapping[str, frozenset[tuple[str, str]]] = {
    "errors": frozenset({(_INVOCATION_METRICS, "Invocation5XXErrors")}),
    "latency": frozenset({(_INVOCATION_METRICS, "ModelLatency")}),
    "load": frozenset(
        {
            (_INVOCATION_METRICS, "InvocationsPerInstance"),
            # Asynchronous endpoints publish no InvocationsPerInstance.
            (_INVOCATION_METRICS, "ApproximateBacklogSizePerInstance"),
        }
    ),
    "disk or memory": frozenset({(_INSTANCE_METRICS, "DiskUtilization"), (_INSTANCE_METRICS, "MemoryUtilization")}),
}
"""Metrics that need an alarm, by namespace and name (SageMaker Developer Guide, "Amazon CloudWatch metrics")."""
JUDGING = ("errors", "latency")
"""Metrics that judge a deployment. They are published for each fleet (SageMaker Developer Guide, "Auto-Rollback
Configuration and Monitoring")."""
FLEET = "EndpointConfigName"
"""Dimension of the metrics of one fleet. Alarms without it count the old and the new fleet, so that a failing old fleet
ends the deployment of its fix."""

STARTS_COMPARISONS = "-start-monitor"
"""End of the name of the function that compares requests to an endpoint with the baseline."""
_ROLLBACK = "deploymentConfig"
_WATCHES = "monitoringScheduleConfig"
_INLINE_DEFINITION = ("monitoringJobDefinition", "monitoringInputs")
_MONITORED_ENDPOINT = ("endpointInput", "endpointName")


def endpoints_have_supporting_resources(stack: Stack) -> Iterator[CheckResult]:
    """Checks that each endpoint has all its supporting resources. A resource counts only if it is known to name the
    endpoint."""
    for endpoint in stack.of(ENDPOINT):
        missing = [
            *_missing_for_scaling(stack, endpoint),
            *_missing_for_rollback(stack, endpoint),
            *_missing_for_monitoring(stack, endpoint),
        ]
        if missing:
            yield endpoint, violation(f"has no {', '.join(missing)}", fix="add the missing resources for this endpoint")


def _missing_for_scaling(stack: Stack, endpoint: Resource) -> Iterator[str]:
    configurations = _configurations(stack, endpoint)
    if any(map(_is_scaled, configurations)):
        return
    targets = [target for target in stack.of(TARGET) if _scales(target, endpoint)]
    # Requests of an asynchronous endpoint wait in S3 while there is no instance.
    waits = any(map(_is_asynchronous, configurations))
    if not any(waits or _keeps_two(target.properties, "minCapacity") for target in targets):
        yield f"scalable target of {LEAST_INSTANCES} instances or more"
    policies = stack.of(SCALING)
    if not any(_scales(policy, endpoint) or _scales_by(policy, targets) for policy in policies):
        yield "scaling policy"


def _configurations(stack: Stack, endpoint: Resource) -> list[Resource]:
    return [found for found in stack.of(CONFIGURATION) if _refers_to(endpoint, found, "endpointConfigName")]


def _is_asynchronous(configuration: Resource) -> bool:
    return not is_missing(configuration.properties.value(ASYNCHRONOUS))


def _is_scaled(configuration: Resource) -> bool:
    """Whether SageMaker scales each variant's instances, as it does for inference components."""
    variants = configuration.properties.blocks("productionVariants")
    return bool(variants) and all(map(_is_scaled_by_sagemaker, variants))


def _is_scaled_by_sagemaker(variant: Properties) -> bool:
    scaling = "managedInstanceScaling"
    return variant.text(scaling, "status") == "ENABLED" and _keeps_two(variant, scaling, "minInstanceCount")


def _keeps_two(properties: Properties, *path: str) -> bool:
    least = properties.number(*path)
    return isinstance(least, Unknown) or (least or 0) >= LEAST_INSTANCES


def _scales(scaling: Resource, endpoint: Resource) -> bool:
    """Whether a scalable target or policy is for the endpoint: its resource id is endpoint/<name>/variant/<variant>
    (Application Auto Scaling API, RegisterScalableTarget)."""
    named = f"endpoint/{endpoint.properties.text('name')}/"
    return str(scaling.properties.text("resourceId")).startswith(named) or refers_to(scaling, "resourceId", endpoint)


def _scales_by(policy: Resource, targets: Sequence[Resource]) -> bool:
    return any(refers_to(policy, "resourceId", target) for target in targets)


def _missing_for_rollback(stack: Stack, endpoint: Resource) -> Iterator[str]:
    listed = [alarm for alarm in stack.of(ALARM) if _rolls_back(alarm, endpoint)]
    told = [alarm for alarm in stack.of(ALARM) if _notifies(alarm, stack) or _notifies_followers(alarm, endpoint)]
    for what, metrics in WATCHED.items():
        if not any(_is_on_metric(alarm, endpoint, metrics) for alarm in told):
            yield f"alarm on {what} that notifies a subscribed topic"
    for what in JUDGING:
        if not any(_is_on_metric(alarm, endpoint, WATCHED[what], fleet=True) for alarm in listed):
            yield f"alarm on {what} of the new fleet (dimension {FLEET}) that triggers rollback"
    if any(_counts_both_fleets(alarm) for alarm in listed):
        yield f"rollback by alarms on the new fleet only: an alarm without the dimension {FLEET} counts both fleets"


def _rolls_back(alarm: Resource, endpoint: Resource) -> bool:
    listed = endpoint.properties.blocks(_ROLLBACK, "autoRollbackConfiguration", "alarms")
    return any(_is_named(alarm, entry.value("alarmName")) for entry in listed) or refers_to(endpoint, _ROLLBACK, alarm)


def _is_on_metric(
    alarm: Resource, endpoint: Resource, metrics: frozenset[tuple[str, str]], *, fleet: bool = False
) -> bool:
    """Whether an alarm is on one of the metrics of the endpoint, directly or in a metric math expression. ``fleet``
    wants a metric of the fleet of the endpoint's configuration."""
    return any(
        (metric.text("namespace"), metric.text("metricName")) in metrics
        and (_is_named(endpoint, metric.value("dimensions", "EndpointName")) or refers_to(alarm, key, endpoint))
        and (not fleet or _is_of_fleet(metric, endpoint))
        for key, metric in _metrics(alarm)
    )


def _is_of_fleet(metric: Properties, endpoint: Resource) -> bool:
    """Whether a metric is that of the configuration of an endpoint. Names that are not known yet may be equal."""
    named, wanted = metric.value("dimensions", FLEET), endpoint.properties.value("endpointConfigName")
    return isinstance(named, Unknown) or isinstance(wanted, Unknown) or named == wanted


def _counts_both_fleets(alarm: Resource) -> bool:
    """Whether an alarm is known to be on metrics of endpoints without the dimension of a fleet."""
    return any(
        metric.text("namespace") in (_INVOCATION_METRICS, _INSTANCE_METRICS)
        and is_missing(metric.value("dimensions", FLEET))
        for _, metric in _metrics(alarm)
    )


def _metrics(alarm: Resource) -> Iterator[tuple[str, Properties]]:
    """Yields an alarm's metrics, each with the property of the alarm that contains its dimensions."""
    yield "dimensions", alarm.properties
    for query in alarm.properties.blocks("metricQueries"):
        for metric in query.blocks("metric"):
            yield "metricQueries", metric


def _notifies(alarm: Resource, stack: Stack) -> bool:
    """Whether an alarm notifies a topic with a subscription in this stack. Subscriptions in other stacks are
    unknown."""
    actions = alarm.properties.items("alarmActions")
    known = [topic for topic in actions if isinstance(topic, str)] if isinstance(actions, list) else []
    topics = [topic for topic in stack.of(TOPIC) if refers_to(alarm, "alarmActions", topic)]
    return any(
        subscription.properties.value("topic") in known
        or any(refers_to(subscription, "topic", topic) for topic in topics)
        for subscription in stack.of(SUBSCRIPTION)
    )


def _notifies_followers(alarm: Resource, endpoint: Resource) -> bool:
    """Whether an alarm of a release notifies the topic that the use case's stack creates, with its subscriptions, for
    the endpoint: ``<endpoint>-alarms`` in the same account."""
    own = alarm.account_ids
    if not alarm.context.release or isinstance(own, Unknown):
        return False
    names = {f"{account}:{endpoint.properties.text('name')}-alarms" for account in own}
    actions = alarm.properties.items("alarmActions")
    return isinstance(actions, list) and any(
        isinstance(topic, str) and topic.partition(":sns:")[2].partition(":")[2] in names for topic in actions
    )


def _missing_for_monitoring(stack: Stack, endpoint: Resource) -> Iterator[str]:
    if stack.context.release:
        yield from _missing_for_comparisons(stack, endpoint)
        return
    definitions = [
        found
        for found in stack.of(DEFINITION)
        if _refers_to(found, endpoint, "dataQualityJobInput", *_MONITORED_ENDPOINT)
    ]
    if not any(
        _refers_to(schedule, endpoint, _WATCHES, *_INLINE_DEFINITION, *_MONITORED_ENDPOINT)
        or any(_refers_to(schedule, found, _WATCHES, "monitoringJobDefinitionName") for found in definitions)
        for schedule in stack.of(SCHEDULE)
    ):
        yield "monitoring schedule"


def _missing_for_comparisons(stack: Stack, endpoint: Resource) -> Iterator[str]:
    """Model Monitor takes no new customers, so a release has a function that starts comparisons. An asynchronous
    endpoint captures no requests that it could compare."""
    if any(map(_is_asynchronous, _configurations(stack, endpoint))):
        return
    name = f"{endpoint.properties.text('name')}{STARTS_COMPARISONS}"
    functions = [found for found in stack.of(FUNCTION) if found.properties.value("name") == name]
    rules = [found for found in stack.of(EVENT_RULE) if not is_missing(found.properties.value("scheduleExpression"))]
    if not any(
        any(refers_to(target, "arn", function) for function in functions)
        and any(refers_to(target, "rule", rule) for rule in rules)
        for target in stack.of(EVENT_TARGET)
    ):
        yield f"schedule that invokes the function {name}"


def _refers_to(referrer: Resource, target: Resource, key: str, *path: str) -> bool:
    """Whether a property, or a property nested in it, refers to a target, by name or by dependency."""
    return _is_named(target, referrer.properties.value(key, *path)) or refers_to(referrer, key, target)


def _is_named(target: Resource, name: object) -> bool:
    return isinstance(name, str) and name == target.properties.value("name")


RULES = (
    Rule(
        id="ST-08",
        title="Production endpoints scale, have alarms with rollback and notification, and are monitored",
        severity="high",
        sources=("FSBP SageMaker.4", "RT-07", "RT-08", "RB-03", "MON-04"),
        remedy="Give each endpoint a scalable target of at least two instances with a scaling policy, a monitoring "
        "schedule, and alarms on server errors, latency, invocations per instance, and disk or memory, which notify a "
        "topic with a subscription. An asynchronous "
        "endpoint may scale to fewer instances, and has an alarm on its backlog per instance. Its automatic "
        "rollback lists alarms on server errors and latency of the new fleet, with the dimension EndpointConfigName, "
        "and no alarm that counts the old fleet too. Create all of them in the "
        "endpoint's stack. In a release, the topic is <endpoint>-alarms of the use case's stack, and instead of a "
        "monitoring schedule, a rule with a schedule invokes the function <endpoint>-start-monitor.",
        stack_checks=(
            StackCheck(
                (
                    *ENDPOINT,
                    *CONFIGURATION,
                    *TARGET,
                    *SCALING,
                    *ALARM,
                    *SCHEDULE,
                    *DEFINITION,
                    *TOPIC,
                    *SUBSCRIPTION,
                    *EVENT_RULE,
                    *EVENT_TARGET,
                    *FUNCTION,
                ),
                endpoints_have_supporting_resources,
            ),
        ),
        exceptions=off_except_in("production"),
    ),
)
