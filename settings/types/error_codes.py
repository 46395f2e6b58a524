"""The codes of settings errors. docs/reference/faults.md is generated from them."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """A stable error code. Its meaning never changes, because scripts and tickets refer to it."""

    meaning: str

    def __new__(cls, code: str, meaning: str) -> Code:
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    # Files
    FILE_MISSING = "file-missing", "A file or directory that the project needs is missing or cannot be read."
    FILE_NAME = (
        "file-name",
        "A file in the stack directory has a name that Pulumi does not read as a stack file.",
    )
    FILE_SIZE = "file-size", "A settings file contains at most 1 MiB and 10,000 values."
    FILE_EMPTY = (
        "file-empty",
        "A settings file contains at least `config: {}`; an empty file is a mistake or a truncated copy.",
    )
    ENCODING = "encoding", "Settings files are UTF-8 without a byte order mark."
    CONTROL_CHARACTER = (
        "control-character",
        "Control characters, tabs as indentation and invisible characters are not allowed.",
    )

    # YAML
    YAML_SYNTAX = "yaml-syntax", "The file is not valid YAML."
    YAML_ALIAS = "yaml-alias", "Anchors, aliases and merge keys are not allowed: they can expand without limit."
    YAML_TAG = "yaml-tag", "Tags (`!…`) are not allowed: settings are strings, numbers, booleans, lists and mappings."
    YAML_DOCUMENTS = "yaml-documents", "A settings file contains one YAML document."
    YAML_DEPTH = "yaml-depth", "Settings are nested at most 32 levels deep."
    YAML_KEY = "yaml-key", "A key is a plain string."
    YAML_WORD = (
        "yaml-word",
        "A string is expected, but YAML reads the unquoted text as a boolean, number, date or null.",
    )
    DUPLICATE_KEY = "duplicate-key", "A key occurs once in its mapping; YAML would silently keep one of two values."

    # Shape
    FIELD_UNKNOWN = "field-unknown", "The field does not exist."
    FIELD_MISSING = "field-missing", "A required field is missing or empty."
    FIELD_MISPLACED = "field-misplaced", "The field belongs in another file."
    WRONG_TYPE = "wrong-type", "The value does not have the type of the field."
    NOT_ALLOWED = "not-allowed", "The value is not one of the allowed values."
    OUT_OF_RANGE = "out-of-range", "The number is outside its range."
    SECRET_IN_PLAIN_TEXT = "secret-in-plain-text", "A settings file contains text that looks like a credential."

    # Values
    ACCOUNT_ID = "account-id", "An account id is a quoted string of exactly 12 digits."
    ACCOUNT_NAME = "account-name", "An account name is 1-50 printable ASCII characters (Organizations, CreateAccount)."
    EMAIL = "email", "An account's e-mail address is 6-64 ASCII characters in the form CreateAccount accepts."
    EMAIL_PATTERN = "email-pattern", "The e-mail pattern contains `{account}` once, before the @."
    EMAIL_PLACEHOLDER = "email-placeholder", "The address is a sample address."
    ROLE_ARN = "role-arn", "A role is given by its ARN, `arn:aws:iam::<account>:role/<path and name>`."
    ORGANIZATION_ID = "organization-id", "An organization id is `o-` and 10-32 lower-case letters or digits."
    ORGANIZATIONAL_UNIT_ID = "organizational-unit-id", "An organizational unit id is `ou-<root>-<unit>`."
    SLUG = "slug", "A name is a slug: lower-case ASCII letters, digits and single inner hyphens, within its length."
    FORMAT = "format", "The value does not have the form that AWS, Pulumi or a registry defines for it."
    SLUG_RESERVED = "slug-reserved", "The name is reserved by AWS, Kubernetes or the foundation."
    LOOK_ALIKE = "look-alike", "The name contains non-ASCII characters, which can look like others or be invisible."
    INSTANCE_UNKNOWN = "instance-unknown", "Studio apps do not run on instances of the type."
    TEMPLATE_VERSION = "template-version", "The version of a template can change its content."
    REGION_UNKNOWN = "region-unknown", "The AWS region does not exist."
    REGION_PARTITION = "region-partition", "The region is in another AWS partition. An organization has one partition."
    REGION_OPT_IN = "region-opt-in", "The region is disabled at AWS until it is enabled for the organization."
    REGION_NOT_ALLOWED = "region-not-allowed", "The region is not one of the organization's allowed regions."
    REGION_FEATURE = "region-feature", "The region lacks a service that the foundation needs."
    CIDR = "cidr", "An address range is written as `a.b.c.d/n`, IPv4, with no host bits set."
    CIDR_NOT_PRIVATE = "cidr-not-private", "Networks use the private ranges of RFC 1918."
    CIDR_SIZE = "cidr-size", "The range is too large or too small for its networks."
    TAG_KEY = "tag-key", "A tag key is 1-128 characters of AWS's tag alphabet."
    TAG_VALUE = "tag-value", "A tag value is 0-256 characters of AWS's tag alphabet."
    TAG_RESERVED = "tag-reserved", "The prefix of the tag key is reserved."
    TAG_TWIN = "tag-twin", "Two tag keys differ only in case."
    TAG_COUNT = "tag-count", "AWS allows 50 tags on a resource, and the foundation reserves some of them."
    CONTACT = "contact", "A contact has a name of 1-64, a title of 1-50 and a phone number of 1-25 characters."
    DOMAIN = "domain", "A domain is lower-case labels separated by dots; a leading dot includes all hosts under it."
    COLUMN = "column", "A column has a lower-case name and a Hive type; a row filter is one condition."
    SCRIPT = "script", "A script is given by its path inside the repository, and ends in `.py`."
    FOLDER = "folder", "A folder of a bucket is lower-case letters, digits, _ and -, separated by slashes."
    SCHEDULE = (
        "schedule",
        "A schedule is `cron(…)` with six fields, or for intakes `rate(…)`, and starts every five minutes at most.",
    )
    COST_CENTRE = "cost-centre", "A cost centre is a quoted string of 1-64 characters of AWS's tag alphabet."

    LAYOUT = "layout", "A part of an object key does not fit the layout of ML buckets."

    # Across fields and files
    NAME_TOO_LONG = "name-too-long", "A name composed from several fields exceeds the limit of the AWS service."
    NAME_FORM = "name-form", "A composed name does not have the form that the AWS service requires."
    ACCOUNT_REPEATED = "account-repeated", "Two accounts have the same account id."
    EMAIL_REPEATED = (
        "email-repeated",
        "AWS accepts an e-mail address for one account only, closed accounts included. Case is ignored.",
    )
    ACCOUNT_NAME_REPEATED = "account-name-repeated", "Two accounts have the same name."
    NAME_REPEATED = "name-repeated", "A name occurs twice."
    ACCOUNT_UNUSED = (
        "account-unused",
        "The settings describe an account that does not exist in this placement and phase.",
    )
    ADDRESSES_OVERLAP = "addresses-overlap", "Two address ranges overlap."
    ADDRESSES_OUTSIDE = "addresses-outside", "The range is outside the organization's supernet."
    ADDRESSES_EXHAUSTED = "addresses-exhausted", "No free block of that size is left in the supernet."
    PLACEMENT = "placement", "A kind is placed in an account that does not exist."
    TRACKING_SERVER = (
        "tracking-server",
        "A network reaches a tracking server with a load balancer, clients, and a name whose owner AWS has verified.",
    )
    CLUSTER = "cluster", "The Kubernetes cluster is in an account to which the guardrails apply."
    PORTAL = "portal", "The portal in the cluster needs IAM Identity Center and a runner of requests."
    CI_TEAM = "ci-team", "The runners in the cluster are for a team that does not exist."
    RUNNER = "runner", "The runner of requests is in an account to which the guardrails apply."
    TEAM_UNKNOWN = "team-unknown", "An environment's file exists without its team's file."
    STACK_UNKNOWN = "stack-unknown", "The name is not a valid stack name."
    NOT_IN_PHASE = "not-in-phase", "The setting needs a later phase of the organization."
    DATASET_COLUMNS = (
        "dataset-columns",
        "A table has columns and an object dataset has none. An anonymised variant lists columns of its table.",
    )
    DATASET_TEAM = "dataset-team", "A dataset or feature group refers to a team that does not exist."
    RESULTS = (
        "results",
        "Environments other than experimentation return results, and an ETL unit loads them into the zone `results`.",
    )
    PUSH = "push", "A dataset with a script is pushed only to environments that it is shared with and that read it."
    FEATURES = (
        "features",
        "A feature group does not meet the requirements of Feature Store: names, keys, stores, limits.",
    )
    RAW_DATA = "raw-data", "Experimentation reads only anonymised or approved data, and never personal data."
    ETL_UNIT = "etl-unit", "An ETL unit has sources, a script or crawler, and a trigger."
    INTAKE = "intake", "An intake copies data of a table that the environment may read, and has a trigger."
    DATA_API = "data-api", "A data API serves tables that the environment reads, from an account of the team."
    DELIVERY = "delivery", "The images of a use case's delivery have different names, and are at most ten."
    IMAGE_WAIVER = "image-waiver", "A finding in the images of a use case has one waiver."
    SOURCE = (
        "source",
        "A source provider other than CodeCommit has a namespace and a connection in the home region, and every use "
        "case has repositories of its own.",
    )
    MINIMUM_GATE = "minimum-gate", "A minimum gate names a metric, and limits it in one direction."
    RETRAINING = (
        "retraining",
        "A retraining has a trigger, and starts by drift only where a use case has a monitored endpoint in production.",
    )
    GLUE_STEP = "glue-step", "A Glue step belongs to a use case of the team, and reads datasets shared with it."
    INTERNET_ACCESS = "internet-access", "Only experimentation may have internet access."
    STUDIO_MISPLACED = "studio-misplaced", "Studio is available only in environments where people work interactively."
    PERSONA_CONFLICT = "persona-conflict", "A person of a team writes code or approves it, and does not do both."
    RETENTION = (
        "retention",
        "Retention periods contradict each other, or apply to a class that the environment does not have.",
    )
    USE_CASE_COUNT = "use-case-count", "A team has more use cases than the limits of a bucket allow."
    USE_CASE_NAME = (
        "use-case-name",
        "The name of a use case puts its resources within reach of roles of another use case or of feature branches.",
    )
    STUDIO_FULL = "studio-full", "A Studio stack has more users than it can hold."
    STUDIO_IMAGES = "studio-images", "Studio has more images than its stack can hold."
    VOLUME_LIMITS = "volume-limits", "The initial size of a volume exceeds its maximum size."
    IMMUTABLE = "immutable", "The field cannot change after the first deployment."
