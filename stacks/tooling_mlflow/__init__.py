"""The stack ``tooling-mlflow``: the MLflow tracking server in the Kubernetes cluster, its database and its bucket."""
