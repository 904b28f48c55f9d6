"""Sending, stopping, and what the keys of the composer ask for."""

from __future__ import annotations

import asyncio
import contextlib
from time import monotonic
from weakref import ref

from textual import on, work
from textual.app import SuspendNotSupported
from textual.command import CommandPalette

from tui_sessions.errors import SessionBusy, SessionsError
from tui_sessions.tui.screens.main.base import OpenChat, sentence_of
from tui_sessions.tui.screens.main.ground import Ground
from tui_sessions.tui.screens.main.turns import begin_turn
from tui_sessions.tui.widgets.composer import Composer

_TWICE_S = 1.0
"""Seconds within which a second escape belongs to the first."""
_WAITS = "The message waits: the disk is slow, or another program holds the session."
_LAST_S = 3.0
"""Seconds that the end waits for a message that is being sent."""


class Sending(Ground):
    """What goes from the composer to an agent."""

    _left_empty_at = 0.0
    """When escape left an empty composer, by the clock of `monotonic`."""
    _in_editor = False
    """The terminal is the person's own editor's for now."""

    @on(Composer.Submitted)
    def send(self, event: Composer.Submitted) -> None:
        """Send what was typed; what cannot be sent comes back into the composer."""
        self.drafting.keep()
        self._send(self.current if self.arrived.is_set() else None, event.text)

    @work(group="send")
    async def _send(self, opened: OpenChat | None, text: str) -> None:
        if opened is None:
            await self.arrived.wait()
            opened = self.current
        try:
            await self.beginnings.ensure_session(opened)
            session_id = opened.session_id
            if session_id is None:
                return
            if opened.reading is not None:
                await asyncio.wait({opened.reading})
            if self.current is opened:
                self.transcript.action_last_message()
            with self.explaining(_WAITS):
                await begin_turn(self.manager.send(session_id, text, chat_id=opened.chat_id))
            self.add_prompt(text)
        except (SessionsError, OSError) as error:
            self._give_back(opened, text)
            if isinstance(error, SessionsError):
                self.told = ref(error)
            self.say(f"Not sent: {sentence_of(error)}", severe=True)
            if isinstance(error, SessionBusy) and error.elsewhere:
                self.reload()

    def _give_back(self, opened: OpenChat, text: str) -> None:
        """Put what could not be sent before what has been typed since."""
        if self.current.key == opened.key:
            self.composer.give_back(text)
        else:
            typed = self.drafting.text_of(opened)
            self.drafting.put(opened, f"{text}\n{typed}" if typed else text)

    @on(Composer.EscapePressed)
    async def escape(self, event: Composer.EscapePressed) -> None:
        """Stop a running reply, else go to the transcript."""
        if await self.turns.stop():
            self.composer.forget_escape()
        else:
            self._left_empty_at = monotonic() if event.empty else 0.0
            self.transcript.focus()

    @on(Composer.InterruptPressed)
    async def interrupt(self) -> None:
        """Stop a running reply, else say how to quit."""
        if not await self.turns.stop():
            self.say("ctrl+q quits.")

    @on(Composer.CommandsRequested)
    def open_commands(self) -> None:
        """Show the command palette; the slash stays typed unless a command is chosen."""
        self.app.action_command_palette()

    @on(CommandPalette.Closed)
    def forget_slash(self, event: CommandPalette.Closed) -> None:
        """Take the slash away that asked for the palette."""
        if event.option_selected:
            self.composer.take_back_slash()

    @on(Composer.HistorySearchRequested)
    @work
    async def search_history(self) -> None:
        """Pick one of the earlier prompts."""
        from tui_sessions.tui.screens.choice import Choice, ChoiceOption

        prompts = self.prompts()
        options = [ChoiceOption(str(i), text, "") for i, text in reversed([*enumerate(prompts)])]
        chosen = await self.app.push_screen_wait(Choice("Earlier prompts", options))
        if chosen is not None:
            self.composer.recall(prompts[int(chosen)])
        self.composer.focus()

    def action_search_prompts(self) -> None:
        """Pick one of the earlier prompts."""
        self.search_history()

    def action_open_editor(self) -> None:
        """Go on writing in the person's own editor."""
        self.open_editor()

    @on(Composer.EditorRequested)
    @work
    async def open_editor(self) -> None:
        """Go on writing in the person's own editor."""
        from tui_sessions.tui.terminal.outside_editor import edit_outside, editor_command

        if self._in_editor:  # a key that was typed too often
            return
        opened, self._in_editor = self.current, True
        try:
            text = (await edit_outside(self.app, self.composer.draft)).rstrip("\n")
        except (OSError, ValueError, SuspendNotSupported) as error:
            self.say(f"The editor {editor_command()!r} could not be used: {error}", severe=True)
            return
        finally:
            self._in_editor = False
        if self.current.key == opened.key:
            self.composer.draft = text
            self.drafting.keep()
        else:
            self.drafting.put(opened, text)

    @on(Composer.Changed)
    def note_draft(self) -> None:
        """Keep what is typed."""
        self.drafting.keep()

    async def action_leave_transcript(self) -> None:
        """Stop a running reply, else go to the composer; at once after it: edit the last prompt."""
        left, self._left_empty_at = self._left_empty_at, 0.0
        if self.screen.get_selected_text():
            self.screen.clear_selection()
        elif await self.turns.stop():
            return
        elif monotonic() - left < _TWICE_S:
            self.post_message(Composer.EditLastRequested())
        else:
            self.composer.focus()

    async def finish_writing(self) -> None:
        """Send what is on its way and write what is typed to the disk, at the end."""
        sending = [w.wait() for w in self.workers if w.group == "send" and not w.is_finished]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*sending, return_exceptions=True), _LAST_S)
        await self.drafting.keep_last()
        await asyncio.to_thread(self.drafts.save)
        await asyncio.to_thread(self.unread.save)
        await self.remember_tree()

    async def action_stop(self) -> None:
        """Stop the reply of the open chat."""
        if await self.turns.stop():
            return
        if self.answered_elsewhere:
            self._stop_elsewhere()
        else:
            self.say("No reply is running here.")

    @work(exclusive=True, group="stop")
    async def _stop_elsewhere(self) -> None:
        """Have another window stop its reply; it may take its time."""
        session_id, chat_id = self.current.session_id, self.current.chat_id
        if session_id is None:
            return
        try:
            await self.manager.stop(session_id, chat_id)
        except SessionBusy:
            self.say("The other window does not answer: stop the reply there.", severe=True)
        self.reload()
