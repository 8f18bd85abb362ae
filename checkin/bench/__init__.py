"""The bench: how fast this house is on this machine, beside what the machine itself can do."""
