"""Serving of registered models: SageMaker models, endpoints with gradual deployment, and private APIs of predictions.

Roles of models, functions and releases are in `components.identity.use_cases`, alarms in `components.monitoring`.
"""
