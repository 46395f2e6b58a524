"""Decisions of people about versions and promotions: who proposed, who approved, and whether it counts. What is
deployed is not here."""
