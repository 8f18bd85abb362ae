"""The office: who is invited, and how they hear of it."""
