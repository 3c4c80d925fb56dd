"""The content security policy of pages: what a template needs to write one."""

import base64
import hashlib


def sha256(text: str) -> str:
    """Return the digest by which a policy allows the inline sheet or script *text* (CSP 3)."""
    return base64.b64encode(hashlib.sha256(str(text).encode()).digest()).decode()
