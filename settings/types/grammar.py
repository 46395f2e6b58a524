"""Text formats of names, ids, URLs and tags. Each check raises a refusal that states the limit and a valid value."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from pydantic_core import PydanticCustomError

from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.instance_families import STUDIO_INSTANCE_TYPES, nearest_studio_instance_type
from settings.types.redaction import code_point, shown, shown_character

TEAM_LENGTHS = (3, 12)
"""Limits of a team name. 12 leaves room for environment and purpose in a bucket name of 63 characters (see naming)."""
ORGANIZATION_LENGTHS = (2, 20)
"""Limits of an organization name. 20 leaves room for team and environment in an account name of 50 characters."""

USE_CASE_LENGTHS = (3, 12)
"""Limits of a use-case name. 12 leaves room for team, environment and purpose in a SageMaker name of 63 characters."""
IMAGE_LENGTHS = (2, 40)
TEMPLATE_LENGTHS = (2, 40)
"""Limits of the name of a container image."""
QUERIES = "queries"
"""Folder of an ML bucket for query results. No use case has this name (see ml_layout)."""
PUSHED = "pushed"
"""Folder of an ML bucket for data that ETL jobs push into it. No use case has this name (see ml_layout)."""
RESERVATION_LENGTHS = (2, 30)
PIPELINE_LENGTHS = (2, 40)
INTAKE_LENGTHS = (3, 20)
"""Limits of an intake name. 20 leaves room for team, environment and purpose in an EventBridge rule name of 64
characters.
"""

NAMESPACE_LENGTHS = (2, 40)
WORKSPACE_LENGTHS = (2, 63)
_WORKSPACE_WORDS = frozenset({"ajax-api", "api", "default", "static-files", "workspaces"})
"""Names of workspaces that MLflow keeps for itself (MLflow 3.17, WorkspaceNameValidator)."""
"""Limits of a namespace's name. Kubernetes allows 63 characters; 40 leaves room for prefixes of generated names."""

SHARED_NAMESPACES = frozenset({"default", "kube-node-lease", "kube-public", "kube-system"})
"""Namespaces that every cluster has (Kubernetes documentation, "Namespaces", "Initial namespaces")."""
_KUBERNETES_PREFIX = "kube-"
"""Prefix that Kubernetes reserves for its own namespaces."""
_OWN = "plinth"
"""Name, and with a hyphen prefix, of namespaces of the foundation."""

DATASET_LENGTHS = (3, 30)
"""Limits of a dataset name. 30 leaves room for the team in an access point name of 50 characters (see naming)."""

_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_YAML_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"])

_RESERVED = {
    "by AWS": frozenset({"aws", "amazon", "root"}),
    "by the operating system or Kubernetes": frozenset({"admin", "system", "default", "kube"}),
    "by the foundation, for its own accounts": frozenset(
        {"organization", "audit", "network", "data-lake", "lake", "tooling", "governance", "platform", "shared"}
        | {"audit-replica", "data-catalog", "etl", "features", "identity", "lake-replica"}
        | {"tooling-ci", "tooling-cluster", "tooling-mlflow", "tooling-platform", "tooling-portal", "tooling-runner"}
        | {"security", "log", "logs", "management", "plinth", "suspended", "recycled"}
    ),
    "by the foundation, for environments": frozenset(
        {"experimentation", "development", "preproduction", "production", "exp", "dev", "preprod", "prod"}
    ),
    "by the command line": frozenset({"all", "none"}),
}

RESOURCE_TYPE = r"[a-z][a-z0-9-]*:[A-Za-z0-9_/-]+:[A-Za-z0-9]+"
"""A type token of Pulumi, ``<package>:<module>:<type>``."""
FEWEST_WORDS = 3
"""Fewest words of a reason."""


def slug(text: str, *, what: str, lengths: tuple[int, int], check: Callable[[str], str] | None = None) -> str:
    """Returns ``text`` if it is a slug of an allowed length. Other names are composed from slugs.

    ``check`` is the whole check of this kind of name, so that no refused name is suggested.
    """
    refuse_unusual_characters(text)
    low, high = lengths
    form = f"a {what} is {low}-{high} lower-case letters, digits and single inner hyphens, starting with a letter"
    if low <= len(text) <= high and _SLUG.fullmatch(text):
        return text
    suggestion = nearest_slug(text, what, lengths)
    if check is not None and not _passes(check, suggestion):
        suggestion = f"{suggestion[: high - len(_SUFFIX)].rstrip('-')}{_SUFFIX}"
    deviation = f"has {len(text)} characters"
    if low <= len(text) <= high:
        deviation = f"does not have the form of a {what}: it {_deviation(text)}"
    raise refusal(Code.SLUG, f"{deviation}; {form}", f"try {suggestion}")


