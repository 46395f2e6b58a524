"""S3: permission to publish the notifications of a bucket to their destinations.

Source: S3 User Guide, "Granting permissions to publish event notification messages to a destination" (read 2026-11-29).
"""

from __future__ import annotations

from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.preconditions.check import Checks
from plinth_sandbox.emulator.services.events.executor.permissions import Sender, refused_as, require
from plinth_sandbox.emulator.services.events.executor.targets import Arn, kind_of

_DESTINATIONS = {
    "TopicConfigurations": "TopicArn",
    "QueueConfigurations": "QueueArn",
    "LambdaFunctionConfigurations": "LambdaFunctionArn",
}


def _notify(call: Call) -> None:
    """S3 asks each destination whether it admits the bucket."""
    given = call.parameters
    if given.get("SkipDestinationValidation"):
        return
    sender = Sender("s3.amazonaws.com", f"arn:aws:s3:::{given['Bucket']}", call.account, call.region)
    for member, name in _DESTINATIONS.items():
        for configuration in given["NotificationConfiguration"].get(member) or ():
            arn = Arn.parse(str(configuration[name]))
            if (kind := kind_of(arn)) is None:
                continue
            with refused_as("InvalidArgument", "Unable to validate the following destination configurations"):
                require(sender, kind.action, kind.resource(arn), kind.policies(arn))


CHECKS: Checks = {("s3", "PutBucketNotificationConfiguration"): _notify}
