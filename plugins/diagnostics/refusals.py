"""What the system refuses, in an author's words."""


def reason(error: OSError) -> str:
    """Return why the system refused, such as `permission denied`."""
    return (error.strerror or str(error)).lower()
