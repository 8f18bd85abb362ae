"""The golden cases of the door's decision, written by hand, and the table made of them."""
