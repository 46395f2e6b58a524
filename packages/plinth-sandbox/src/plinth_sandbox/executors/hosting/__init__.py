"""Runs the containers of one variant of a SageMaker endpoint, and answers its invocations until the endpoint ends."""
