"""The directory groups of personas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True, slots=True)
class DirectoryGroupsArgs:
    """Arguments of :class:`DirectoryGroups`."""

    identity_store_id: pulumi.Input[str]
    """Id of Identity Center's directory."""

    display_names: Mapping[str, str]
    """Display name of each persona's group."""

    found: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Ids of existing groups from a synchronized directory, by persona. All other groups are created."""


class DirectoryGroups(pulumi.ComponentResource):
    """One group per persona. Its members are managed in the directory, never by the program.

    Creates: one group per persona without an existing group.

    Outputs: ``group_ids``.

    Cost: none.

    Example::

        groups = DirectoryGroups("groups", DirectoryGroupsArgs(
            identity_store_id="d-1234567890", display_names={"auditor": "plinth-auditor"},
        ))
        pulumi.export("groups", groups.group_ids)
    """

    group_ids: Mapping[str, pulumi.Output[str]]
    """Ids of the groups by persona."""

    def __init__(self, name: str, args: DirectoryGroupsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:identity:DirectoryGroups", name, None, opts)
        self._name, self._args = name, args
        self.group_ids = {persona: self._group(persona) for persona in args.display_names}
        self.register_outputs({"group_ids": self.group_ids})

    def _group(self, persona: str) -> pulumi.Output[str]:
        if persona in self._args.found:
            return pulumi.Output.from_input(self._args.found[persona])
        group = aws.identitystore.Group(
            f"{self._name}-{persona}",
            identity_store_id=self._args.identity_store_id,
            display_name=self._args.display_names[persona],
            description=f"People who are {persona} in Plinth",
            opts=pulumi.ResourceOptions(parent=self),
        )
        return group.group_id