_SUFFIX = "-one"
"""Suffix of a suggestion whose name without it is reserved."""


def _passes(check: Callable[[str], str], name: str) -> bool:
    try:
        check(name)
    except PydanticCustomError:
        return False
    return True


def _deviation(text: str) -> str:
    """Returns what keeps a text from being a slug, as a predicate."""
    for position, character in enumerate(text, start=1):
        if character.isupper():
            return f"contains the upper-case letter {character} at position {position}"
        if not (character.isalnum() or character == "-"):
            return f"contains {shown(character)} at position {position}"
    if not text[0].isalpha():
        return f"starts with {text[0]}"
    return "ends with a hyphen" if text.endswith("-") else "contains two hyphens in a row"


def nearest_slug(text: str, what: str, lengths: tuple[int, int]) -> str:
    """Returns a slug that resembles ``text``, or an example if ``text`` has no usable characters."""
    low, high = lengths
    ascii_only = unicodedata.normalize("NFKD", text[:256]).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).lstrip("-0123456789")
    candidate = words[:high].strip("-")
    if len(words) > high and words[high] != "-" and len(whole := candidate.rpartition("-")[0]) >= low:
        candidate = whole
    examples = {"team name": "fraud", "use-case name": "scoring"}
    return candidate if len(candidate) >= low else examples.get(what, "acme")


def team_name(text: str) -> str:
    slug(text, what="team name", lengths=TEAM_LENGTHS, check=team_name)
    for owner, names in _RESERVED.items():
        if text in names or (text.startswith("kube-") and "kube" in names):
            raise refusal(Code.SLUG_RESERVED, f"is reserved {owner}", "choose another, for example fraud")
    last = text.rpartition("-")[2]
    if last in _RESERVED["by the foundation, for environments"]:
        rule = f"ends in {last}, which is the suffix of environment names"
        raise refusal(Code.SLUG_RESERVED, rule, _without_suffix(text))
    if last == "data":
        rule = "ends in data, which is the suffix of the data stacks of teams"
        raise refusal(Code.SLUG_RESERVED, rule, _without_suffix(text))
    if text in _YAML_WORDS:
        raise refusal(Code.SLUG_RESERVED, "is a word that YAML does not read as a string", f"try team-{text}")
    return text


def _without_suffix(team: str) -> str:
    """Returns the remedy for a team name with a reserved suffix."""
    shorter = team.rpartition("-")[0]
    return f"try {shorter}" if _passes(team_name, shorter) else "choose another, for example fraud"


def use_case_name(text: str) -> str:
    slug(text, what="use-case name", lengths=USE_CASE_LENGTHS, check=use_case_name)
    if text in (QUERIES, PUSHED):
        raise refusal(Code.SLUG_RESERVED, "is a folder of every ML bucket", f"try {text}-model")
    if text in _YAML_WORDS:
        raise refusal(Code.SLUG_RESERVED, "is a word that YAML does not read as a string", f"try {text}-model")
    return text


def image_name(text: str) -> str:
    return slug(text, what="container image name", lengths=IMAGE_LENGTHS)


def template_name(text: str) -> str:
    return slug(text, what="name of a template", lengths=TEMPLATE_LENGTHS)


def namespace_name(text: str) -> str:
    """Checks the name of a Kubernetes namespace."""
    slug(text, what="name of a namespace", lengths=NAMESPACE_LENGTHS, check=namespace_name)
    if text in SHARED_NAMESPACES or text.startswith(_KUBERNETES_PREFIX):
        raise refusal(Code.SLUG_RESERVED, "is reserved by Kubernetes", "name it after the tool, for example tracking")
    if text == _OWN or text.startswith(f"{_OWN}-"):
        raise refusal(
            Code.SLUG_RESERVED, "is reserved by the foundation", "name it after the tool, for example tracking"
        )
    if text in _YAML_WORDS:
        raise refusal(Code.SLUG_RESERVED, "is a word that YAML does not read as a string", f"try {text}-tools")
    return text


