"""The station at the door: it sees a phone, judges the pass, writes it down, shows a light."""
