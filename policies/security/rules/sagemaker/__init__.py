"""Rules about SageMaker: Studio, notebooks, jobs, models, the registry, endpoints and feature groups."""
