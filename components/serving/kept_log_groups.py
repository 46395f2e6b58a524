"""Adoption of log groups that an earlier, destroyed release has left."""

from __future__ import annotations

from collections.abc import Collection

import pulumi

_LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"


def adopting(kept: Collection[str]) -> pulumi.ResourceTransformation:
    """Returns a transformation that imports the log groups with these names instead of creating them.

    SCP-04 lets no release delete logs, so they stay when a release is destroyed, and CloudWatch refuses to create them
    again. A group that is in the state of the stack already stays as it is. The engine refuses to import a group whose
    key or retention differ from those of the program.
    """

    def adopt(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        name = args.props.get("name")
        if args.type_ != _LOG_GROUP or not isinstance(name, str) or name not in kept:
            return None
        opts = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(import_=name))
        return pulumi.ResourceTransformationResult(props=args.props, opts=opts)

    return adopt
