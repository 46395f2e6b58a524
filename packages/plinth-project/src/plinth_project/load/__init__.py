"""The load test of a service: requests at a rate, and what CloudWatch measured of them."""
