"""Resources that took the place of a component are found in stacks that were deployed with it."""

import pulumi
import pulumi_aws as aws
import pytest

from components.former_components import without_component
from tests.support.recorder import deploy


class Parent(pulumi.ComponentResource):
    """A component with a child that was a component."""

    def __init__(self) -> None:
        super().__init__("test:Parent", "parent")
        child("nested", pulumi.ResourceOptions(parent=self))


def child(name: str, opts: pulumi.ResourceOptions | None = None) -> None:
    aws.iam.Policy(name, policy="{}", opts=without_component(name, "test:Former", opts))


@pytest.mark.parametrize(
    ("create", "former"),
    [
        (lambda: child("alone"), "test:Former::alone"),
        (Parent, "test:Parent$test:Former::nested"),
    ],
    ids=["without a parent", "in a component"],
)
def test_the_former_component_is_still_known_as_the_parent_of_the_resource(create, former):
    policy = deploy(create).one("aws:iam/policy:Policy")
    assert "test:Former" not in policy.urn
    (parent,) = policy.former_parents
    assert parent.endswith(former)
