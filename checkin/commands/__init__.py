"""What a person can have done at the command line, one module a matter."""
