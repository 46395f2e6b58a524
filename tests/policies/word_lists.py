"""Reviewed word lists of rules and guardrails: every string that a list, set or mapping of their code contains.

A string that is dropped from such a list often makes a rule laxer, and no other test would notice. The files in
``words`` are the reviewed lists, by module and by name of the constant, function or rule. A test compares them with the
code, and token cases take their tokens from here, so that a case does not vanish together with its token.

After a change of a list, run ``python -m tests.policies.word_lists`` and review the difference against the source that
the code cites.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent / "words"
FAMILIES = {
    "evaluation": "policies/evaluation",
    "inputs": "policies/security/inputs",
    **{
        family: f"policies/security/rules/{family}"
        for family in ("audit", "data", "delivery", "identity", "network", "organization", "sagemaker", "storage")
    },
    "kubernetes": "policies/kubernetes",
    "guardrails": "components/organization/guardrails",
}
"""Folder of the code, by name of the file with its reviewed lists."""
PROSE = {"sources", "title", "remedy", "fix"}
"""Arguments that are text for people."""

WordLists = dict[str, dict[str, list[str]]]
"""Sorted words, by module and by name of the constant, function or rule that contains them."""


def of_code(family: str) -> WordLists:
    """Returns the word lists of the code."""
    modules = sorted((ROOT / FAMILIES[family]).rglob("*.py"))
    found = {module.stem: words_of(module.read_text(encoding="utf-8")) for module in modules}
    return {module: lists for module, lists in found.items() if lists}


@cache
def reviewed(family: str) -> WordLists:
    """Returns the reviewed word lists."""
    return dict(yaml.safe_load((FOLDER / f"{family}.yaml").read_text(encoding="utf-8")))


def words_of(source: str) -> dict[str, list[str]]:
    """Returns the sorted words of each top-level constant, function and class, and of each rule."""
    found: dict[str, list[str]] = {}
    for name, node in _scopes(ast.parse(source)):
        if words := sorted(_words(node)):
            found.setdefault(name, []).extend(words)
    return found


def _scopes(module: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    for node in module.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="RULES")], value=ast.Tuple(elts=rules)):
                yield from ((_id_of(rule), rule) for rule in rules)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value
            case ast.Assign(targets=[ast.Tuple() as names], value=value):
                yield ast.unparse(names), value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.AST() as value):
                yield name, value
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, node


def _id_of(rule: ast.AST) -> str:
    keywords = rule.keywords if isinstance(rule, ast.Call) else []
    return next(ast.literal_eval(keyword.value) for keyword in keywords if keyword.arg == "id")


def _words(node: ast.AST, listed: bool = False) -> Iterator[str]:
    """Yields the strings in lists, sets and tuples, the pairs of mappings, and the positional arguments of calls."""
    match node:
        case ast.Constant(value=str() as word) if listed:
            yield word
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(value, ast.Constant):
                    yield f"{key.value} = {value.value}"
                else:
                    yield from _words(key, True) if key else ()
                    yield from _words(value, True)
        case ast.keyword(arg=name) if name in PROSE:
            return
        case ast.Call(func=ast.Name(id="violation")):
            return
        case _:
            inside = isinstance(node, ast.List | ast.Set | ast.Tuple | ast.Call | ast.Starred)
            for child in ast.iter_child_nodes(node):
                yield from _words(child, inside)


def write() -> None:
    for family in FAMILIES:
        text = yaml.safe_dump(of_code(family), sort_keys=True, allow_unicode=True, width=118)
        (FOLDER / f"{family}.yaml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
