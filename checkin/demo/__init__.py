"""A whole press conference on this machine: office, letters, guests, a door and a board."""