def workspace_name(text: str) -> str:
    """Checks the name of a workspace of the tracking server."""
    slug(text, what="name of a workspace", lengths=WORKSPACE_LENGTHS, check=workspace_name)
    if text in _WORKSPACE_WORDS:
        raise refusal(Code.SLUG_RESERVED, "is reserved by MLflow", "name it after the team, for example fraud")
    return text


def organization_name(text: str) -> str:
    slug(text, what="organization name", lengths=ORGANIZATION_LENGTHS, check=organization_name)
    if text in _RESERVED["by AWS"]:
        raise refusal(Code.SLUG_RESERVED, "is reserved by AWS", "use the name of your company")
    return text


def reservation_name(text: str) -> str:
    return slug(text, what="name of a reservation", lengths=RESERVATION_LENGTHS)


def intake_name(text: str) -> str:
    return slug(text, what="intake name", lengths=INTAKE_LENGTHS)


def pipeline_name(text: str) -> str:
    return slug(text, what="pipeline name", lengths=PIPELINE_LENGTHS)


def dataset_name(text: str) -> str:
    slug(text, what="dataset name", lengths=DATASET_LENGTHS, check=dataset_name)
    if text == "features":
        raise refusal(Code.SLUG_RESERVED, "is the folder of feature groups", "try feature-data")
    return text


def feature_group_name(text: str) -> str:
    return slug(text, what="feature group name", lengths=DATASET_LENGTHS)


USER_NAME = r"[a-zA-Z0-9](?:[a-zA-Z0-9._@+=-]*[a-zA-Z0-9])?"
"""Form of a user name. A directory allows more (Identity Store API, CreateUser: up to 128 letters, symbols and
punctuation); these are also names of sessions and values of session tags (AWS STS API, AssumeRole)."""
USER_NAME_LENGTHS = (2, 64)
"""Limits of the name of a session (AWS STS API, AssumeRole, RoleSessionName)."""


def user_name(text: str) -> str:
    """Checks the user name of a person in the directory. Names that services allow are derived from it."""
    refuse_unusual_characters(text)
    least, most = USER_NAME_LENGTHS
    if not least <= len(text) <= most or not re.fullmatch(USER_NAME, text):
        raise refusal(
            Code.FORMAT,
            f"is not a user name: {least}-{most} letters, digits and inner . _ @ + = - (AWS STS)",
            "write it as in the directory, such as ana-lopez or ana.lopez@acme.example",
        )
    return text


STUDIO_IMAGE_LENGTHS = (2, 20)
"""Limits of an image name. 20 leaves room for team and environment in a SageMaker name of 63 characters."""


def studio_image_name(text: str) -> str:
    """Checks the name of a Studio image. The image's name in the account is composed from it and the environment."""
    return slug(text, what="image name", lengths=STUDIO_IMAGE_LENGTHS)


def image_repository(text: str) -> str:
    """Checks the name of an ECR repository."""
    refuse_unusual_characters(text)
    if len(text) > 200 or not re.fullmatch(r"[a-z0-9]+([._/-][a-z0-9]+)*", text):
        raise refusal(Code.FORMAT, "is not an ECR repository name: lower-case words", "write it as studio/torch")
    return text


def image_digest(text: str) -> str:
    """Checks the digest of an image, which unlike a tag always refers to the same image."""
    refuse_unusual_characters(text)
    if not re.fullmatch(r"sha256:[0-9a-f]{64}", text):
        raise refusal(
            Code.FORMAT,
            "is not an image digest: sha256: and 64 hexadecimal digits",
            "get it from the registry: aws ecr describe-images --query 'imageDetails[].imageDigest'",
        )
    return text


def image_tag(text: str) -> str:
    """Checks the tag of an image (Amazon ECR API, ImageTag)."""
    refuse_unusual_characters(text)
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", text):
        raise refusal(
            Code.FORMAT,
            "is not the tag of an image: 1 to 128 letters, digits, underscores, dots and hyphens",
            "write only the tag, such as 1.0.0, without the name of the repository",
        )
    return text


def https_url(text: str) -> str:
    """Checks an HTTPS URL without credentials."""
    refuse_unusual_characters(text)
    if len(text) > 256 or not re.fullmatch(r"https://[a-zA-Z0-9.-]+(:[0-9]+)?(/[^\s@'\"$`\\]*)?", text):
        rule = "is not an HTTPS URL: https://, a host, and a path, without credentials"
        raise refusal(Code.FORMAT, rule, "write it as https://packages.acme.example/simple")
    return text


