"""Screens that draw only what a frame shows anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.cells import split_graphemes
from rich.console import RenderableType
from textual._compositor import ChopsUpdate, Compositor, LayoutUpdate
from textual.geometry import Offset, Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from tui_sessions.tui.terminal.paced_output import PacedOutput
from tui_sessions.tui.terminal.steady_width import SteadyUpdate

_CELL_BYTES = 3
"""What a cell takes on its way to the terminal, with its colours, by experience."""

if TYPE_CHECKING:
    _Screen = Screen[Any]
else:
    _Screen = object  # Textual takes a screen's styles from its first base that is one


class LeanPaint(_Screen):
    """What makes a screen leave alone, with each frame, the widgets that it does not show anew."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._compositor: LeanCompositor = LeanCompositor()

    def _compositor_refresh(self) -> None:
        """Paint what has changed, as soon as the terminal has drawn what it got before."""
        driver: object = self.app._driver
        if not isinstance(driver, PacedOutput) or self is not self.app.screen:
            super()._compositor_refresh()
        elif driver.holds_frames():
            self._dirty_widgets.clear()  # the compositor knows where they are
        else:
            later = self._compositor.put_off(driver.frame_bytes, self._typed_in())
            super()._compositor_refresh()
            self._compositor.bring_back(later)
            driver.end_frame(whole=not later)

    def _typed_in(self) -> Region:
        """Where the person is, which is painted before all else."""
        return self.focused.region if self.focused is not None else Region()


class LeanCompositor(Compositor):
    """Asks widgets for no other lines than those that are painted.

    Textual's own asks every widget for all that is between the first and the last thing that has
    changed: a letter typed while a reply comes would have the whole screen drawn.
    """

    def __init__(self) -> None:
        super().__init__()
        self._changed: Sequence[Region] | None = None
        self._begun_row = 0

    def put_off(self, most_bytes: int | None, first: Region) -> list[Region]:
        """Leave out of the next frame what is too much for it; gives what was left out.

        Args:
            most_bytes: about how much there is room for; None: for anything.
            first: what is painted in any case.
        """
        if most_bytes is None or not self._dirty_regions:
            return []
        rows = max(1, most_bytes // (_CELL_BYTES * self.size.width))
        changed = {y for region in self._dirty_regions for y in region.line_range}
        here = changed.intersection(first.line_range)
        others = sorted(changed - here, key=lambda y: (y < self._begun_row, y))
        left = others[max(rows - len(here), 0) :]
        if not left:
            return []
        self._begun_row = left[0]
        width = self.size.width
        regions = self._dirty_regions
        later = [part for y in left for part in _cut(regions, Region(0, y, width, 1))]
        now = [
            part for y in changed.difference(left) for part in _cut(regions, Region(0, y, width, 1))
        ]
        self._dirty_regions = set(now)
        return later

    def bring_back(self, regions: Iterable[Region]) -> None:
        """Have the next frame paint what was put off."""
        self._dirty_regions.update(regions)

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """Whose text is at a place; nobody's, if that widget went and is only still drawn.

        Textual counts by characters, of which a sign may have several that share its cells.
        """
        widget, offset = super().get_widget_and_offset_at(x, y)
        if widget is None or not widget.is_attached:
            return None, None
        place = Offset(x, y) - widget.content_region.offset
        if offset is not None and place.x >= 0 and 0 <= place.y < widget.content_size.height:
            offset = _sign_at(widget.render_line(place.y), place.x) or offset
        return widget, offset

    def render_update(
        self,
        full: bool = False,
        screen_stack: list[Screen[Any]] | None = None,
        simplify: bool = False,
    ) -> RenderableType | None:
        """Render what is to be written, held in its place."""
        update = super().render_update(full, screen_stack, simplify)
        return SteadyUpdate(update) if isinstance(update, LayoutUpdate | ChopsUpdate) else update

    def render_partial_update(self) -> ChopsUpdate | None:
        """Render what has changed."""
        self._changed = tuple(self._dirty_regions)
        try:
            update = super().render_partial_update()
        finally:
            self._changed = None
        if update is not None:
            update.spans = [(y, x, _whole_end(update, y, end)) for y, x, end in update.spans]
        return update

    def _get_renders(
        self, crop: Region | None = None
    ) -> Iterable[tuple[Region, Region, list[Strip]]]:
        """What is seen of the widgets in front of all others, as far as it is painted."""
        left = self._changed or [crop or self.size.region]
        for widget, (region, clip) in self.visible_widgets.items():
            seen = region.intersection(clip)
            parts = [part for one in left if (part := seen.intersection(one))]
            if not parts:
                continue
            part = Region.from_union(parts)
            # A band of whole lines: the screen is cut where widgets begin, and nowhere else.
            band = Region(seen.x, part.y, seen.width, part.height)
            yield region, band, widget.render_lines(band.translate(-region.offset))
            left = [part for one in left for part in _beside(one, seen)]
            if not left:
                return


def _cut(regions: Iterable[Region], row: Region) -> list[Region]:
    """What of some regions lies on a row."""
    return [part for region in regions if (part := region.intersection(row))]


def _sign_at(line: Strip, cell: int) -> Offset | None:
    """Where in its text the sign begins that is drawn in a cell of a line."""
    if line.text.isascii():
        return None
    end = 0
    for text, style, _ in line:
        for start, _, width in split_graphemes(text)[0]:
            end += width
            if cell < end:
                x, y = (style.meta if style else {}).get("offset", (0, None))
                return None if y is None else Offset(x + start, y)
    return None


def _whole_end(update: ChopsUpdate, y: int, end: int) -> int:
    """Where a change ends on a line, a wide character not cut in two: Textual would blank it."""
    for chop_end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
        if strip is not None and x < end < chop_end and not strip.text.isascii():
            return end if strip.text.startswith(strip.crop(0, end - x).text) else end + 1
    return end


def _beside(region: Region, front: Region) -> Iterator[Region]:
    """What is still seen of a region behind another one, in up to four parts."""
    hidden = region.intersection(front)
    if not hidden:
        yield region
        return
    x, y, width, height = region
    over, under = hidden.y - y, y + height - hidden.bottom
    before, after = hidden.x - x, x + width - hidden.right
    if over:
        yield Region(x, y, width, over)
    if before:
        yield Region(x, hidden.y, before, hidden.height)
    if after:
        yield Region(hidden.right, hidden.y, after, hidden.height)
    if under:
        yield Region(x, hidden.bottom, width, under)
