"""HTTP in, a template out."""
