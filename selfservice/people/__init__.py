"""Actions of people in their own name: the platform team requests and decides, and lead data scientists request use
cases. Command line and portal offer them."""
