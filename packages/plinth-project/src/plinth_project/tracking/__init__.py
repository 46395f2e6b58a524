"""The client's side of the tracking server: how MLflow shows it the IAM role of a job or a person."""
