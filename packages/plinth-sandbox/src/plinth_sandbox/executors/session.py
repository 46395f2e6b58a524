"""The role that a run has, as AWS would have given it to it."""

from __future__ import annotations

import os

import boto3


def take(role_arn: str, name: str) -> None:
    """Make everything in this process act in the name of the role."""
    session = boto3.client("sts").assume_role(RoleArn=role_arn, RoleSessionName=name)["Credentials"]
    os.environ["AWS_ACCESS_KEY_ID"] = session["AccessKeyId"]
    os.environ["AWS_SECRET_ACCESS_KEY"] = session["SecretAccessKey"]
    os.environ["AWS_SESSION_TOKEN"] = session["SessionToken"]
    # What boto3 knew before was somebody else's.
    boto3.DEFAULT_SESSION = None
