"""Commands about what the delivery of a use case does: builds, runs, models and promotions."""
