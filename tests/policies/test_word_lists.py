"""Every word of a rule or guardrail was reviewed, and dropping one is noticed."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator

import pytest

from policies.rule_list import RULES
from tests.policies.token_cases import token_cases
from tests.policies.word_lists import FAMILIES, ROOT, of_code, reviewed, words_of
from tests.support.every_stack import example_deployment

RULE = {rule.id: rule for rule in RULES}


@pytest.mark.parametrize("family", FAMILIES)
def test_the_words_of_the_code_are_the_reviewed_ones(family):
    assert of_code(family) == reviewed(family), "review the change, then run python -m tests.policies.word_lists"


def test_every_word_decides_about_its_case():
    cases = token_cases()
    wrong = [f"{case.rule}, {case.words}: {case.token}" for case in cases if not case.is_as_expected(RULE[case.rule])]
    assert wrong == []


def test_the_guardrails_of_an_organization_contain_every_reviewed_action_and_key():
    recorded = example_deployment()["organization"].all("aws:organizations/policy:Policy")
    policies = [json.loads(policy.inputs["content"]) for policy in recorded]
    written = {text for policy in policies for text in texts_of(policy)}
    lists = [words for module in reviewed("guardrails").values() for words in module.values()]
    expected = {word for words in lists for word in words if re.fullmatch(r"[a-z0-9-]+:[A-Za-z*]+", word)}
    assert len(expected) > 300
    assert expected - written == {"aws:SourceIp"}  # the example has no corporate networks


def texts_of(node: object) -> Iterator[str]:
    """Yields every key and every text of a document."""
    if isinstance(node, str):
        yield node
    for child in [*node, *node.values()] if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from texts_of(child)


def test_dropping_any_word_changes_the_lists():
    """Compares counts, since dropping each word and reading the module again takes too long."""
    for path, source in sources():
        dropped = Counter(listed[number].value for listed, number in droppable(ast.parse(source)))
        listed_words = Counter(word for words in words_of(source).values() for word in words)
        assert dropped - listed_words == Counter(), path


def sources() -> Iterator[tuple[str, str]]:
    for folder in FAMILIES.values():
        for module in sorted((ROOT / folder).rglob("*.py")):
            yield str(module.relative_to(ROOT)), module.read_text(encoding="utf-8")


def droppable(tree: ast.Module) -> Iterator[tuple[list[ast.expr], int]]:
    """Yields each text of a list, set or tuple as its list of nodes and its number. Sources of rules are prose."""
    prose = {
        id(node)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg == "sources"
        for node in ast.walk(keyword)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.List | ast.Set | ast.Tuple) and id(node) not in prose:
            for number, element in enumerate(node.elts):
                if isinstance(element, ast.Constant) and isinstance(element.value, str):
                    yield node.elts, number
