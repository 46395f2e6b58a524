"""Creates use cases: generates their repositories from a template, deploys their stacks, and pushes first commits."""
