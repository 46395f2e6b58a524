"""AWS Lambda: functions are processes that stay warm between invocations."""
