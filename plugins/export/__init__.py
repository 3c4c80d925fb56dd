"""A post's page as files to take away: a script, a notebook, and the source."""