def studio_instance_type(text: str) -> str:
    """Checks a type of SageMaker instances for Studio apps. Whether a region offers the type is not checked here."""
    refuse_unusual_characters(text)
    if not re.fullmatch(r"ml\.[a-z0-9-]{2,12}\.[a-z0-9]{2,12}", text):
        raise refusal(Code.FORMAT, "is not a SageMaker instance type (ml.<family>.<size>)", "write it as ml.t3.medium")
    if text not in STUDIO_INSTANCE_TYPES:
        rule = (
            f"is not one of the {len(STUDIO_INSTANCE_TYPES)} instance types of Studio apps (SageMaker, AppInstanceType)"
        )
        raise refusal(Code.INSTANCE_UNKNOWN, rule, f"use {nearest_studio_instance_type(text)}")
    return text


def notebook_platform(text: str) -> str:
    """Checks the form of a notebook instance platform (SageMaker API, PlatformIdentifier)."""
    refuse_unusual_characters(text)
    if len(text) > 20 or not re.fullmatch(r"notebook-[a-z0-9]+-v[0-9]+", text):
        rule = "is not a platform of notebook instances (notebook-<system>-v<number>)"
        raise refusal(Code.FORMAT, rule, "write it as notebook-al2023-v1")
    return text


def resource_type(text: str) -> str:
    """Checks the form of a Pulumi type token. It has no wildcard."""
    refuse_unusual_characters(text)
    if not re.fullmatch(RESOURCE_TYPE, text):
        raise refusal(
            Code.FORMAT,
            "is not a resource type of Pulumi, without wildcards",
            "write it as aws:lambda/function:Function",
        )
    return text


def reason(text: str) -> str:
    """Checks that a reason is more than a word."""
    if len(text.split()) < FEWEST_WORDS:
        rule = f"has fewer than {FEWEST_WORDS} words; a reason says who needs it and what for"
        raise refusal(Code.NOT_ALLOWED, rule, "write a sentence")
    return text


def refuse_unusual_characters(text: str) -> None:
    """Refuses non-ASCII and control characters, because a look-alike could pass for another name."""
    for position, character in enumerate(text, start=1):
        if character.isascii() and character.isprintable():
            continue
        where = f"contains {code_point(character)} ({_name(character)}) at position {position}"
        if unicodedata.category(character) == "Cc":
            raise refusal(Code.CONTROL_CHARACTER, f"{where}, a control character", "remove it")
        raise refusal(Code.LOOK_ALIKE, f"{where}; names are ASCII only", "type the name again in plain letters")


def _name(character: str) -> str:
    control = {"\n": "line break", "\r": "carriage return", "\t": "tab", "\0": "null", "\x1b": "escape"}
    return control.get(character) or unicodedata.name(character, "unnamed").lower()


def account_id(text: str) -> str:
    digits = sum(character in "0123456789" for character in text)
    if re.fullmatch(r"[0-9]{12}", text):
        return text
    if digits == 12 and re.fullmatch(r"[0-9 -]+", text):
        plain = re.sub(r"\D", "", text)
        raise refusal(Code.ACCOUNT_ID, "has separators; an account id is exactly 12 digits", f'write "{plain}"')
    if re.fullmatch(r"[0-9]+", text):
        raise refusal(
            Code.ACCOUNT_ID, f"has {digits} digits; an account id has exactly 12", "copy it from the account list"
        )
    raise refusal(
        Code.ACCOUNT_ID,
        f"is not an account id, which is exactly 12 digits (this has {digits})",
        "copy it from the account list",
    )


def account_name(text: str) -> str:
    refuse_unusual_characters(text)
    if not 1 <= len(text) <= 50:
        raise refusal(
            Code.ACCOUNT_NAME,
            f"has {len(text)} characters; an account name has 1-50",
            f"shorten it by {max(len(text) - 50, 0)}"
            if text
            else "give a name, or remove the field to use the default",
        )
    if text != text.strip():
        raise refusal(Code.ACCOUNT_NAME, "starts or ends with a space", "remove it")
    return text


_IDENTIFIERS = {
    "an organization id": re.compile(r"o-[a-z0-9]{10,32}"),
    "an organizational unit id": re.compile(r"ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}"),
    "a root id": re.compile(r"r-[0-9a-z]{4,32}"),
    "an account id": re.compile(r"[0-9]{12}"),
}


