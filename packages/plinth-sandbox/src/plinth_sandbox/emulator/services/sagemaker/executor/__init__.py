"""SageMaker jobs and pipeline executions. Jobs run as processes; executions only wait for them."""
