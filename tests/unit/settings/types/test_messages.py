"""Tests that values suggested by messages are valid, and that values shown in messages are readable."""

from collections.abc import Iterator

import pytest
import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from settings.data.dataset import Dataset
from settings.data.feature_group import FeatureGroup
from settings.files.validation_errors import _as_yaml
from settings.organization.organization import Organization
from settings.team.team import EnvironmentSettings, Team
from settings.types.emails import email
from settings.types.error_codes import Code
from settings.types.errors import REPEATED_FAULTS, Fault, SettingsError
from settings.types.grammar import dataset_name, organization_name, team_name, use_case_name
from settings.types.redaction import redacted, shown, shown_path


def examples() -> Iterator[tuple[str, type[BaseModel], str, object]]:
    """Every example of a required or optional field, which a message suggests if the field is missing."""
    seen: set[type[BaseModel]] = set()
    pending: list[type[BaseModel]] = [Organization, Team, EnvironmentSettings, Dataset, FeatureGroup]
    for model in pending:
        for name, field in model.model_fields.items():
            pending += [each for each in _models(field.annotation) if each not in seen]
            seen.update(_models(field.annotation))
            for example in field.examples or ():
                yield f"{model.__name__}.{name}", model, name, example


def _models(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in getattr(annotation, "__args__", ()) for model in _models(argument)]


EXAMPLES = list(examples())


@pytest.mark.parametrize(
    ("model", "name", "example"), [each[1:] for each in EXAMPLES], ids=[each[0] for each in EXAMPLES]
)
def test_the_suggested_line_of_a_missing_field_is_valid_when_it_is_copied(model, name, example):
    written = yaml.safe_load(f"{name}: {_as_yaml(example)}")[name]
    assert (type(written), written) == (type(example), example)
    with pytest.raises(ValidationError) as error:
        model.model_validate({name: written, "no such field": 1})
    assert [each for each in error.value.errors() if each["loc"][:1] == (name,)] == []


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("4711", '"4711"'),
        ("yes", '"yes"'),
        ("2026-01-31", '"2026-01-31"'),
        ("eu-west-1", "eu-west-1"),
        (["a"], '["a"]'),
    ],
)
def test_a_suggested_text_that_yaml_reads_as_something_else_is_quoted(value, written):
    assert _as_yaml(value) == written


@pytest.mark.parametrize("check", [team_name, use_case_name, organization_name, dataset_name])
@pytest.mark.parametrize(
    "name",
    ["Audit", "AWS", "fraud-experimentation-of-everything", "Queries", "Features", "audit-data", "x", "Yes!", "", "9"],
)
def test_a_suggested_name_is_valid(check, name):
    try:
        check(name)
    except PydanticCustomError as refusal:
        _, found, suggestion = str((refusal.context or {})["fix"]).partition("try ")
        if found:
            assert check(suggestion) == suggestion


@pytest.mark.parametrize(
    ("name", "says", "suggestion"),
    [
        ("Fraud", "contains the upper-case letter F at position 1", "fraud"),
        ("fra_ud", 'contains "_" at position 4', "fra-ud"),
        ("1fraud", "starts with 1", "fraud"),
        ("-fraud", "starts with -", "fraud"),
        ("fraud-", "ends with a hyphen", "fraud"),
        ("fra--ud", "contains two hyphens in a row", "fra-ud"),
        ("fraud-experimentation", "has 21 characters", "fraud"),
    ],
)
def test_a_message_about_a_name_says_which_character_is_wrong(name, says, suggestion):
    with pytest.raises(PydanticCustomError) as refusal:
        team_name(name)
    context = refusal.value.context or {}
    assert says in str(context["rule"])
    assert context["fix"] == f"try {suggestion}"


