"""The pages. A module reads what a page shows, calls what an action does, and renders a template."""
