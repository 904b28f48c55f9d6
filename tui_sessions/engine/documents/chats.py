"""The chats of a document: which one is meant, and what was said in it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from tui_sessions.engine.documents.open_documents import OpenDocuments
from tui_sessions.engine.long_chats import FEW, of_many
from tui_sessions.errors import ChatNotFound
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.message import Message


def chosen_chat(document: SessionDocument, chat_id: str | None) -> str:
    """The id of the chat that is meant: the one named, else the active one.

    Raises:
        ChatNotFound: the session has no such chat.
    """
    chosen = document.head.active_chat_id if chat_id is None else chat_id
    if chosen is None or document.chat_data(chosen) is None:
        raise ChatNotFound(document.id, chosen or "")
    return chosen


def check_chat_there(document: SessionDocument, chat_id: str) -> None:
    """Refuse a chat that the session does not have; here None does not mean the active one.

    Raises:
        ChatNotFound: the session has no such chat.
    """
    if document.chat_data(chat_id) is None:
        raise ChatNotFound(document.id, str(chat_id))


def messages_of(document: SessionDocument, chat_id: str) -> Sequence[Message]:
    """What was said in a chat, oldest first.

    Raises:
        ChatNotFound: the session has no such chat.
    """
    if document.chat_data(chat_id) is None:
        raise ChatNotFound(document.id, chat_id)
    return document.messages(chat_id)


async def decoded(
    documents: OpenDocuments, document: SessionDocument, chat_id: str
) -> list[Message]:
    """The messages of a chat; those of a long one are decoded in a thread.

    Whoever calls this does not hold the session.
    """
    chat = document.chat_data(chat_id)
    if chat is not None and len(chat["messages"]) > FEW and not document.is_decoded(chat_id):
        async with documents.edit(document.id) as document:
            if (chat := document.chat_data(chat_id)) is not None:
                await of_many(len(chat["messages"]), partial(document.messages, chat_id))
    return [*messages_of(document, chat_id)]
