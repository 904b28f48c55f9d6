"""SHA-256 for the few short texts that every start names files by."""

from __future__ import annotations

import sys

# `hashlib` brings OpenSSL's along, which takes longer to load than these texts ever take.
try:
    if sys.version_info >= (3, 12):
        from _sha2 import sha256  # type: ignore[import-not-found]
    else:
        from _sha256 import sha256  # type: ignore[import-not-found]
except ImportError:  # a Python built without its own digests
    from hashlib import sha256


def hex_digest(text: str) -> str:
    """The digest of a text in hexadecimal digits."""
    digits: str = sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
    return digits
