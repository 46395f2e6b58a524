"""What people do in their own name: the platform team requests and decides, and lead data scientists request use cases.
Command line and portal offer it."""
