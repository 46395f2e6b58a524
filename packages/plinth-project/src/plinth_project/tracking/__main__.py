"""``python -m plinth_project.tracking SERVER`` prints a token for the variable ``MLFLOW_TRACKING_TOKEN``."""

from __future__ import annotations

import sys

from plinth_project.tracking.tokens import client_token, own_session

if __name__ == "__main__":
    sys.stdout.write(client_token(own_session(), sys.argv[1]) + "\n")
