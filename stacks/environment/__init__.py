"""The stack of a team's environment: network, key, bucket and roles. Studio and intakes have stacks of their own."""
