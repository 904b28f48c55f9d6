"""A text area for text from outside: what it draws never moves the terminal's cursor."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from unicodedata import category

from rich.text import Text
from textual import events
from textual.document._document import Document, EditResult, Location
from textual.document._document_navigator import DocumentNavigator
from textual.expand_tabs import expand_text_tabs_from_widths
from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import TextArea

from tui_sessions.model.visible import visible_typing
from tui_sessions.tui.widgets.row_of_line import RowOfLine
from tui_sessions.tui.widgets.wrapped_text import WrappedText

_REMOVED = re.compile("[\x00\x1b]")
_BRACKET_REACH = 20_000
"""So many characters away the partner of a bracket is looked for."""
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


def clean_text(text: str) -> str:
    """Text as it may be edited: no NUL or ESC, and newlines as the only line ends."""
    return _LINE_ENDS.sub("\n", _REMOVED.sub("", text))


class _JoinedOnce(Document):
    """A text that is put together from its lines once, and anew after an edit.

    The text area asks for it with each row that it draws.
    """

    _whole: str | None = None

    @property
    def text(self) -> str:
        """All lines."""
        if self._whole is None:
            self._whole = super().text
        return self._whole

    def replace_range(self, start: Location, end: Location, text: str) -> EditResult:
        """Replace what stands between two places."""
        self._whole = None
        return super().replace_range(start, end, text)


class PlainTextArea(TextArea):
    """A text area that draws control characters as pictures and takes any paste.

    A key costs as much as what it changes on the screen, however long the text or one line of it.
    """

    wrapped_document: WrappedText

    _dressed: tuple[object, ...] | None = None
    """What the looks of its parts were last made of."""

    def __init__(
        self,
        text: str = "",
        *,
        placeholder: str = "",
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - the name that all widgets use
        classes: str | None = None,
    ) -> None:
        super().__init__(
            clean_text(text),
            tab_behavior="indent",
            highlight_cursor_line=False,
            placeholder=placeholder,
            name=name,
            id=id,
            classes=classes,
        )

    def get_line(self, line_index: int) -> Text:
        """A line as it is drawn."""
        return Text(visible_typing(self.document.get_line(line_index)), end="", no_wrap=True)

    def notify_style_update(self) -> None:
        """Have the looks of all parts found out anew."""
        self._dressed = None
        super().notify_style_update()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Some of the lines.

        The text area would find out how all its parts look whenever the cursor blinks.
        """
        dress = (self._theme, self.rich_style, self.app.current_theme)
        if dress == self._dressed:
            return ScrollView.render_lines(self, crop)
        lines = super().render_lines(crop)
        self._dressed = dress
        return lines

    def render_line(self, y: int) -> Strip:
        """A line as it is drawn; where a terminal leaves no room for it, nothing.

        The text area would divide what it says while it is empty into columns of no width.
        """
        if not self.content_size.width:
            return Strip.blank(self.size.width)
        return super().render_line(y)

    def _render_line(self, y: int) -> Strip:
        """A row; of a line that fills many, no other is made for it."""
        place = self.wrapped_document.row(y + self.scroll_offset.y) if self.soft_wrap else None
        if place is None or not self.wrapped_document.get_offsets(place[0]):
            return super()._render_line(y)
        row = RowOfLine.of(self.wrapped_document, *place)
        if self.suggestion or self.show_line_numbers:
            return super()._render_line(y)
        return self._draw_row(row)

    def _draw_row(self, row: RowOfLine) -> Strip:
        theme = self._theme
        base = theme.base_style or self.rich_style
        text = Text(visible_typing(row.text) + " " * row.is_last, end="", no_wrap=True)
        ends = self.selection
        if not ends.is_empty:
            row.stylize(text, theme.selection_style, *sorted(ends))
        bracketed = self.match_cursor_bracket and self._has_cursor and ends.is_empty
        partner = self._matching_bracket_location if bracketed else None
        if partner is not None:
            row.stylize_one(text, theme.bracket_matching_style, ends.end)
        if self._draw_cursor:
            row.stylize_one(text, theme.cursor_style, ends.end)
        if partner is not None:
            row.stylize_one(text, theme.bracket_matching_style, partner)
        text = expand_text_tabs_from_widths(text, row.tab_widths(self.wrapped_document))
        strip = Strip(text.render(self.app.console), text.cell_len)
        width = self.scrollable_content_region.width
        return strip.extend_cell_length(width, theme.base_style).apply_style(base)

    def _set_document(self, text: str, language: str | None) -> None:
        """Take another text; it is in no language."""
        self._highlight_query = None
        self.document = _JoinedOnce(text)
        self.wrapped_document = WrappedText(self.document, self.wrap_width, self.indent_width)
        self.navigator = DocumentNavigator(self.wrapped_document)
        self._build_highlight_map()
        self.move_cursor((0, 0))
        self._rewrap_and_refresh_virtual_size()

    def _yield_character_locations(self, start: Location) -> Iterable[tuple[str, Location]]:
        return islice(super()._yield_character_locations(start), _BRACKET_REACH)

    def _yield_character_locations_reverse(self, start: Location) -> Iterable[tuple[str, Location]]:
        return islice(super()._yield_character_locations_reverse(start), _BRACKET_REACH)

    def action_new_line(self) -> None:
        """Break the line."""
        self.replace("\n", *self.selection, maintain_selection_offset=False)

    async def _on_key(self, event: events.Key) -> None:
        """Run the area's own bindings at once.

        Left to the app they would come after letters that were typed later.
        """
        if event.is_printable:
            if event.character is not None and not self.read_only:
                # The text area would first measure the line, for the case that a tab was typed.
                event.prevent_default()
                event.stop()
                self._restart_blink()
                self._replace_via_keyboard(event.character, *self.selection)
            return
        if event.character is not None and category(event.character) == "Cf":
            # A joiner of letters or emoji, a mark of direction: what languages are written with.
            event.prevent_default()
            event.stop()
            self.replace(event.character, *self.selection, maintain_selection_offset=False)
            return
        active = self.screen.active_bindings.get(event.key)
        if active is not None and active.node is self and active.enabled:
            event.prevent_default()
            if await self.app.run_action(active.binding.action, self):
                event.stop()
        elif event.key == "escape":
            # The text area would give the focus away; what it is part of knows better.
            event.prevent_default()

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        self.replace(clean_text(event.text), *self.selection, maintain_selection_offset=False)
