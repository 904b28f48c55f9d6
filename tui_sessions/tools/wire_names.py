"""Names of tools as endpoints take them: 1 to 64 letters, digits, `-` and `_`."""

from __future__ import annotations

import re
from collections.abc import Container

LONGEST = 64
_ODD = re.compile(r"[^A-Za-z0-9_-]")


def wire_name(name: str, taken: Container[str] = ()) -> str:
    """The name for the wire; `server/tool` becomes `server__tool`.

    One that has to lose something, or that is taken, gets a mark made of the whole name.
    """
    safe = name.replace("/", "__")
    if safe and len(safe) <= LONGEST and not _ODD.search(safe) and safe not in taken:
        return safe
    import hashlib  # here, as the app does without OpenSSL's digests until one is needed

    mark = hashlib.sha256(name.encode(errors="replace")).hexdigest()[:8]
    return f"{_ODD.sub('_', safe)[: LONGEST - 9]}_{mark}"
