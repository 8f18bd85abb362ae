"""The only rooms that leave the building: mail and text messages."""
