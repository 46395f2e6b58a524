"""Why a version was trained, as its lineage in the registry says."""

from __future__ import annotations

import re

TRIGGER, MONITORING_REPORT = "Trigger", "MonitoringReport"
"""Parameters of a pipeline: why a run started, and the report of monitoring that is the reason."""
PUSH, NO_REPORT = "push", "none"
"""Their values in the run of a push."""
_MOST_CHARACTERS = 256


def metadata(text: str) -> str:
    """Returns a text as values of metadata of a version may be: at most 256 letters, digits, spaces and
    ``_ . : / = + - @`` (SageMaker API, CreateModelPackage, CustomerMetadataProperties, read 2026-11-22)."""
    return re.sub(r"[^\w .:/=+@-]", "-", text)[:_MOST_CHARACTERS]