@pytest.mark.parametrize(
    "text",
    [
        "Zurich (HQ)",
        "cron(0 3 * * ? *)",
        "arn:aws:s3:::lake/*",
        "[1-9]",
        "aws+{account}@acme.example",
        "it's done!",
        "50% x=1",
        "a#1",
        "a > b < c | d; e & f ~ #2 <= 0.80",
    ],
)
def test_a_harmless_value_is_shown_as_it_was_written(text):
    assert shown(text) == f'"{text}"'
    assert shown_path(text) == text


@pytest.mark.parametrize(
    "text",
    ["$(id)", "${jndi:}", "{{7*7}}", "=1+1", "a`b", 'a"b', "a\\b", "<b>", "fr\u0430ud", "a\u202eb"],
)
def test_a_value_that_something_could_interpret_is_escaped(text):
    assert text not in shown(text)
    assert "\\" in shown(text)


@pytest.mark.parametrize(
    "address",
    [
        "name@company.tld",
        "aws@your-company.com",
        "x@domain.com",
        "placeholder@acme.example",
        "a@host.invalid",
        "a@b.test",
    ],
)
def test_a_sample_address_is_refused(address):
    with pytest.raises(PydanticCustomError) as refusal:
        email(address)
    assert refusal.value.type == Code.EMAIL_PLACEHOLDER


@pytest.mark.parametrize("address", ["aws@acme.example", "todorov@acme.example", "test@acme.example", "a@mycompany.io"])
def test_a_real_address_is_not_taken_for_a_sample(address):
    assert email(address) == address


def test_repeated_faults_of_a_file_are_counted_after_the_first_ones():
    def faults(file: str, code: Code, number: int) -> list[Fault]:
        return [Fault(code=code, rule="is wrong", fix="change it", file=file, line=line) for line in range(number)]

    many, few = faults("a.yaml", Code.SLUG, REPEATED_FAULTS + 7), faults("b.yaml", Code.SLUG, REPEATED_FAULTS)
    lines = str(SettingsError([*many, *few, *faults("a.yaml", Code.EMAIL, 1)])).splitlines()
    assert lines[0] == f"{2 * REPEATED_FAULTS + 8} errors in the settings"
    assert "a.yaml: and 7 more of this kind [slug]" in lines
    assert len(lines) == 1 + 2 * REPEATED_FAULTS + 1 + 1


@pytest.mark.threat("T-07")
@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("PUT with AKIAIOSFODNN7EXAMPLE failed", "PUT with (not shown) failed"),
        ("key wJalrXUtnFEMI1K7MDENGbPxRfiCYEXAMPLEKEY0.", "key (not shown)."),
        ("cannot reach postgres://ada:hunter2@db.acme.example/x", "cannot reach (not shown)db.acme.example/x"),
        ("curl -H 'Authorization: Bearer abcdefghijklmnop1234' x", "curl -H 'Authorization: Bearer (not shown)' x"),
        ('{"password": "hunter2", "user": "ada"}', '{"password": "(not shown)", "user": "ada"}'),
        ("AWS_SESSION_TOKEN=IQoJb3JpZ2luX2VjE=", "AWS_SESSION_TOKEN=(not shown)"),
        ("?X-Amz-Signature=aeeed9bb&X-Amz-Date=1", "?X-Amz-Signature=(not shown)&X-Amz-Date=1"),
        ("a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nb", "a\n(not shown)\nb"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE and no end", "(not shown)"),
    ],
)
def test_credentials_in_a_message_are_hidden_and_the_rest_stays(text: str, kept: str) -> None:
    assert redacted(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "ExpiredToken: The security token included in the request is expired",
        "operation error STS: AssumeRole, https response error StatusCode: 403, AccessDenied: not authorized",
        "creating urn:pulumi:fraud::plinth::aws:secretsmanager/secret:Secret::database",
        "secret_arn=arn:aws:secretsmanager:eu-west-1:111111111111:secret:db",
        "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "KeyError: 'x'",
    ],
)
def test_a_message_without_a_credential_stays_as_it_is(text: str) -> None:
    assert redacted(text) == text
