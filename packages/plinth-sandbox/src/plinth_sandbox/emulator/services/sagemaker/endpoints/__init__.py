"""SageMaker endpoints: the processes of their variants, their updates, and their invocations."""
