"""How we talk to a platform: GET only, one key, one rate, bounded in size and time."""
