"""Which permissions a call needs: its action on its resources, and the roles and keys that it uses."""
