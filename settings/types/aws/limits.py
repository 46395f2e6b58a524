"""Ranges that AWS allows, for settings and for the components that they reach: the lowest and the highest value."""

from __future__ import annotations

BUILD_MINUTES = (5, 2160)
"""Timeout of a build (CodeBuild User Guide, "Quotas")."""
DATABASE_BACKUP_DAYS = (7, 35)
"""Days for which backups are kept. RDS allows fewer, rule RD-02 does not."""
DATABASE_PAUSE_MINUTES = (5, 1440)
"""Minutes without a connection after which a serverless database pauses (an Aurora limit)."""
DATABASE_STORAGE_GIB = (20, 65_536)
"""Storage of a database (an RDS limit for gp3)."""
SPARK_IDLE_MINUTES = (1, 10_080)
"""Minutes without a job after which an application of EMR Serverless stops."""
STUDIO_IDLE_MINUTES = (60, 525_600)
"""Minutes without activity after which an app of Studio stops."""
STUDIO_VOLUME_GIB = (5, 16_384)
"""Size of the volume of a space in Studio."""
