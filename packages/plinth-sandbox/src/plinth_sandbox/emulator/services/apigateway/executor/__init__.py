"""Amazon API Gateway: REST APIs answer HTTP requests."""
