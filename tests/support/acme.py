"""The fields of an organization that have no default, with values of the example."""

ORGANIZATION = {
    "name": "acme",
    "email": "aws+{account}@acme.example",
    "owner": "platform@acme.example",
    "cost_centre": "1000",
    "home_region": "eu-west-1",
    "monthly_budget_usd": 8000,
    "contacts": {
        "security": {
            "name": "Security operations",
            "title": "On call",
            "email": "security@acme.example",
            "phone": "+44 20 7946 0000",
        }
    },
}
