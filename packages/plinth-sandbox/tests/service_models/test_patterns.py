"""Patterns of the service models, which are Java's, match in Python what they match in AWS."""

import pytest

from plinth_sandbox.service_models.patterns import matcher


@pytest.mark.parametrize(
    ("pattern", "accepted", "refused"),
    [
        (r"[\w+=,.@-]+", "a+b=c", "a b"),
        (r"[\w+=,.@-]+", "role", "rôle"),
        (r"[a-z]+", "a", "a\n"),
        (r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$", "plinth:Übung 2", "a#b"),
        (r"\p{Alpha}+", "abc", "é"),
        (r"[^\p{C}]+", "a b", "a\x00b"),
        (r"\P{C}*", "résumé", "\x07"),
        ("[\\u0020-\\uD7FF\\uE000-\\uFFFD\\uD800\\uDC00-\\uDBFF\\uDFFF\\r\\n\\t]*", "a\t\U0001f600", "\x01"),
        (r"[\w-_]*", "a-b_c", "a b"),
        (r"\A[a-z]+\z", "a", "A"),
        (r"[\x{41}]", "A", "B"),
        (r"^arn:aws:amplify:.*", "arn:aws:amplify:x", "arn:aws:s3:x"),
        (r"^arn:aws:amplify", "arn:aws:amplify:x", "x:arn:aws:amplify"),
    ],
)
def test_a_java_pattern_matches_the_same_values(pattern: str, accepted: str, refused: str) -> None:
    matches = matcher(pattern)
    assert matches is not None
    assert matches(accepted)
    assert not matches(refused)


@pytest.mark.parametrize("pattern", [r"[\p{Print}&&[^|:/]]+", r"[a-z&&[^b]]", "(a)${1,128}", r"\p{Klingon}"])
def test_a_pattern_that_python_cannot_express_is_not_checked(pattern: str) -> None:
    assert matcher(pattern) is None
