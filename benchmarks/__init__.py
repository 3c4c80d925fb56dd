"""What takes how long, measured; nothing of the site needs it."""
