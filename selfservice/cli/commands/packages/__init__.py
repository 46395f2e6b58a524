"""``plinth packages``: the library of the use cases as a package."""
