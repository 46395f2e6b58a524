"""Variables of the builds of use cases, and the tasks that start without a push."""

from __future__ import annotations

BRANCH = "BRANCH"
"""Environment variable of a build with the name of the branch."""
TASK = "TASK"
"""Environment variable of a build with the task that it performs instead of checking and deploying the commit. Tasks
are commands of the repository."""
CLEAN_UP = "clean-up"
"""Removes unused feature branches."""
RETRAIN = "retrain"
"""Trains the served model again, within the limits of the settings."""
TRAIN = "train"
"""Trains the model of ``main`` because a person asked for it."""
REPEAT = "repeat"
"""Repeats the training of an earlier build, and compares the results."""
TASKS_OF_PEOPLE = (REPEAT, TRAIN)
REASON, REPORT, SERVED_VERSION = "REASON", "REPORT", "SERVED_VERSION"
"""Environment variables of a build that trains: why it started, the URI of the report of monitoring, and the ARN of the
version that was served."""
REPEATED = "REPEATED_BUILD"
"""Environment variable of a build with the id of the build that it repeats."""
