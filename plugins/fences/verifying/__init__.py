"""Execute again what is frozen, and hold the two against each other: `invoke verify`."""
