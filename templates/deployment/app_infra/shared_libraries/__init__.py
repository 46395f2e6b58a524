"""Libraries of batch jobs, of tests and of the command line (``project``). Lambda functions do not use them."""
