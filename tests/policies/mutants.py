"""Small faults planted in a rule's code, one at a time: tests that pass with one of them prove nothing."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, TypeVar

_TWINS: dict[type[ast.cmpop], type[ast.cmpop]] = {
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
_PROSE = {"refuse"}
"""Calls whose text is for people: a reader judges it, not a test."""


Node = TypeVar("Node", bound=ast.AST)


@dataclass(frozen=True)
class Mutant:
    fault: str
    module: ModuleType


def mutants(module: ModuleType) -> Iterator[Mutant]:
    """The module over and over, each time with one fault in one of its functions."""
    for place, function in enumerate(_functions(ast.parse(source(module)))):
        for step, node in enumerate(ast.walk(function)):
            for what, mutate in _mutations(node):
                changed = ast.parse(source(module))  # faster than a copy of the tree
                mutate(_nth(ast.walk(_nth(_functions(changed), place)), step))
                line = getattr(node, "lineno", function.lineno) - function.lineno
                yield Mutant(f"{function.name}, line {line}: {what}", load(module, changed))


def load(module: ModuleType, tree: ast.Module | None = None) -> ModuleType:
    """The module anew, from its own source or from a changed one; the imported one stays as it is."""
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
        case ast.Compare(ops=[op]) if type(op) in _TWINS:
            yield f"{type(op).__name__} inverted", lambda n: setattr(n, "ops", [_TWINS[type(n.ops[0])]()])
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
            yield "refuses nothing", lambda n: setattr(n, "value", ast.Constant(None))


def _become_truth(node: ast.UnaryOp) -> None:
    """Turns ``not x`` into ``not not x``, as a node cannot be replaced by its child from within."""
    node.operand = ast.UnaryOp(op=ast.Not(), operand=node.operand)
