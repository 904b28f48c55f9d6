"""One request to a model, and its reply in our parts."""

from __future__ import annotations

import asyncio
import contextlib
import warnings
from collections.abc import AsyncGenerator, Awaitable
from typing import TypeVar

from pydantic_ai import UnexpectedModelBehavior
from pydantic_ai.direct import model_request_stream
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models import ModelRequestParameters, StreamedResponse
from pydantic_ai.tools import ToolDefinition

from tui_sessions.errors import ProviderError
from tui_sessions.model.tool import ToolSpec
from tui_sessions.providers.base import (
    Finished,
    ReplyPart,
    ReplyRequest,
    UsageSoFar,
)
from tui_sessions.providers.endpoint import Endpoint
from tui_sessions.providers.keys import Key
from tui_sessions.providers.library.connections import http_timeout
from tui_sessions.providers.library.conversation import Conversation, Thinker, has_earlier_pictures
from tui_sessions.providers.library.failures import filtered, provider_error, stalled
from tui_sessions.providers.library.model_call import ModelCall
from tui_sessions.providers.library.model_settings import model_settings
from tui_sessions.providers.library.pictures import are_never_taken, are_refused
from tui_sessions.providers.library.reply_events import ReplyEvents
from tui_sessions.providers.library.usage import UsageWatch, reported_usage

_BREATH_S = 0.001
"""Seconds of reading without a pause; the screen is drawn in between."""
_STOOD_STILL_S = 1.0
"""Seconds that a timer may be late; a process that was stopped, or held up by its terminal, is."""
_FEW = 500
"""Messages that are put into the library's form without anybody noticing."""
_LIBRARIES = r"(pydantic|pydantic_ai|openai|anthropic|genai_prices|httpx2)(\.|$)"

Got = TypeVar("Got")


