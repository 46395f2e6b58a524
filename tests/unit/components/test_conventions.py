"""Conventions that all components follow."""

import dataclasses
import importlib
import inspect
import pkgutil
import re

import pulumi
import pytest

import components

HEADINGS = ("Creates:", "Args:", "Outputs:", "Raises:", "Cost:", "Example::")
OPTIONAL = {"Args:", "Raises:"}
"""Headings of components whose arguments need more than their own explanations, and that refuse something."""


def _components():
    for module in pkgutil.walk_packages(components.__path__, "components."):
        members = inspect.getmembers(importlib.import_module(module.name), inspect.isclass)
        for _, member in members:
            if issubclass(member, pulumi.ComponentResource) and member.__module__ == module.name:
                yield pytest.param(member, id=member.__name__)


COMPONENTS = list(_components())


@pytest.mark.parametrize("component", COMPONENTS)
def test_the_type_token_is_the_package_and_the_class(component):
    package = component.__module__.split(".")[1]
    tokens = re.findall(r'"(plinth:[^"]+)"', inspect.getsource(component.__init__))
    assert tokens == [f"plinth:{package}:{component.__name__}"]


@pytest.mark.parametrize("component", COMPONENTS)
def test_the_docstring_has_its_headings_in_order(component):
    places = {heading: inspect.getdoc(component).find(heading) for heading in HEADINGS}
    assert {heading for heading, place in places.items() if place == -1} <= OPTIONAL
    present = [place for place in places.values() if place != -1]
    assert present == sorted(present)


@pytest.mark.parametrize("component", COMPONENTS)
def test_arguments_are_a_frozen_dataclass_and_every_one_is_explained(component):
    module = inspect.getmodule(component)
    args = getattr(module, f"{component.__name__}Args")
    assert args.__dataclass_params__.frozen
    source = "".join(inspect.getsource(class_) for class_ in args.__mro__ if dataclasses.is_dataclass(class_))
    for field in dataclasses.fields(args):
        assert field.kw_only
        assert re.search(rf'\n    {field.name}: [^\n]+\n    """', source), f"{field.name} has no explanation"


@pytest.mark.parametrize("component", COMPONENTS)
def test_outputs_are_registered_once(component):
    assert inspect.getsource(component).count("self.register_outputs(") == 1


def test_there_are_components():
    assert len(COMPONENTS) >= 14
