"""Why a version was trained, as its lineage in the registry says."""

from __future__ import annotations

TRIGGER, MONITORING_REPORT = "Trigger", "MonitoringReport"
"""Parameters of a pipeline: why a run started, and the report of monitoring that is the reason."""
PUSH, NO_REPORT = "push", "none"
"""Their values in the run of a push."""
