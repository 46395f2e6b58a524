"""The list of resource types that rule OR-08 accepts."""

from __future__ import annotations

from policies.security.inputs.known_types import KNOWN_TYPES
from tests.support.docs.known_types import MODULE, created_types, governed_types, module


def test_the_list_is_current():
    assert MODULE.read_text(encoding="utf-8") == module(created_types() | governed_types()), "run `make reference`"


def test_the_list_has_types_of_components_of_stacks_and_of_rules():
    assert {"aws:s3/bucket:Bucket", "pulumi:providers:aws"} <= created_types()
    assert "aws:sagemaker/notebookInstance:NotebookInstance" in governed_types() - created_types()
    assert all(type_.count(":") == 2 for type_ in KNOWN_TYPES)