class Reply:
    """Asks once; the connection is closed when reading ends, however it ends.

    A model that refuses pictures which the question has nothing to do with is asked again without.
    """

    def __init__(
        self,
        call: ModelCall,
        endpoint: Endpoint,
        key: Key | None,
        request: ReplyRequest,
        blind: set[str],
    ) -> None:
        """Make ready to ask.

        Args:
            call: the model.
            endpoint: where it is.
            key: what it asks for, if anything.
            request: what it is asked.
            blind: the endpoint's models that are known to refuse pictures; one may be added.
        """
        self._call = call
        self._endpoint = endpoint
        self._key = key
        self._request = request
        self._blind = blind
        model = call.model
        self._sees = model.model_name not in blind
        self._thinker = Thinker(endpoint.name, model.model_name, model.system, call.thinking_field)
        self._begun = False
        self._end = 0.0
        self._timer: asyncio.TimerHandle | None = None

    async def parts(self) -> AsyncGenerator[ReplyPart]:
        """The reply as it comes.

        Raises:
            ProviderError: it did not come, or not to its end.
        """
        try:
            async with contextlib.aclosing(self._asked()) as parts:
                async for part in parts:
                    yield part
        except ProviderError as error:
            if not self._refuses_pictures(error):
                raise
            is_blind = are_never_taken(str(error))
        else:
            return
        self._sees = False
        async with contextlib.aclosing(self._asked()) as parts:
            async for part in parts:
                # Only now it is sure that the pictures were the trouble.
                if is_blind:
                    self._blind.add(self._call.model.model_name)
                yield part

    def _refuses_pictures(self, error: ProviderError) -> bool:
        """Whether the same request may be taken without the pictures in it."""
        if self._begun or not self._sees:
            return False
        refused = error.kind in ("bad_request", "not_found", "unavailable")
        return refused and are_refused(str(error)) and has_earlier_pictures(self._request)

    async def _asked(self) -> AsyncGenerator[ReplyPart]:
        try:
            async with contextlib.aclosing(self._parts()) as parts:
                async for part in parts:
                    self._begun = self._begun or not isinstance(part, UsageSoFar)
                    yield part
        except ProviderError:
            raise
        except Exception as failure:
            model = self._call.model.model_name
            raise provider_error(
                failure, self._endpoint, model, self._key, begun=self._begun
            ) from None

    async def _parts(self) -> AsyncGenerator[ReplyPart]:
        patience = self._endpoint.timeouts.first_reply_s
        clock = asyncio.get_running_loop().time
        rested = clock()
        self._end = rested + self._endpoint.timeouts.whole_reply_s
        messages = await self._conversation()
        async with contextlib.AsyncExitStack() as stack:
            stream = await self._within(patience, stack.enter_async_context(self._open(messages)))
            events, read, usage = aiter(stream), ReplyEvents(self._thinker), UsageWatch()
            while (event := await self._within(patience, anext(events, None))) is not None:
                for part in read.parts(event):
                    patience = self._endpoint.timeouts.stall_s
                    yield part
                if read.calling:  # nothing of it is a part before it is whole
                    self._begun, patience = True, self._endpoint.timeouts.stall_s
                for used in usage.parts(stream.usage):
                    yield used
                # What is there already is read without waiting: let others have a turn.
                if clock() - rested > _BREATH_S:
                    await asyncio.sleep(0)
                    rested = clock()
            for part in read.rest(stream.finish_reason):
                yield part
        yield self._finished(stream)

    async def _within(self, patience: float, waiting: Awaitable[Got]) -> Got:
        """What the endpoint gives, waited for neither too long now nor beyond the whole time."""
        loop = asyncio.get_running_loop()
        limit = loop.time() + patience
        try:
            async with asyncio.timeout(None) as silence:
                due = min(self._end, limit)
                self._timer = loop.call_at(due, self._give_up, silence, due)
                return await waiting
        except TimeoutError:
            overdue = self._end < limit
            raise stalled(self._endpoint, patience, begun=self._begun, overdue=overdue) from None
        finally:
            if self._timer is not None:
                self._timer.cancel()

    def _give_up(self, silence: asyncio.Timeout, due: float) -> None:
        """End the wait, unless it was us who stood still: what came meanwhile is read first."""
        loop = asyncio.get_running_loop()
        if loop.time() - due > _STOOD_STILL_S:
            self._timer = loop.call_later(_STOOD_STILL_S, silence.reschedule, due)
        else:
            silence.reschedule(due)

    async def _conversation(self) -> list[ModelMessage]:
        conversation = Conversation(self._request, self._thinker, sees=self._sees)
        if len(self._request.messages) <= _FEW:
            return conversation.messages()
        return await asyncio.to_thread(conversation.messages)

    def _open(
        self, messages: list[ModelMessage]
    ) -> contextlib.AbstractAsyncContextManager[StreamedResponse]:
        # Its warnings (of a model that is to be retired, say) would be written over the screen.
        warnings.filterwarnings("ignore", module=_LIBRARIES)
        request, endpoint = self._request, self._endpoint
        settings = model_settings(request.agent.parameters, http_timeout(endpoint))
        settings.update(self._call.settings)  # type: ignore[typeddict-item]
        return model_request_stream(
            self._call.model,
            messages,
            model_settings=settings,
            model_request_parameters=ModelRequestParameters(
                function_tools=[_definition(tool) for tool in request.tools]
            ),
        )

    def _finished(self, stream: StreamedResponse) -> Finished:
        """The end, where it is one: a stream without a reason to end was cut off."""
        if stream.finish_reason is None:
            raise UnexpectedModelBehavior("the stream ended without a finish reason")
        if stream.finish_reason == "content_filter":
            said = (stream.provider_details or {}).get("refusal")
            raise filtered(self._endpoint, self._key, said)
        if stream.finish_reason == "error":
            raise UnexpectedModelBehavior("the model ended with an error of its own")
        return Finished(
            usage=reported_usage(stream.usage, stream.model_name, self._endpoint.base_url),
            model=self._key.hidden(stream.model_name) if self._key else stream.model_name,
            finish_reason=stream.finish_reason,
        )


def _definition(tool: ToolSpec) -> ToolDefinition:
    schema = tool.parameters or {"type": "object", "properties": {}}
    return ToolDefinition(
        name=tool.name, description=tool.description, parameters_json_schema=schema
    )
