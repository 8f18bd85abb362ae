"""The only rooms of this package with SQL."""
