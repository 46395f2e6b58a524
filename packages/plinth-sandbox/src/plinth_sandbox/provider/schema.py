"""Writes the schemas of the catalog's types from the vendor's SDK: `python -m plinth_sandbox.provider.schema`.

The plugin reads the JSON files, so that it need not import `pulumi_aws` at run time.
"""

from __future__ import annotations

import ast
import collections.abc
import inspect
import json
import re
import sys
import typing
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pulumi
from pulumi import _types as sdk_types

from plinth_sandbox.provider.entry import all_types, module_of
from plinth_sandbox.provider.vocabulary import Resource

FOLDER = Path(__file__).parent / "schemas"
_SCALARS = {str: "string", int: "integer", float: "number", bool: "boolean"}


def documents() -> dict[str, str]:
    """Returns the content of each schema file that the provider catalog needs, by file name."""
    modules: dict[str, dict[str, Any]] = {"provider": {"pulumi:providers:aws": _of_provider()}}
    for item in all_types():
        describe = _of_resource if isinstance(item, Resource) else _of_data_source
        modules.setdefault(module_of(item.type), {})[item.type] = describe(item.type)
    return {f"{module}.json": _spell(types) for module, types in sorted(modules.items())}


def _spell(types: dict[str, Any]) -> str:
    """Formats one type per line, which is compact and shows changes by type."""
    lines = [f"{json.dumps(token)}: {json.dumps(types[token], separators=(',', ':'))}" for token in sorted(types)]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _of_provider() -> dict[str, Any]:
    module = import_module("pulumi_aws.provider")
    return {"inputs": _arguments(module.ProviderArgs), "outputs": {}}


def _of_resource(token: str) -> dict[str, Any]:
    resource = resource_class(token)
    module = sys.modules[resource.__module__]
    inputs = _arguments(getattr(module, module.__all__[0]))  # `KeyArgs`, or `BucketVersioningInitArgs`
    outputs = {name: _expression(inner) for name, inner in sdk_types.resource_types(resource).items()}
    outputs |= {"id": "string"}
    settable = {name.rstrip("!"): spelling for name, spelling in inputs.items()}
    return {"inputs": inputs, "outputs": {n: s for n, s in sorted(outputs.items()) if settable.get(n) != s}}


def _of_data_source(token: str) -> dict[str, Any]:
    path, _, name = token.removeprefix("aws:").rpartition(":")
    package = path.partition("/")[0]
    home = import_module("pulumi_aws" if package == "index" else f"pulumi_aws.{package}")
    function = getattr(home, re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower())
    module = sys.modules[function.__module__]
    hints = typing.get_type_hints(function, vars(module))
    parameters = [name for name in inspect.signature(function).parameters if name != "opts"]
    inputs = {camel(name): _expression(hints[name]) for name in parameters}
    result = getattr(module, f"{name[0].upper()}{name[1:]}Result")
    outputs = {name: _expression(inner) for name, inner in sdk_types.output_type_types(result).items()}
    return {"inputs": inputs, "outputs": outputs}


def camel(name: str) -> str:
    """Returns the name of a property as the engine knows it: `cidrBlock` for `cidr_block`."""
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)


@cache
def _classes() -> dict[str, tuple[str, str]]:
    """Returns module and class by token, from the table with which the SDK registers its resources."""
    source = Path(typing.cast(str, import_module("pulumi_aws").__file__)).read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg == "resource_modules" and isinstance(node.value, ast.Constant):
            table = json.loads(str(node.value.value))
            return {token: (group["fqn"], name) for group in table for token, name in group["classes"].items()}
    raise LookupError("pulumi_aws no longer registers its resources in its __init__")


def resource_class(token: str) -> type:
    """Returns the vendor's class of a resource type. Raises LookupError if there is none."""
    if token not in _classes():
        raise LookupError(f"pulumi_aws has no resource type {token}")
    module, name = _classes()[token]
    return typing.cast(type, getattr(import_module(module), name))


def _arguments(arguments: type) -> dict[str, Any]:
    """Returns an argument class as an object expression. Parameters without a default are required."""
    parameters = inspect.signature(arguments).parameters
    names = sdk_types.input_type_py_to_pulumi_names(arguments)
    required = {names[name] for name, given in parameters.items() if given.default is inspect.Parameter.empty}
    found = sdk_types.input_type_types(arguments)
    return {f"{name}!" if name in required else name: _expression(found[name]) for name in sorted(found)}


def _expression(hint: Any) -> Any:
    """Returns the type expression of a type hint."""
    if hint in _SCALARS:
        return _SCALARS[hint]
    if isinstance(hint, type) and sdk_types.is_input_type(hint):
        return _arguments(hint)
    if isinstance(hint, type) and sdk_types.is_output_type(hint):
        return {name: _expression(inner) for name, inner in sorted(sdk_types.output_type_types(hint).items())}
    if isinstance(hint, type) and issubclass(hint, pulumi.Asset | pulumi.Archive):
        return "asset"
    origin, parameters = typing.get_origin(hint), typing.get_args(hint)
    if origin in (list, collections.abc.Sequence):
        return [_expression(parameters[0])]
    if origin in (dict, collections.abc.Mapping):
        return {"*": _expression(parameters[1])}
    if origin is not None:
        return _of_alternatives([inner for inner in parameters if inner is not type(None)])
    return "any"


def _of_alternatives(hints: list[Any]) -> Any:
    """Returns the type expression of a union: a scalar if it has one (enums and policy documents are strings on the
    wire), else the argument class."""
    spellings = [_expression(hint) for hint in hints if not isinstance(hint, typing.ForwardRef)]
    scalars = [spelling for spelling in spellings if spelling in _SCALARS.values()]
    return (scalars or spellings or ["any"])[0]


def main() -> None:
    """Writes the files, and removes files that belong to no catalog module."""
    wanted = documents()
    FOLDER.mkdir(exist_ok=True)
    for old in set(FOLDER.glob("*.json")) - {FOLDER / name for name in wanted}:
        old.unlink()
    for name, content in wanted.items():
        (FOLDER / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
