"""What people do, one desk a module."""
