"""What people of the platform team do in their own name: request and decide. Command line and portal offer it."""
