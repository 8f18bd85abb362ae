"""The rules; nothing but the standard library and the signing library."""
