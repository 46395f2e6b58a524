"""Rules about serving: endpoints whose data is encrypted, captured and out of reach, and that change with care."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from policies.security.inputs.readers import UNKNOWN, Properties, Unknown, is_no_key_of_ours, lacks
from policies.security.inputs.subject import Subject
from policies.security.rule import Level, Rule, Verdict, for_each, off_but_in, refuse
from policies.security.rules.sagemaker.tracking import kept_at_home
from settings.data.ml_layout import MONITORING, MonitoringPart
from settings.types.instance_families import has_local_storage
from settings.types.naming import ML_BUCKET_PREFIX

CONFIGURATION = ("aws:sagemaker/endpointConfiguration:EndpointConfiguration",)
ENDPOINT = ("aws:sagemaker/endpoint:Endpoint",)

WHERE_IT_SERVES: Mapping[str, Level] = {
    **off_but_in("production"),
    "preproduction": "advisory",
}
"""Production serves; pre-production rehearses that and may be smaller. Elsewhere an endpoint is tried for an hour."""

_SERVING, _SHADOWS = "productionVariants", "shadowProductionVariants"
LEAST_INSTANCES = 2
_CAPTURE = "dataCaptureConfig"
_CAPTURED: MonitoringPart = "capture"
_CAPTURES = re.compile(rf"s3://{ML_BUCKET_PREFIX}[^/]+/[^/]+/{MONITORING}/{_CAPTURED}(/.*)?")
"""SageMaker adds the endpoint and its variant (Developer Guide, "Capture data from real-time endpoint"), as the layout
wants it."""
_SHIFT = ("deploymentConfig", "blueGreenUpdatePolicy", "trafficRoutingConfiguration")
_ALARMS = ("deploymentConfig", "autoRollbackConfiguration", "alarms")


def is_encrypted_by_who_can(subject: Subject) -> Verdict:
    """By a key of ours, or by the hardware where the API takes no key; one such variant is enough for that."""
    key = subject.properties.value("kmsKeyArn")
    machines = [variant.text("instanceType") for variant in _every_variant(subject.properties)]
    if any(isinstance(machine, str) and has_local_storage(machine) for machine in machines):
        if lacks(key):
            return None
        return refuse("has a key that SageMaker refuses for local storage", fix="leave kmsKeyArn out")
    if lacks(key) and (UNKNOWN in machines or _may_have_more_variants(subject.properties)):
        return None
    if is_no_key_of_ours(key):
        return refuse("keeps what it serves without a key of ours", fix="set kmsKeyArn")
    return None


def _every_variant(configuration: Properties) -> Sequence[Properties]:
    """A shadow variant sees what the others see."""
    return [*configuration.blocks(_SERVING), *configuration.blocks(_SHADOWS)]


def _may_have_more_variants(configuration: Properties) -> bool:
    return configuration.may_hold_more(_SERVING) or configuration.may_hold_more(_SHADOWS)


def starts_twice(subject: Subject) -> Verdict:
    """A shadow variant answers nobody, and a serverless one counts no instances."""
    instances = [
        variant.number("initialInstanceCount")
        for variant in subject.properties.blocks(_SERVING)
        if lacks(variant.value("serverlessConfig"))
    ]
    if all(isinstance(count, Unknown) or (count or 0) >= LEAST_INSTANCES for count in instances):
        return None
    return refuse("stands or falls with one instance", fix=f"set initialInstanceCount to {LEAST_INSTANCES} or more")


def lets_nobody_look_inside(subject: Subject) -> Verdict:
    for variant in _every_variant(subject.properties):
        if variant.flag("enableSsmAccess") is True:
            return refuse("opens its instances to Systems Manager", fix="leave enableSsmAccess out")
        if not lacks(variant.value("coreDumpConfig")) and is_no_key_of_ours(
            variant.value("coreDumpConfig", "kmsKeyId")
        ):
            return refuse("dumps memory without a key of ours", fix="set coreDumpConfig.kmsKeyId")
    return None


def captures_questions_and_answers(subject: Subject) -> Verdict:
    properties = subject.properties
    if properties.flag(_CAPTURE, "enableCapture") not in (True, UNKNOWN):
        return refuse("captures nothing", fix="set dataCaptureConfig.enableCapture to true")
    if not properties.number(_CAPTURE, "initialSamplingPercentage"):
        return refuse("captures no part of its traffic", fix="set initialSamplingPercentage above 0")
    if not _captures_both(properties):
        return refuse("captures questions or answers alone", fix="set captureMode to InputAndOutput")
    if is_no_key_of_ours(properties.value(_CAPTURE, "kmsKeyId")):
        return refuse("captures without a key of ours", fix="set dataCaptureConfig.kmsKeyId")
    return _captures_into_the_layout(subject)


def _captures_both(properties: Properties) -> bool:
    if properties.may_hold_more(_CAPTURE, "captureOptions"):
        return True
    modes = {option.text("captureMode") for option in properties.blocks(_CAPTURE, "captureOptions")}
    return bool({UNKNOWN, "InputAndOutput"} & modes) or {"Input", "Output"} <= modes


def _captures_into_the_layout(subject: Subject) -> Verdict:
    place = subject.properties.text(_CAPTURE, "destinationS3Uri")
    if isinstance(place, str) and not _CAPTURES.fullmatch(place):
        return refuse(
            "captures where nothing looks", fix=f"name {MONITORING}/{_CAPTURED} of a use case in the ML bucket"
        )
    return kept_at_home(place, subject, "captures")


def shifts_with_care(subject: Subject) -> Verdict:
    properties = subject.properties
    if properties.text(*_SHIFT, "type") not in ("CANARY", "LINEAR", UNKNOWN):
        return refuse("changes all at once", fix="set CANARY or LINEAR in a blueGreenUpdatePolicy")
    if not properties.number(*_SHIFT, "waitIntervalInSeconds"):
        return refuse("shifts all traffic before an alarm can ring", fix="set waitIntervalInSeconds")
    if lacks(properties.value(*_ALARMS)):
        return refuse("has no way back", fix="name alarms in autoRollbackConfiguration")
    return None


RULES = (
    Rule(
        id="SM-13",
        title="What an endpoint keeps is encrypted with a key of ours, or by its hardware",
        severity="high",
        sources=("CKV_AWS_98", "condition key sagemaker:VolumeKmsKey", "SageMaker API, CreateEndpointConfig"),
        remedy="Set kmsKeyArn to the environment's key; leave it out where an instance of any variant has local "
        "storage, as of ml.g5 and ml.m5d, because SageMaker refuses it there.",
        judges=for_each(CONFIGURATION, is_encrypted_by_who_can),
    ),
    Rule(
        id="SM-14",
        title="Endpoints start with two instances",
        severity="medium",
        sources=("FSBP SageMaker.4", "RT-07"),
        remedy="Start every variant that runs on instances with two of them or more.",
        judges=for_each(CONFIGURATION, starts_twice),
        exceptions=WHERE_IT_SERVES,
    ),
    Rule(
        id="SM-15",
        title="Nobody looks inside the instances of an endpoint",
        severity="high",
        sources=("MLSEC06-BP01", "SageMaker API, ProductionVariant"),
        remedy="Leave enableSsmAccess out, of shadow variants too, and give core dumps a key of ours.",
        judges=for_each(CONFIGURATION, lets_nobody_look_inside),
        exceptions={"experimentation": "advisory"},
    ),
    Rule(
        id="SM-16",
        title="Endpoints capture what they are asked and what they answer",
        severity="medium",
        sources=("MLSEC05-BP01", "MON-02", "SageMaker Developer Guide, serverless feature exclusions"),
        remedy="Capture input and output of some of the traffic, under the environment's key, in the folder "
        f"{MONITORING}/{_CAPTURED} of its use case in the ML bucket. A serverless endpoint cannot, so it is for other "
        "environments.",
        judges=for_each(CONFIGURATION, captures_questions_and_answers),
        exceptions=WHERE_IT_SERVES,
    ),
    Rule(
        id="SM-17",
        title="Endpoints change step by step, and go back by themselves",
        severity="high",
        sources=("RT-08", "RB-03", "SageMaker Developer Guide, deployment guardrails"),
        remedy="Shift traffic to a new fleet by CANARY or LINEAR, wait between the steps, and name alarms that roll it "
        "back. A rolling update gives the old fleet up as it goes.",
        judges=for_each(ENDPOINT, shifts_with_care),
        exceptions=WHERE_IT_SERVES,
    ),
)
