"""Rules about model endpoints: encryption, data capture, access to instances, and gradual deployment."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from policies.evaluation.readers import UNKNOWN, Properties, Unknown, is_missing, is_not_customer_managed
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Level, Rule, Violation, for_each, off_except_in, violation
from policies.security.rules.sagemaker.tracking import stored_in_own_bucket
from settings.data.ml_layout import MONITORING, MonitoringPart
from settings.types.instance_families import has_local_storage
from settings.types.naming import ML_BUCKET_PREFIX

CONFIGURATION = ("aws:sagemaker/endpointConfiguration:EndpointConfiguration",)
ENDPOINT = ("aws:sagemaker/endpoint:Endpoint",)

SERVING_LEVELS: Mapping[str, Level] = {
    **off_except_in("production"),
    "preproduction": "advisory",
}
"""Levels of rules about availability. Pre-production may be smaller than production, and in other kinds an endpoint is
only tried for a short time."""

_SERVING, _SHADOWS = "productionVariants", "shadowProductionVariants"
LEAST_INSTANCES = 2
_CAPTURE = "dataCaptureConfig"
ASYNCHRONOUS = "asyncInferenceConfig"
_CAPTURED: MonitoringPart = "capture"
_CAPTURE_LOCATION = re.compile(rf"s3://{ML_BUCKET_PREFIX}[^/]+/[^/]+/{MONITORING}/{_CAPTURED}(/.*)?")
"""Capture folder of the ML layout. SageMaker appends endpoint and variant (Developer Guide, "Capture data from
real-time endpoint")."""
_SHIFT = ("deploymentConfig", "blueGreenUpdatePolicy", "trafficRoutingConfiguration")
_ALARMS = ("deploymentConfig", "autoRollbackConfiguration", "alarms")


def is_encrypted(resource: Resource) -> Violation | None:
    """Requires a customer managed key, or no key if any variant uses instances with local storage: SageMaker rejects
    a key for them, and the hardware encrypts the disks."""
    key = resource.properties.value("kmsKeyArn")
    machines = [variant.text("instanceType") for variant in every_variant(resource.properties)]
    if any(isinstance(machine, str) and has_local_storage(machine) for machine in machines):
        if is_missing(key):
            return None
        return violation("has a key that SageMaker rejects for local storage", fix="remove kmsKeyArn")
    if is_missing(key) and (UNKNOWN in machines or _may_have_more_variants(resource.properties)):
        return None
    if is_not_customer_managed(key):
        return violation("does not use a customer managed key", fix="set kmsKeyArn")
    return None


def every_variant(configuration: Properties) -> Sequence[Properties]:
    """Returns production and shadow variants. Both receive the same data."""
    return [*configuration.blocks(_SERVING), *configuration.blocks(_SHADOWS)]


def _may_have_more_variants(configuration: Properties) -> bool:
    return configuration.may_have_more(_SERVING) or configuration.may_have_more(_SHADOWS)


def has_two_instances(resource: Resource) -> Violation | None:
    """Requires two instances per production variant. Shadow variants return no responses, and serverless variants
    have no instances."""
    instances = [
        variant.number("initialInstanceCount")
        for variant in resource.properties.blocks(_SERVING)
        if is_missing(variant.value("serverlessConfig"))
    ]
    if all(isinstance(count, Unknown) or (count or 0) >= LEAST_INSTANCES for count in instances):
        return None
    return violation("has a single instance", fix=f"set initialInstanceCount to {LEAST_INSTANCES} or more")


def instances_are_closed(resource: Resource) -> Violation | None:
    for variant in every_variant(resource.properties):
        if variant.flag("enableSsmAccess") is True:
            return violation("allows access to its instances through Systems Manager", fix="remove enableSsmAccess")
        if not is_missing(variant.value("coreDumpConfig")) and is_not_customer_managed(
            variant.value("coreDumpConfig", "kmsKeyId")
        ):
            return violation("writes core dumps without a customer managed key", fix="set coreDumpConfig.kmsKeyId")
    return None


def captures_requests_and_responses(resource: Resource) -> Violation | None:
    """Requires data capture. An asynchronous endpoint reads requests from S3 and writes its responses there, so they
    are kept without it."""
    properties = resource.properties
    if not is_missing(properties.value(ASYNCHRONOUS)):
        return _keeps_responses(resource)
    if properties.flag(_CAPTURE, "enableCapture") not in (True, UNKNOWN):
        return violation("captures no data", fix="set dataCaptureConfig.enableCapture to true")
    if not properties.number(_CAPTURE, "initialSamplingPercentage"):
        return violation("captures 0 % of its traffic", fix="set initialSamplingPercentage above 0")
    if not _captures_both(properties):
        return violation("captures only requests or only responses", fix="set captureMode to InputAndOutput")
    if is_not_customer_managed(properties.value(_CAPTURE, "kmsKeyId")):
        return violation("captures data without a customer managed key", fix="set dataCaptureConfig.kmsKeyId")
    return _captures_into_the_layout(resource)


def _keeps_responses(resource: Resource) -> Violation | None:
    output = (ASYNCHRONOUS, "outputConfig")
    if is_not_customer_managed(resource.properties.value(*output, "kmsKeyId")):
        return violation("writes responses without a customer managed key", fix="set outputConfig.kmsKeyId")
    return stored_in_own_bucket(resource.properties.text(*output, "s3OutputPath"), resource, "responses")


def _captures_both(properties: Properties) -> bool:
    if properties.may_have_more(_CAPTURE, "captureOptions"):
        return True
    modes = {option.text("captureMode") for option in properties.blocks(_CAPTURE, "captureOptions")}
    return bool({UNKNOWN, "InputAndOutput"} & modes) or {"Input", "Output"} <= modes


def _captures_into_the_layout(resource: Resource) -> Violation | None:
    place = resource.properties.text(_CAPTURE, "destinationS3Uri")
    if isinstance(place, str) and not _CAPTURE_LOCATION.fullmatch(place):
        return violation(
            "captures data outside the monitoring folder",
            fix=f"set destinationS3Uri to {MONITORING}/{_CAPTURED} of a use case in the ML bucket",
        )
    return stored_in_own_bucket(place, resource, "captured data")


def shifts_traffic_gradually(resource: Resource) -> Violation | None:
    properties = resource.properties
    if properties.text(*_SHIFT, "type") not in ("CANARY", "LINEAR", UNKNOWN):
        return violation("shifts all traffic at once", fix="set the type CANARY or LINEAR in a blueGreenUpdatePolicy")
    if not properties.number(*_SHIFT, "waitIntervalInSeconds"):
        return violation("shifts all traffic before an alarm can go off", fix="set waitIntervalInSeconds")
    if is_missing(properties.value(*_ALARMS)):
        return violation("has no automatic rollback", fix="name alarms in autoRollbackConfiguration")
    return None


RULES = (
    Rule(
        id="SM-13",
        title="Endpoint storage is encrypted with a customer managed key, or by the hardware",
        severity="high",
        sources=("CKV_AWS_98", "condition key sagemaker:VolumeKmsKey", "SageMaker API, CreateEndpointConfig"),
        remedy="Set kmsKeyArn to the environment's key. Omit it if an instance of any variant has local storage, such "
        "as ml.g5 and ml.m5d, because SageMaker rejects it there.",
        checks=for_each(CONFIGURATION, is_encrypted),
    ),
    Rule(
        id="SM-14",
        title="Endpoint variants have at least two instances",
        severity="medium",
        sources=("FSBP SageMaker.4", "RT-07"),
        remedy="Set initialInstanceCount to two or more for every variant that runs on instances.",
        checks=for_each(CONFIGURATION, has_two_instances),
        exceptions=SERVING_LEVELS,
    ),
    Rule(
        id="SM-15",
        title="Endpoint instances cannot be accessed",
        severity="high",
        sources=("MLSEC06-BP01", "SageMaker API, ProductionVariant"),
        remedy="Remove enableSsmAccess, from shadow variants too, and encrypt core dumps with a customer managed key.",
        checks=for_each(CONFIGURATION, instances_are_closed),
        exceptions={"experimentation": "advisory"},
    ),
    Rule(
        id="SM-16",
        title="Endpoints capture requests and responses",
        severity="medium",
        sources=("MLSEC05-BP01", "MON-02", "SageMaker Developer Guide, serverless feature exclusions"),
        remedy="Capture input and output of a part of the traffic, under the environment's key, in the folder "
        f"{MONITORING}/{_CAPTURED} of its use case in the ML bucket. An asynchronous endpoint writes its responses "
        "to a bucket of the environment under this key instead. A serverless endpoint cannot capture data, so use "
        "it only in other environments.",
        checks=for_each(CONFIGURATION, captures_requests_and_responses),
        exceptions=SERVING_LEVELS,
    ),
    Rule(
        id="SM-17",
        title="Endpoints shift traffic gradually and roll back automatically",
        severity="high",
        sources=("RT-08", "RB-03", "SageMaker Developer Guide, deployment guardrails"),
        remedy="Shift traffic to a new fleet by CANARY or LINEAR, wait between the steps, and name alarms that "
        "trigger a rollback. A rolling update is not enough, because it removes the old fleet as it proceeds.",
        checks=for_each(ENDPOINT, shifts_traffic_gradually),
        exceptions=SERVING_LEVELS,
    ),
)
