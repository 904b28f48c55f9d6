"""Sessions of AI conversations as a library: create, fork, search and continue them.

```python
import asyncio
from tui_sessions import open_sessions

async def main():
    async with open_sessions("memory:") as manager:
        session = await manager.create_session(label="Parser")
        async for event in manager.send(session.id, "Hello"):
            print(event.name)

asyncio.run(main())
```
"""

from tui_sessions.engine.forks import Lineage
from tui_sessions.engine.importing import ImportReport, ImportStep
from tui_sessions.engine.session_manager import SessionManager
from tui_sessions.engine.templates import Templates
from tui_sessions.errors import (
    ChatNotFound,
    CorruptSession,
    FileNotKept,
    InvalidId,
    InvalidValue,
    MessageNotFound,
    ProviderError,
    ReadOnlySession,
    SessionBusy,
    SessionExists,
    SessionLimitError,
    SessionNotFound,
    SessionsError,
    SessionStateError,
    SettingsError,
    StoreError,
    TemplateNotFound,
    ToolError,
    TransferError,
    UnknownProvider,
    WorkspaceNotFound,
)
from tui_sessions.model.agent import AgentConfig, AgentTemplate
from tui_sessions.model.children import ChildStatus, ChildTask
from tui_sessions.model.context import ContextUse
from tui_sessions.model.document import SessionDocument
from tui_sessions.model.events import (
    ChatSwitched,
    ChildCreated,
    Created,
    Deleted,
    Disposed,
    Event,
    Forked,
    LifecycleError,
    Loaded,
    Renamed,
    ReplyDelta,
    ReplyDone,
    ReplyEvent,
    ReplyFailed,
    ReplyStarted,
    ReplyStep,
    ReplyStopped,
    ReplyWaiting,
    Saved,
    StateChanged,
    ToolAsked,
    ToolDone,
    ToolStarted,
)
from tui_sessions.model.identifiers import check_id
from tui_sessions.model.lifecycle import SessionState
from tui_sessions.model.message import (
    FilePart,
    ImagePart,
    Message,
    OpaquePart,
    Part,
    Signature,
    SummaryPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
)
from tui_sessions.model.search import IndexProgress, SearchHit, SearchResults, Snippet
from tui_sessions.model.session import Chat, Origin, ParentLink, Session, Workspace
from tui_sessions.model.statistics import ChatStats, SessionStats, SystemStats, UserReport
from tui_sessions.model.tally import Tally, UsageReport
from tui_sessions.model.tool import ToolSpec
from tui_sessions.model.usage import Usage
from tui_sessions.providers.base import (
    Finished,
    Provider,
    ReplyPart,
    ReplyRequest,
    SizedProvider,
    TextDelta,
    ThinkingDelta,
    ToolCall,
    UsageSoFar,
)
from tui_sessions.providers.detection import Detected
from tui_sessions.providers.offers import Offer
from tui_sessions.providers.offline import OfflineProvider
from tui_sessions.providers.registry import ProviderRegistry
from tui_sessions.providers.scripted import ScriptedProvider
from tui_sessions.settings import (
    CheckpointSettings,
    Limits,
    McpSettings,
    ProviderSettings,
    RetrySettings,
    Settings,
    SweepSettings,
    Timeouts,
    ToolSettings,
)
from tui_sessions.stores.base import Appended, Problem, Stamp, Store, Stored, Trashed
from tui_sessions.stores.memory import MemoryStore
from tui_sessions.stores.registry import create_store, register_store
from tui_sessions.tools.base import Tool, ToolOutcome
from tui_sessions.tools.registry import ToolRegistry
from tui_sessions.wiring import (
    create_session,
    fork_session,
    open_sessions,
    resume_session,
    set_default_store,
)

__version__ = "0.1.0"

__all__ = [
    "AgentConfig",
    "AgentTemplate",
    "Appended",
    "Chat",
    "ChatNotFound",
    "ChatStats",
    "ChatSwitched",
    "CheckpointSettings",
    "ChildCreated",
    "ChildStatus",
    "ChildTask",
    "ContextUse",
    "CorruptSession",
    "Created",
    "Deleted",
    "Detected",
    "Disposed",
    "Event",
    "FileNotKept",
    "FilePart",
    "Finished",
    "Forked",
    "ImagePart",
    "ImportReport",
    "ImportStep",
    "IndexProgress",
    "InvalidId",
    "InvalidValue",
    "LifecycleError",
    "Limits",
    "Lineage",
    "Loaded",
    "McpSettings",
    "MemoryStore",
    "Message",
    "MessageNotFound",
    "Offer",
    "OfflineProvider",
    "OpaquePart",
    "Origin",
    "ParentLink",
    "Part",
    "Problem",
    "Provider",
    "ProviderError",
    "ProviderRegistry",
    "ProviderSettings",
    "ReadOnlySession",
    "Renamed",
    "ReplyDelta",
    "ReplyDone",
    "ReplyEvent",
    "ReplyFailed",
    "ReplyPart",
    "ReplyRequest",
    "ReplyStarted",
    "ReplyStep",
    "ReplyStopped",
    "ReplyWaiting",
    "RetrySettings",
    "Saved",
    "ScriptedProvider",
    "SearchHit",
    "SearchResults",
    "Session",
    "SessionBusy",
    "SessionDocument",
    "SessionExists",
    "SessionLimitError",
    "SessionManager",
    "SessionNotFound",
    "SessionState",
    "SessionStateError",
    "SessionStats",
    "SessionsError",
    "Settings",
    "SettingsError",
    "Signature",
    "SizedProvider",
    "Snippet",
    "Stamp",
    "StateChanged",
    "Store",
    "StoreError",
    "Stored",
    "SummaryPart",
    "SweepSettings",
    "SystemStats",
    "Tally",
    "TemplateNotFound",
    "Templates",
    "TextDelta",
    "TextPart",
    "ThinkingDelta",
    "ThinkingPart",
    "Timeouts",
    "Tool",
    "ToolAsked",
    "ToolCall",
    "ToolCallPart",
    "ToolDone",
    "ToolError",
    "ToolOutcome",
    "ToolRegistry",
    "ToolResultPart",
    "ToolSettings",
    "ToolSpec",
    "ToolStarted",
    "TransferError",
    "Trashed",
    "UnknownProvider",
    "Usage",
    "UsageReport",
    "UsageSoFar",
    "UserReport",
    "Workspace",
    "WorkspaceNotFound",
    "check_id",
    "create_session",
    "create_store",
    "fork_session",
    "open_sessions",
    "register_store",
    "resume_session",
    "set_default_store",
]
