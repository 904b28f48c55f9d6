"""A document as text, on its way into a store."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tui_sessions.model.document import SessionDocument
from tui_sessions.stores.encoding import (
    Piece,
    Text,
    TextOfMessages,
    encode_members,
    member_pieces,
)


class EncodedDocument(msgspec.Struct, frozen=True):
    """A document as it was at one moment, whatever its owner does with it afterwards."""

    id: str
    workspace_id: str
    revision: int
    read_only: bool
    members: dict[str, Text]

    @classmethod
    def of(
        cls, document: SessionDocument, messages: TextOfMessages | None = None
    ) -> EncodedDocument:
        """The present text of a document; that of its messages may be made otherwise."""
        members = encode_members(document.data, messages)
        identity = document.id, document.workspace_id
        return cls(*identity, document.revision, document.read_only, members)

    def text(self, workspace_id: str, revision: int) -> Iterator[Piece]:
        """The text for a workspace in pieces, holding the changes up to a revision."""
        members = {**self.members, "workspace_id": (b'"%s"' % workspace_id.encode(),)}
        if revision or "revision" in members:
            members["revision"] = (b"%d" % revision,)
        return member_pieces(members)
