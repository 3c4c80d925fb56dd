"""A build that replaces the site only when all is well."""
