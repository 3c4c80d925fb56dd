"""Posts that do not exist yet."""
