"""The groups of a directory that people are put into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True, slots=True)
class DirectoryGroupsArgs:
    """Arguments of :class:`DirectoryGroups`."""

    identity_store_id: pulumi.Input[str]
    """Directory of Identity Center."""

    display_names: Mapping[str, str]
    """Persona -> name of its group in the directory."""

    found: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Persona -> id of a group that a synchronised directory brought; all others are created."""


class DirectoryGroups(pulumi.ComponentResource):
    """A group for each persona. Who is in it is the directory's to say, never the program's.

    Creates: one group per persona that none was found for.

    Args: see :class:`DirectoryGroupsArgs`.

    Outputs: ``group_ids``.

    Raises: nothing of its own.

    Cost: none.

    Example::

        groups = DirectoryGroups("groups", DirectoryGroupsArgs(
            identity_store_id="d-1234567890", display_names={"auditor": "plinth-auditor"},
        ))
        pulumi.export("groups", groups.group_ids)
    """

    group_ids: Mapping[str, pulumi.Output[str]]
    """Id by persona."""

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
