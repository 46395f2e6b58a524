"""Credentials of the role that a run uses."""

from __future__ import annotations

import os

import boto3


def take(role_arn: str, name: str) -> None:
    """Makes every AWS client in this process use the role."""
    session = boto3.client("sts").assume_role(RoleArn=role_arn, RoleSessionName=name)["Credentials"]
    os.environ["AWS_ACCESS_KEY_ID"] = session["AccessKeyId"]
    os.environ["AWS_SECRET_ACCESS_KEY"] = session["SecretAccessKey"]
    os.environ["AWS_SESSION_TOKEN"] = session["SessionToken"]
    # The default session may have cached other credentials.
    boto3.DEFAULT_SESSION = None
