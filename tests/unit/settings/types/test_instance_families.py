"""Detection of local storage, compared with the EC2 description of each SageMaker instance type, and Studio's types."""

from __future__ import annotations

import gzip
import json
from importlib.resources import files

import boto3
import pytest

from settings.types.instance_families import (
    STUDIO_INSTANCE_TYPES,
    has_local_storage,
    nearest_studio_instance_type,
)

TAKEN_BY = ("ProductionVariantInstanceType", "TrainingInstanceType", "ProcessingInstanceType", "TransformInstanceType",
            "ClusterInstanceType")  # fmt: skip
UNKNOWN_TO_MOTO = {"dl1": True, "p2": False, "p3": False, "p6e-gb200": True}
"""Instance store volumes by the EC2 User Guide: four of 1,000 GB for dl1, NVMe for p6e-gb200, none for p2 and p3."""


def types_of_sagemaker() -> set[str]:
    model = boto3.client("sagemaker", region_name="eu-west-1").meta.service_model
    return {type_ for shape in TAKEN_BY for type_ in model.shape_for(shape).enum}


@pytest.fixture(scope="module")
def described_by_ec2() -> dict[str, bool]:
    packed = files("moto").joinpath("ec2/resources/instance_types.json.gz").read_bytes()
    described = json.loads(gzip.decompress(packed))
    return {f"ml.{name}": of_type.get("InstanceStorageSupported", False) for name, of_type in described.items()}


def test_local_storage_is_known_for_every_sagemaker_instance_type(described_by_ec2):
    expected = {
        type_: described_by_ec2[type_] if type_ in described_by_ec2 else UNKNOWN_TO_MOTO[type_.split(".")[1]]
        for type_ in types_of_sagemaker()
    }
    assert {type_: has_local_storage(type_) for type_ in expected} == expected


@pytest.mark.parametrize("type_", ["ml.m8gd.large", "m5d.large", "ml.r8gd.48xlarge"])
def test_an_unknown_family_is_recognised_by_its_letter_d(type_):
    assert has_local_storage(type_)


def test_the_instance_types_of_studio_are_those_of_the_api():
    """A new version of botocore with more types fails here, so that nobody is refused a type that exists."""
    model = boto3.client("sagemaker", region_name="eu-west-1").meta.service_model
    known = {name for name in model.shape_for("AppInstanceType").enum if name.startswith("ml.")}
    assert known == STUDIO_INSTANCE_TYPES


@pytest.mark.parametrize(("text", "near"), [("ml.m5.lage", "ml.m5.large"), ("ml.zzz.qqq", "ml.t3.medium")])
def test_the_nearest_instance_type_is_named(text, near):
    assert nearest_studio_instance_type(text) == near
