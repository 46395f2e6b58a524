"""The library of use cases, ``packages/plinth-project``: its wheel, its place in the locks of the templates, and its
publication to the package repository of the organization."""