def organizations_identifier(text: str, *, wanted: str, code: Code) -> str:
    """Returns ``text`` if it is an AWS Organizations id of the wanted type. The refusal names the actual type."""
    pattern = _IDENTIFIERS[wanted]
    if pattern.fullmatch(text):
        return text
    recognised = next((name for name, other in _IDENTIFIERS.items() if other.fullmatch(text)), None)
    found = f"is {recognised}, not {wanted}" if recognised else f"is not {wanted}"
    raise refusal(code, f"{found} ({pattern.pattern})", "copy it from the Organizations console")


_TAG_PUNCTUATION = frozenset(" _.:/=+-@")
_TAG_PREFIXES = {
    "aws:": "AWS",
    "plinth:": "the foundation",
    "platform:": "the foundation",
    "dp:": "the data perimeter, which uses it to mark exceptions",
}


def tag_text(text: str, *, what: str, most: int, code: Code) -> str:
    """Checks the length and the AWS tag alphabet: letters, digits, spaces and ``_ . : / = + - @``."""
    if len(text) > most:
        raise refusal(
            code, f"has {len(text)} characters; a {what} has at most {most}", f"shorten it by {len(text) - most}"
        )
    for position, character in enumerate(text, start=1):
        if not (character.isalnum() or character in _TAG_PUNCTUATION):
            found = f"contains {shown_character(character)} at position {position}"
            raise refusal(code, f"{found}; a {what} is letters, digits, spaces and _.:/=+-@", "remove it")
    return text


def tag_key(text: str) -> str:
    if not text:
        raise refusal(Code.TAG_KEY, "is empty; a tag key has 1-128 characters", "give the tag a name")
    tag_text(text, what="tag key", most=128, code=Code.TAG_KEY)
    for prefix, owner in _TAG_PREFIXES.items():
        if text.lower().startswith(prefix):
            raise refusal(
                Code.TAG_RESERVED, f"starts with {prefix}, which is reserved for {owner}", "use another prefix"
            )
    return text


def tag_value(text: str) -> str:
    return tag_text(text, what="tag value", most=256, code=Code.TAG_VALUE)


def contact_text(most: int) -> Callable[[str], str]:
    """Builds a check for a name or title of a contact, of at most ``most`` characters. Letters of all scripts are
    allowed, as in PutAlternateContact, because contacts name nothing that others compare.
    """

    def check(text: str) -> str:
        for position, character in enumerate(text, start=1):
            if not character.isprintable():
                where = f"contains {code_point(character)} ({_name(character)}) at position {position}"
                raise refusal(Code.CONTROL_CHARACTER, f"{where}, which nobody can read", "remove it")
        if not text.strip() or len(text) > most:
            found = f"has {len(text)} characters" if text.strip() else "is blank"
            rule = f"{found}; 1-{most} characters are allowed (Account Management)"
            raise refusal(Code.CONTACT, rule, "write a name or title that AWS can use in messages")
        return text

    return check


def phone_number(text: str) -> str:
    if not re.fullmatch(r"[0-9()+ -]{1,25}", text):
        rule = "is not a phone number: 1-25 digits, spaces and ( ) + - (Account Management)"
        raise refusal(Code.CONTACT, rule, 'write it as "+44 20 7946 0000"')
    return text


def domain_name(text: str) -> str:
    """Checks a host name, or with a leading dot all hosts under it, in the form of Network Firewall domain lists."""
    label = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
    if len(text) > 253 or not re.fullmatch(rf"\.?{label}(\.{label})+", text):
        rule = "is not a domain: lower-case labels separated by dots, with a leading dot for all hosts under it"
        raise refusal(Code.DOMAIN, rule, "write it as pypi.org, or .pythonhosted.org")
    return text


def cost_centre(text: str) -> str:
    if not text.strip():
        raise refusal(
            Code.COST_CENTRE, "is empty; a cost centre has 1-64 characters", "ask your finance department for it"
        )
    return tag_text(text, what="cost centre", most=64, code=Code.COST_CENTRE)


def role_arn(text: str) -> str:
    if not re.fullmatch(r"arn:aws:iam::[0-9]{12}:role/[\w+=,.@/-]{1,512}", text, re.ASCII):
        rule = "is not the ARN of a role: arn:aws:iam::<12 digits>:role/<path and name>"
        raise refusal(Code.ROLE_ARN, rule, "copy it from `aws iam get-role`")
    return text
