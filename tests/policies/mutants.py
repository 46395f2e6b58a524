"""Mutation testing of rules: small faults in a module's code, one at a time. A test must fail for each."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, TypeVar

_OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
}
_QUANTIFIERS = {"any": "all", "all": "any"}
_PROSE = {"violation"}
"""Functions whose arguments are text for people, which no test pins."""


Node = TypeVar("Node", bound=ast.AST)


@dataclass(frozen=True)
class Mutant:
    fault: str
    module: ModuleType


def mutants(module: ModuleType) -> Iterator[Mutant]:
    """Yields the module once for each fault, with that one fault in one of its functions."""
    for place, function in enumerate(_functions(ast.parse(source(module)))):
        for step, node in enumerate(ast.walk(function)):
            for what, mutate in _mutations(node):
                changed = ast.parse(source(module))  # faster than a copy of the tree
                mutate(_nth(ast.walk(_nth(_functions(changed), place)), step))
                line = getattr(node, "lineno", function.lineno) - function.lineno
                yield Mutant(f"{function.name}, line {line}: {what}", load(module, changed))


def load(module: ModuleType, tree: ast.Module | None = None) -> ModuleType:
    """Returns a new copy of the module, from its own source or from a changed tree. The imported module is
    unchanged."""
    loaded = ModuleType(module.__name__)
    code = _compiled(module) if tree is None else compile(ast.fix_missing_locations(tree), str(module.__file__), "exec")
    exec(code, loaded.__dict__)
    return loaded


@cache
def source(module: ModuleType) -> str:
    return Path(str(module.__file__)).read_text(encoding="utf-8")


@cache
def _compiled(module: ModuleType) -> CodeType:
    return compile(source(module), str(module.__file__), "exec")


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def _nth(nodes: Iterator[Node], place: int) -> Node:
    return next(node for step, node in enumerate(nodes) if step == place)


def _mutations(node: ast.AST) -> Iterator[tuple[str, Callable[[Any], None]]]:
    match node:
        case ast.Compare(ops=[op]) if type(op) in _OPPOSITES:
            yield f"{type(op).__name__} inverted", lambda n: setattr(n, "ops", [_OPPOSITES[type(n.ops[0])]()])
        case ast.BoolOp(op=op):
            other = ast.Or if isinstance(op, ast.And) else ast.And
            yield f"{other.__name__} for {type(op).__name__}", lambda n: setattr(n, "op", other())
        case ast.UnaryOp(op=ast.Not()):
            yield "not dropped", _become_truth
        case ast.Call(func=ast.Name(id=name)) if name in _QUANTIFIERS:
            yield f"{_QUANTIFIERS[name]} for {name}", lambda n: setattr(n.func, "id", _QUANTIFIERS[n.func.id])
        case ast.If():
            yield "condition always holds", lambda n: setattr(n, "test", ast.Constant(True))
            yield "condition never holds", lambda n: setattr(n, "test", ast.Constant(False))
        case ast.Return(value=ast.Call(func=ast.Name(id=name))) if name in _PROSE:
            yield "reports no violation", lambda n: setattr(n, "value", ast.Constant(None))


def _become_truth(node: ast.UnaryOp) -> None:
    """Turns ``not x`` into ``not not x``, because a node cannot replace itself by its child."""
    node.operand = ast.UnaryOp(op=ast.Not(), operand=node.operand)
