"""Loads what an emulator loads with the first call of each service, when this module is imported.

Processes that are forked afterwards share it, so each of them saves about a second of processor time. A sandbox of a
user loads it when it is needed, so that it starts at once.
"""

from __future__ import annotations

import gc
import importlib
import os
import pkgutil

import boto3
from moto.core.routing import get_service_router

import plinth_sandbox.emulator
from plinth_sandbox.emulator.layers.moto import adapt_moto, moto_package
from plinth_sandbox.emulator.service_operations import service_model

SERVICES = (
    "apigateway",
    "athena",
    "cloudwatch",
    "codebuild",
    "codecommit",
    "codepipeline",
    "dynamodb",
    "ec2",
    "ecr",
    "events",
    "glue",
    "iam",
    "kms",
    "lakeformation",
    "lambda",
    "logs",
    "organizations",
    "s3",
    "sagemaker",
    "scheduler",
    "sns",
    "sqs",
    "ssm",
    "stepfunctions",
    "sts",
)
"""Services that most emulators are asked for."""


def _load() -> None:
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
    adapt_moto()
    boto3.Session().get_available_regions("ec2")
    for module in pkgutil.walk_packages(plinth_sandbox.emulator.__path__, "plinth_sandbox.emulator."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for service in SERVICES:
        service_model(service)
        get_service_router(service)
        importlib.import_module(f"moto.{moto_package(service)}.urls")


_load()
gc.freeze()
