"""Cases of policies/security/rules/sagemaker/stack_endpoints.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import Member, StackCase, stack_context

NAME, RESOURCE = "fraud", "endpoint/fraud/variant/all"
JUDGING = ("errors", "latency")
TOPIC_ARN = "arn:aws:sns:eu-west-1:111111111111:fraud"
METRICS = {
    "errors": ("AWS/SageMaker", "Invocation5XXErrors"),
    "latency": ("AWS/SageMaker", "ModelLatency"),
    "load": ("AWS/SageMaker", "InvocationsPerInstance"),
    "memory": ("/aws/sagemaker/Endpoints", "MemoryUtilization"),
}


def endpoints(
    what: str, members: Mapping[str, Member], *refused: str, kind: str = "production", release: str = ""
) -> StackCase:
    return StackCase(
        rule="ST-08",
        type="aws:sagemaker/endpoint:Endpoint",
        what=what,
        members=members,
        refused=frozenset(refused),
        context=stack_context(kind=kind, release=release),
    )


def member(type_: tuple[str, ...], *, made_from: Mapping[str, str] | None = None, **inputs: Any) -> Member:
    return Member(type=type_[0], inputs=inputs, sources=made_from or {})


def metric(what: str, endpoint: object = NAME) -> dict[str, object]:
    namespace, name = METRICS[what]
    return {
        "namespace": namespace,
        "metricName": name,
        "dimensions": {"EndpointName": endpoint, "VariantName": "all"},
    }


def alarm(what: str, **changes: Any) -> Member:
    return member(
        ("aws:cloudwatch/metricAlarm:MetricAlarm",),
        **{"name": what, **metric(what), "alarmActions": [TOPIC_ARN], **changes},
    )


def judge(what: str, configuration: object = "fraud-1", endpoint: object = NAME) -> dict[str, object]:
    """Returns a metric of the fleet of a configuration."""
    found = metric(what, endpoint)
    return {
        **found,
        "dimensions": {"EndpointName": endpoint, "VariantName": "all", "EndpointConfigName": configuration},
    }


def judging(what: str, **changes: Any) -> Member:
    return member(("aws:cloudwatch/metricAlarm:MetricAlarm",), **{"name": f"judge-{what}", **judge(what), **changes})


def listing(*alarms: object) -> dict[str, object]:
    return {"autoRollbackConfiguration": {"alarms": [{"alarmName": name} for name in alarms]}}


JUDGES = [f"judge-{what}" for what in JUDGING]
ENDPOINT = member(
    ("aws:sagemaker/endpoint:Endpoint",), name=NAME, endpointConfigName="fraud-1", deploymentConfig=listing(*JUDGES)
)
SCHEDULED = {
    "monitoringJobDefinition": {"monitoringInputs": {"endpointInput": {"endpointName": NAME}}},
}
WHOLE: Mapping[str, Member] = {
    "endpoint": ENDPOINT,
    "target": member(("aws:appautoscaling/target:Target",), resourceId=RESOURCE, minCapacity=2),
    "scaling": member(("aws:appautoscaling/policy:Policy",), resourceId=RESOURCE),
    "schedule": member(("aws:sagemaker/monitoringSchedule:MonitoringSchedule",), monitoringScheduleConfig=SCHEDULED),
    "subscription": member(("aws:sns/topicSubscription:TopicSubscription",), topic=TOPIC_ARN),
    **{what: alarm(what) for what in METRICS},
    **{f"judge-{what}": judging(what) for what in JUDGING},
}


def whole(**changes: Member) -> dict[str, Member]:
    return {**WHOLE, **changes}


def without(*left_out: str, **changes: Member) -> dict[str, Member]:
    return {name: found for name, found in whole(**changes).items() if name not in left_out}


NOBODYS = {
    "a target": {
        "target": member(
            ("aws:appautoscaling/target:Target",), resourceId="endpoint/fraudulent/variant/all", minCapacity=2
        )
    },
    "an unknown target": {"target": member(("aws:appautoscaling/target:Target",), resourceId=UNKNOWN, minCapacity=2)},
    "a policy": {"scaling": member(("aws:appautoscaling/policy:Policy",), resourceId="endpoint/other/variant/all")},
    "a schedule": {
        "schedule": member(
            ("aws:sagemaker/monitoringSchedule:MonitoringSchedule",),
            monitoringScheduleConfig={
                "monitoringJobDefinition": {"monitoringInputs": {"endpointInput": {"endpointName": "other"}}}
            },
        )
    },
    "an alarm": {"errors": alarm("errors", dimensions={"EndpointName": "other"})},
    "an unknown alarm": {"errors": alarm("errors", dimensions=UNKNOWN)},
    "an alarm on everything": {"errors": alarm("errors", dimensions={})},
    "an alarm that judges": {"judge-errors": judging("errors", **judge("errors", endpoint="other"))},
    "an alarm that judges the fleet": {"judge-errors": judging("errors", **judge("errors", "fraud-0"))},
}
WEAK = {
    "a target of one instance": {
        "target": member(("aws:appautoscaling/target:Target",), resourceId=RESOURCE, minCapacity=1)
    },
    "a target with an unknown minimum": {"target": member(("aws:appautoscaling/target:Target",), resourceId=RESOURCE)},
    "an alarm on another metric": {"latency": alarm("latency", metricName="OverheadLatency")},
    "an alarm on a metric of that name elsewhere": {"latency": alarm("latency", namespace="Plinth")},
    "an alarm that it does not list": {
        "endpoint": replace(ENDPOINT, inputs={**ENDPOINT.inputs, "deploymentConfig": listing(JUDGES[0])})
    },
    "no list": {"endpoint": member(("aws:sagemaker/endpoint:Endpoint",), name=NAME, endpointConfigName="fraud-1")},
    "a judge of both fleets": {"judge-errors": judging("errors", **metric("errors"))},
    "a judge by a formula over both fleets": {
        "judge-errors": member(
            ("aws:cloudwatch/metricAlarm:MetricAlarm",),
            name="judge-errors",
            metricQueries=[{"metric": judge("errors")}, {"metric": metric("errors")}],
        )
    },
    "a further judge of both fleets": {
        "endpoint": replace(ENDPOINT, inputs={**ENDPOINT.inputs, "deploymentConfig": listing(*JUDGES, "memory")})
    },
    "an alarm without actions": {"load": alarm("load", alarmActions=[])},
    "an alarm with an unknown action": {"load": alarm("load", alarmActions=UNKNOWN)},
    "an alarm whose only action nobody knows": {"load": alarm("load", alarmActions=[UNKNOWN])},
    "a topic without subscriptions": {
        "subscription": member(("aws:sns/topicSubscription:TopicSubscription",), topic=f"{TOPIC_ARN}-other")
    },
    "a topic with an unknown subscription": {
        "subscription": member(("aws:sns/topicSubscription:TopicSubscription",), topic=UNKNOWN)
    },
}
"""Supporting resources that do not satisfy the rule."""

UNNAMED = {
    "endpoint": member(
        ("aws:sagemaker/endpoint:Endpoint",),
        deploymentConfig=listing(*(None for _ in JUDGES)),
        endpointConfigName=UNKNOWN,
    ),
    **{what: alarm(what, name=None, dimensions={"VariantName": "all"}) for what in METRICS},
}
MADE_TOGETHER = {
    "endpoint": member(
        ("aws:sagemaker/endpoint:Endpoint",),
        name=NAME,
        endpointConfigName=UNKNOWN,
        deploymentConfig=listing(UNKNOWN),
        made_from={"deploymentConfig": "judge"},
    ),
    "judge": member(
        ("aws:cloudwatch/metricAlarm:MetricAlarm",), metricQueries=[{"metric": judge(what)} for what in JUDGING]
    ),
    "target": member(
        ("aws:appautoscaling/target:Target",),
        resourceId=UNKNOWN,
        minCapacity=UNKNOWN,
        made_from={"resourceId": "endpoint"},
    ),
    "other target": member(
        ("aws:appautoscaling/target:Target",),
        resourceId=UNKNOWN,
        minCapacity=UNKNOWN,
        made_from={"resourceId": "endpoint"},
    ),
    "scaling": member(("aws:appautoscaling/policy:Policy",), resourceId=UNKNOWN, made_from={"resourceId": "target"}),
    "schedule": member(
        ("aws:sagemaker/monitoringSchedule:MonitoringSchedule",),
        monitoringScheduleConfig=UNKNOWN,
        made_from={"monitoringScheduleConfig": "definition"},
    ),
    "definition": member(
        ("aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition",),
        dataQualityJobInput=UNKNOWN,
        made_from={"dataQualityJobInput": "endpoint"},
    ),
    "topic": member(("aws:sns/topic:Topic",), arn=UNKNOWN),
    "subscription": member(
        ("aws:sns/topicSubscription:TopicSubscription",), topic=UNKNOWN, made_from={"topic": "topic"}
    ),
    "load": member(
        ("aws:cloudwatch/metricAlarm:MetricAlarm",),
        metricQueries=[{"expression": "a / b"}, *({"metric": metric(what)} for what in METRICS)],
        alarmActions=[UNKNOWN],
        made_from={"alarmActions": "topic"},
    ),
}
"""Returns the resources as in a first preview, with dependencies only. One alarm on metric math covers all metrics."""
MADE_AFTER = {
    what: alarm(what, dimensions=UNKNOWN, made_from={"dimensions": "endpoint"})
    for what in ("errors", "latency", "load")
} | {
    "judge-errors": judging("errors", dimensions=UNKNOWN, made_from={"dimensions": "endpoint"}),
    "memory": member(
        ("aws:cloudwatch/metricAlarm:MetricAlarm",),
        name="memory",
        metricQueries=[{"metric": metric("memory", UNKNOWN)}],
        alarmActions=[TOPIC_ARN],
        made_from={"metricQueries": "endpoint"},
    ),
}
"""Returns alarms whose names the endpoint lists, without a known dependency."""


def queueing(**changes: Member) -> dict[str, Member]:
    """Returns an asynchronous endpoint that scales to 0 instances."""
    return whole(
        target=member(("aws:appautoscaling/target:Target",), resourceId=RESOURCE, minCapacity=0),
        configuration=member(
            ("aws:sagemaker/endpointConfiguration:EndpointConfiguration",),
            name="fraud-1",
            asyncInferenceConfig={"outputConfig": {}},
        ),
        load=alarm("load", metricName="ApproximateBacklogSizePerInstance", dimensions={"EndpointName": NAME}),
        **changes,
    )


def sharing(*variants: Mapping[str, object]) -> dict[str, Member]:
    """Returns an endpoint of inference components, without Application Auto Scaling."""
    return without(
        "target",
        "scaling",
        configuration=member(
            ("aws:sagemaker/endpointConfiguration:EndpointConfiguration",),
            name="fraud-1",
            productionVariants=list(variants),
        ),
    )


def scaled(least: object = 2, status: str = "ENABLED") -> dict[str, object]:
    return {"managedInstanceScaling": {"status": status, "minInstanceCount": least}}


def defined(definition: str = "quality", endpoint: str = NAME) -> dict[str, Member]:
    return whole(
        schedule=member(
            ("aws:sagemaker/monitoringSchedule:MonitoringSchedule",),
            monitoringScheduleConfig={"monitoringJobDefinitionName": definition},
        ),
        definition=member(
            ("aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition",),
            name="quality",
            dataQualityJobInput={"endpointInput": {"endpointName": endpoint}},
        ),
    )


FOLLOWED = f"{TOPIC_ARN}-alarms"
ASYNCHRONOUS_CONFIGURATION = member(
    ("aws:sagemaker/endpointConfiguration:EndpointConfiguration",),
    name="fraud-1",
    asyncInferenceConfig={"outputConfig": {}},
)
STARTER = member(("aws:lambda/function:Function",), name="fraud-start-monitor", arn="arn:aws:lambda:starter")
DAILY = member(("aws:cloudwatch/eventRule:EventRule",), name="daily", scheduleExpression="cron(30 0 * * ? *)")
STARTED = member(("aws:cloudwatch/eventTarget:EventTarget",), rule="daily", arn="arn:aws:lambda:starter")
OTHER = member(("aws:cloudwatch/eventTarget:EventTarget",), rule="requests", arn="arn:aws:lambda:predict")
COMPARISONS = {"starter": STARTER, "daily": DAILY, "started": STARTED, "other": OTHER}
"""Resources that compare the requests to the endpoint of a release with the baseline."""
UNCOMPARED: Mapping[str, Mapping[str, Member]] = {
    "without a function": {
        "starter": replace(STARTER, inputs={"name": "fraud-predict", "arn": "arn:aws:lambda:starter"})
    },
    "whose function is that of another endpoint": {
        "starter": replace(STARTER, inputs={"name": "other-start-monitor", "arn": "arn:aws:lambda:starter"})
    },
    "without a schedule": {"daily": replace(DAILY, inputs={"name": "daily", "eventPattern": "{}"})},
    "whose schedule invokes another function": {
        "started": replace(STARTED, inputs={"rule": "daily", "arn": "arn:aws:lambda:predict"})
    },
    "whose function another rule invokes": {
        "started": replace(STARTED, inputs={"rule": "hourly", "arn": "arn:aws:lambda:starter"})
    },
}


def released(topic: object, account: object = "111111111111") -> dict[str, Member]:
    """Returns the endpoint of a release, whose alarms notify a topic of another stack."""
    alarms = {what: replace(alarm(what, alarmActions=topic), account=account) for what in METRICS}
    return without("schedule", "subscription", **alarms, **COMPARISONS)


UNFOLLOWED = {
    "an unknown topic": [UNKNOWN],
    "unknown actions": UNKNOWN,
    "a topic of another endpoint": [TOPIC_ARN],
    "a topic of another account": [FOLLOWED.replace("111111111111", "222222222222")],
    "a queue": [FOLLOWED.replace(":sns:", ":sqs:")],
}
RELEASES = [
    endpoints("a release whose alarms notify the topic of its endpoint", released([FOLLOWED]), release="scoring"),
    endpoints("a release whose alarms do more", released(["arn:aws:lambda:1", FOLLOWED]), release="scoring"),
    endpoints("a stack of the foundation that notifies a topic elsewhere", released([FOLLOWED]), "endpoint"),
    *(
        endpoints(f"a release whose alarms notify {what}", released(topic), "endpoint", release="scoring")
        for what, topic in UNFOLLOWED.items()
    ),
    *(
        endpoints(f"a release {what}", {**released([FOLLOWED]), **changes}, "endpoint", release="scoring")
        for what, changes in UNCOMPARED.items()
    ),
    endpoints(
        "a release of an asynchronous endpoint, which captures nothing",
        {
            name: found
            for name, found in {**released([FOLLOWED]), "configuration": ASYNCHRONOUS_CONFIGURATION}.items()
            if name not in COMPARISONS
        },
        release="scoring",
    ),
    endpoints("a release in an unknown account", released([FOLLOWED], UNKNOWN), "endpoint", release="scoring"),
    endpoints("a stack of the foundation without a schedule", without("schedule"), "endpoint"),
]
OTHER = {
    "other": member(("aws:sagemaker/endpoint:Endpoint",), name="other", deploymentConfig=listing(*JUDGES)),
}
FORMULA = {"metric": metric("errors")}, {"metric": metric("latency")}
STACK_CASES = [
    *RELEASES,
    endpoints("an endpoint with all that it needs", whole()),
    *(endpoints(f"an endpoint without its {part}", without(part), "endpoint") for part in WHOLE if part != "endpoint"),
    *(
        endpoints(f"an endpoint beside {what} of another", whole(**change), "endpoint")
        for what, change in NOBODYS.items()
    ),
    *(endpoints(f"an endpoint with {what}", whole(**change), "endpoint") for what, change in WEAK.items()),
    endpoints("an endpoint next to one without supporting resources", whole(**OTHER), "other"),
    endpoints("an endpoint without a name among alarms without one", whole(**UNNAMED), "endpoint"),
    endpoints("an endpoint in preproduction that has nothing", {"endpoint": ENDPOINT}, kind="preproduction"),
    endpoints("an endpoint that is made with all that it needs", MADE_TOGETHER),
    endpoints("an endpoint before its alarms", whole(**MADE_AFTER)),
    endpoints(
        "an endpoint with alarms on formulas",
        without(
            "errors",
            latency=member(
                ("aws:cloudwatch/metricAlarm:MetricAlarm",),
                name="latency",
                metricQueries=list(FORMULA),
                alarmActions=[TOPIC_ARN],
            ),
        ),
    ),
    endpoints(
        "an endpoint with a formula over another's metrics",
        whole(
            errors=member(
                ("aws:cloudwatch/metricAlarm:MetricAlarm",),
                name="errors",
                metricQueries=[{"metric": metric("errors", "other")}],
            )
        ),
        "endpoint",
    ),
    endpoints(
        "an endpoint with a further alarm on errors without actions",
        whole(silent=alarm("errors", alarmActions=[])),
    ),
    endpoints(
        "an endpoint with alarms on disk and on memory",
        whole(disk=alarm("memory", metricName="DiskUtilization")),
    ),
    endpoints(
        "an endpoint with an alarm on its disk",
        whole(memory=alarm("memory", metricName="DiskUtilization")),
    ),
    endpoints(
        "an endpoint with a second target of one instance",
        whole(
            second=member(
                ("aws:appautoscaling/target:Target",), resourceId="endpoint/fraud/variant/second", minCapacity=1
            )
        ),
    ),
    endpoints("an endpoint whose schedule runs a definition by name", defined()),
    endpoints("an endpoint whose schedule runs no definition of the stack", defined("other"), "endpoint"),
    endpoints("an endpoint whose schedule runs a definition about another", defined(endpoint="other"), "endpoint"),
    endpoints("an endpoint with inference components and managed scaling", sharing(scaled(), scaled(UNKNOWN))),
    endpoints("an endpoint of which one variant does not scale", sharing(scaled(), {}), "endpoint"),
    endpoints("an endpoint that scales down to one", sharing(scaled(1)), "endpoint"),
    endpoints("an endpoint whose scaling is off", sharing(scaled(status="DISABLED")), "endpoint"),
    endpoints("an asynchronous endpoint that scales to no instances", queueing()),
    endpoints(
        "an endpoint of an unknown configuration that scales to no instances",
        {name: found for name, found in queueing().items() if name != "configuration"},
        "endpoint",
    ),
    endpoints(
        "an asynchronous endpoint without a target",
        {name: found for name, found in queueing().items() if name != "target"},
        "endpoint",
    ),
    endpoints("an endpoint without variants", sharing(), "endpoint"),
    endpoints(
        "an endpoint of another configuration than one that scales",
        without(
            "target",
            "scaling",
            configuration=member(
                ("aws:sagemaker/endpointConfiguration:EndpointConfiguration",),
                name="fraud-2",
                productionVariants=[scaled()],
            ),
        ),
        "endpoint",
    ),
]
