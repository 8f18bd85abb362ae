"""The door: its book, the live screen, and the application shell."""
