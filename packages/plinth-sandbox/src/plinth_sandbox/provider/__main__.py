"""Serves the provider until the engine ends the process or exits itself: `python -m plinth_sandbox.provider`."""

from __future__ import annotations

from importlib.metadata import version

from plinth_sandbox.provider.process import serve_until_the_engine_ends
from plinth_sandbox.provider.rpc.service import AwsProvider


def aws_provider() -> AwsProvider:
    """Returns a provider instance with the SDK's version, with exactly which the engine requests the plugin."""
    return AwsProvider(version("pulumi_aws"))


if __name__ == "__main__":
    serve_until_the_engine_ends(aws_provider())
