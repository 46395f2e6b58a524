"""Parts of an endpoint that several tests use."""

from components.serving.real_time_endpoint import RealTimeEndpoint, RealTimeEndpointArgs
from components.serving.registered_model import RegisteredModel, RegisteredModelArgs
from components.serving.served_variant import InstanceScaling, ServedVariant
from components.serving.traffic_shift import TrafficShift
from tests.unit.components.identifiers import ACCOUNT, KEY, REGION, TOOLING

PREFIX = "fraud--scoring-prod"
VERSION = f"arn:aws:sagemaker:{REGION}:{TOOLING}:model-package/fraud--scoring-main/3"
EARLIER = f"arn:aws:sagemaker:{REGION}:{TOOLING}:model-package/fraud--scoring-main/2"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/plinth/fraud--scoring-prod-serving"
CANARY = TrafficShift(strategy="canary", step_percentage=10, bake_seconds=300)


def model(name="model", **changes):
    args = {
        "name_prefix": PREFIX,
        "package_arns": [VERSION],
        "role_arn": ROLE,
        "subnet_ids": ["subnet-1", "subnet-2"],
        "security_group_ids": ["sg-1"],
    }
    return RegisteredModel(name, RegisteredModelArgs(**args | changes))


def variant(served=None, **changes):
    args = {
        "model": served or model(),
        "instance_type": "ml.m5.large",
        "instances": 2,
        "scaling": InstanceScaling(least=2, most=4, invocations_per_instance=1000),
    }
    return ServedVariant(**args | changes)


def endpoint(variants=None, **changes):
    args = {
        "endpoint_name": PREFIX,
        "variants": variants or [variant()],
        "key_arn": KEY,
        "shift": CANARY,
        "alarm_names": ["alarm-1"],
        "log_retention_days": 365,
    }
    return RealTimeEndpoint("endpoint", RealTimeEndpointArgs(**args | changes))
