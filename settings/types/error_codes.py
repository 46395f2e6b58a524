"""The codes of everything that can be wrong with the settings. docs/reference/faults.md is generated from them."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """A code never changes its meaning: scripts and tickets refer to it."""

    meaning: str

    def __new__(cls, code: str, meaning: str) -> Code:
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    # Files
    FILE_MISSING = "file-missing", "A file or directory that the project needs is not there, or cannot be read."
    FILE_NAME = (
        "file-name",
        "A file of the stack directory has a name that no stack has, so the engine would ignore it.",
    )
    FILE_SIZE = "file-size", "A settings file holds at most 1 MiB and 10,000 values."
    FILE_EMPTY = (
        "file-empty",
        "A settings file holds at least `config: {}`; an empty file is a mistake or a cut-off copy.",
    )
    ENCODING = "encoding", "Settings files are UTF-8 without a byte order mark."
    CONTROL_CHARACTER = (
        "control-character",
        "Control characters, tabs that indent and invisible characters are refused.",
    )

    # YAML
    YAML_SYNTAX = "yaml-syntax", "The file is not valid YAML."
    YAML_ALIAS = "yaml-alias", "Anchors, aliases and merge keys are refused: they can expand without bound."
    YAML_TAG = "yaml-tag", "Tags (`!…`) are refused: settings are plain strings, numbers, booleans, lists and mappings."
    YAML_DOCUMENTS = "yaml-documents", "A settings file holds one document."
    YAML_DEPTH = "yaml-depth", "Settings are nested at most 32 levels deep."
    YAML_KEY = "yaml-key", "A key is a plain string."
    YAML_WORD = (
        "yaml-word",
        "A word that YAML reads as a boolean, number, date or nothing stands where a string belongs.",
    )
    DUPLICATE_KEY = "duplicate-key", "A key occurs once in its mapping; YAML would silently keep one of two."

    # Shape
    FIELD_UNKNOWN = "field-unknown", "The field does not exist."
    FIELD_MISSING = "field-missing", "A field without a default is not given."
    FIELD_MISPLACED = "field-misplaced", "The field exists, but in another file."
    WRONG_TYPE = "wrong-type", "The value has another type than the field."
    NOT_ALLOWED = "not-allowed", "The value is not one of those allowed."
    OUT_OF_RANGE = "out-of-range", "The number lies outside its range."
    SECRET_IN_PLAIN_TEXT = "secret-in-plain-text", "Something that looks like a credential stands in a settings file."

    # Values
    ACCOUNT_ID = "account-id", "An account id is a quoted string of exactly 12 digits."
    ACCOUNT_NAME = "account-name", "An account name is 1-50 printable ASCII characters (Organizations, CreateAccount)."
    EMAIL = "email", "An account's e-mail address is 6-64 ASCII characters in the form CreateAccount accepts."
    EMAIL_PATTERN = "email-pattern", "The e-mail pattern holds `{account}` once, before the @."
    EMAIL_PLACEHOLDER = "email-placeholder", "A sample address was left in."
    ROLE_ARN = "role-arn", "A role is named by its ARN, `arn:aws:iam::<account>:role/<path and name>`."
    ORGANIZATION_ID = "organization-id", "An organization id is `o-` and 10-32 lower-case letters or digits."
    ORGANIZATIONAL_UNIT_ID = "organizational-unit-id", "An organizational unit id is `ou-<root>-<unit>`."
    SLUG = "slug", "A name is a slug: lower-case ASCII letters, digits and single inner hyphens, within its length."
    SLUG_RESERVED = "slug-reserved", "The name is taken by AWS, Kubernetes or the foundation."
    LOOK_ALIKE = "look-alike", "The name holds characters that look like others or cannot be seen."
    REGION_UNKNOWN = "region-unknown", "No such AWS region."
    REGION_PARTITION = "region-partition", "The region is in another AWS partition, which an organization cannot span."
    REGION_OPT_IN = "region-opt-in", "The region is off until it is enabled for the organization."
    REGION_NOT_ALLOWED = "region-not-allowed", "The region is not in the organization's allow-list."
    REGION_FEATURE = "region-feature", "The region does not offer what the foundation needs there."
    CIDR = "cidr", "An address range is written as `a.b.c.d/n`, IPv4, with no host bits set."
    CIDR_NOT_PRIVATE = "cidr-not-private", "Networks use the private ranges of RFC 1918."
    CIDR_SIZE = "cidr-size", "The range is too large or too small for what it holds."
    TAG_KEY = "tag-key", "A tag key is 1-128 characters of AWS's tag alphabet."
    TAG_VALUE = "tag-value", "A tag value is 0-256 characters of AWS's tag alphabet."
    TAG_RESERVED = "tag-reserved", "The prefix of the tag key belongs to somebody else."
    TAG_TWIN = "tag-twin", "Two tag keys differ only in case."
    TAG_COUNT = "tag-count", "AWS takes 50 tags on a resource, and the foundation sets some of them."
    CONTACT = "contact", "A contact has a name of 1-64, a title of 1-50 and a phone number of 1-25 characters."
    DOMAIN = "domain", "A domain is lower-case labels with dots between; a leading dot stands for all hosts under it."
    COLUMN = "column", "A column has a plain lower-case name and a type of Hive; rows are left out by one condition."
    SCRIPT = "script", "A script is named by its path inside the repository, and ends in `.py`."
    FOLDER = "folder", "A folder of a bucket is lower-case letters, digits, _ and -, with slashes between."
    SCHEDULE = "schedule", "A schedule is `cron(…)` with six fields, or `rate(…)` of five minutes or more."
    COST_CENTRE = "cost-centre", "A cost centre is a quoted string of 1-64 characters of AWS's tag alphabet."

    LAYOUT = "layout", "A part of a key does not fit the layout of ML buckets."

    # Across fields and files
    NAME_TOO_LONG = "name-too-long", "A name composed from several fields passes the limit of the AWS service."
    NAME_FORM = "name-form", "A composed name does not have the form that the AWS service asks for."
    ACCOUNT_REPEATED = "account-repeated", "One account id stands in two places."
    EMAIL_REPEATED = (
        "email-repeated",
        "AWS takes one e-mail address for one account, closed ones included; case does not count.",
    )
    ACCOUNT_NAME_REPEATED = "account-name-repeated", "Two accounts have the same name."
    NAME_REPEATED = "name-repeated", "A name stands twice in a list."
    ACCOUNT_UNUSED = "account-unused", "Settings are given for an account that the placement and phase do not make."
    ADDRESSES_OVERLAP = "addresses-overlap", "Two address ranges overlap."
    ADDRESSES_OUTSIDE = "addresses-outside", "The range lies outside the organization's supernet."
    ADDRESSES_EXHAUSTED = "addresses-exhausted", "No free block of that size is left in the supernet."
    PLACEMENT = "placement", "A kind is placed in an account that cannot hold it."
    TEAM_UNKNOWN = "team-unknown", "An environment's file has no team's file beside it."
    STACK_UNKNOWN = "stack-unknown", "No stack has this name."
    NOT_IN_PHASE = "not-in-phase", "The organization's phase does not have this environment yet."
    DATASET_COLUMNS = (
        "dataset-columns",
        "A table has columns and a folder of objects has none; variants name its columns.",
    )
    DATASET_TEAM = "dataset-team", "A dataset is shared with a team that there is not."
    RESULTS = (
        "results",
        "Jobs of production stages return results, and a unit makes a dataset of the zone results of them.",
    )
    PUSH = "push", "A dataset with a script is pushed to production stages that it is shared with, and that read it."
    FEATURES = "features", "A group of features has what Feature Store asks for: names, keys, a store, limits."
    RAW_DATA = "raw-data", "Experiments read what is anonymised or approved, and nothing that names persons."
    ETL_UNIT = "etl-unit", "A unit that makes a dataset does something, and something starts it."
    INTAKE = "intake", "An intake copies what the environment may read of a table, and something starts it."
    DATA_API = "data-api", "A data API serves tables that the environment reads, from an account of the team's own."
    GLUE_STEP = "glue-step", "A step that Glue does is asked for by pipelines of a use case, and reads what is shared."
    INTERNET_ACCESS = "internet-access", "Only experimentation may reach the internet."
    STUDIO_MISPLACED = "studio-misplaced", "Studio is for people, who work in experimentation and development only."
    RETENTION = "retention", "What is said about how long builds stay contradicts itself, or is about another class."
    USE_CASE_COUNT = "use-case-count", "A team has more use cases than the rules and the policy of a bucket can tell."
    STUDIO_FULL = "studio-full", "A stack of Studio users holds as many as it can."
    STUDIO_IMAGES = "studio-images", "Studio has more images than its stack can hold."
    VOLUME_LIMITS = "volume-limits", "A volume begins larger than it may become."
    IMMUTABLE = "immutable", "The field must not change after the first deployment."
