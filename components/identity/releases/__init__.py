"""Roles and permissions of promotions, and of what releases deploy. Roles of development belong in ``use_cases``."""
