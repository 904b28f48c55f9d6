"""Importing: what is on this machine with ticks, how far it is, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui_sessions.model.clock import now
from tui_sessions.tui.drawing import draw_line, relative_time
from tui_sessions.tui.import_job import ImportJob, ImportTask
from tui_sessions.tui.screens.dialog import Dialog, DialogBox
from tui_sessions.tui.widgets.changing_list import ChangingList
from tui_sessions.tui.widgets.key_line import KeyLine

if TYPE_CHECKING:
    from tui_sessions.transfer.sources import Source

_LOOK_EVERY_S = 0.2
_TITLE_WIDTH = 12
_MUTED = "$foreground 66%"
_MARKS = {"waiting": "·", "running": "…", "done": "✓"}
_PLACES_SHOWN = 5


class ImportScreen(Dialog[bool | None]):
    """Shows what there is to import, then how far it is; closing it ends no import.

    It answers with True when another place is wanted.
    """

    DEFAULT_CSS = """
    ImportScreen {
        & > DialogBox {
            width: 88;
        }
        & OptionList {
            height: auto;
            text-wrap: nowrap;
            text-overflow: ellipsis;
        }
        & .import--status {
            height: auto;
            margin: 1 0 0 0;
        }
    }
    """
    SHARE = 50
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go", "Import", id="dialog.accept", priority=True),
        Binding("space", "tick", "Tick", id="dialog.tick", priority=True),
        Binding("a", "tick_all", "All or none", id="dialog.all"),
        Binding("o", "elsewhere", "Another place", id="dialog.elsewhere"),
        Binding("s", "stop", "Stop", id="dialog.stop"),
        Binding("j", "move(1)", "Next", show=False, id="dialog.next"),
        Binding("k", "move(-1)", "Previous", show=False, id="dialog.previous"),
    ]

    def __init__(
        self,
        job: ImportJob | None,
        begin: Callable[[Sequence[Source]], ImportJob],
        stop: Callable[[], None],
    ) -> None:
        """Show an import, or let one be chosen.

        Args:
            job: the import to show; without one, `add_source` says what there is.
            begin: begins to import what was ticked.
            stop: ends the import that is going on.
        """
        super().__init__()
        self._job = job
        self._begin = begin
        self._stop = stop
        self._sources: list[Source] = []
        self._ticked: set[str] = set()
        self._looking = job is None
        self._ended = False

    def compose(self) -> ComposeResult:
        """The table, a line of what is going on, and the keys."""
        with DialogBox("Import sessions"):
            yield ChangingList(markup=False)
            yield Static(classes="import--status", markup=False)
            yield KeyLine()

    def on_mount(self) -> None:
        """Begin on the first source."""
        self.query_one(OptionList).focus()
        self.set_interval(_LOOK_EVERY_S, self._look)
        self.call_after_refresh(self._show)

    def on_resize(self, event: events.Resize) -> None:
        """Cut the lines to the new width."""
        self.call_after_refresh(self._show)

    def add_source(self, source: Source) -> None:
        """Show one more source; it is ticked."""
        self._sources.append(source)
        self._ticked.add(source.name)
        self._changed()

    def end_looking(self) -> None:
        """There is no more to be found."""
        self._looking = False
        self._changed()

    def action_go(self) -> None:
        """Import what is ticked; once that is done, close."""
        if self._job is not None:
            if self._job.finished:
                self.dismiss(None)
            return
        chosen = [source for source in self._sources if source.name in self._ticked]
        if chosen:
            self._job = self._begin(chosen)
            self._show()

    def action_tick(self) -> None:
        """Tick the source under the cursor, or take the tick away."""
        place = self.query_one(OptionList).highlighted
        if self._job is None and place is not None and place < len(self._sources):
            self._ticked ^= {self._sources[place].name}
            self._show()

    def action_tick_all(self) -> None:
        """Tick all, or if all are ticked, none."""
        if self._job is None:
            names = {source.name for source in self._sources}
            self._ticked = set() if self._ticked == names else names
            self._show()

    def action_elsewhere(self) -> None:
        """Choose a tool and a place by hand."""
        if self._job is None:
            self.dismiss(True)

    def action_stop(self) -> None:
        """End the import; what has come in is kept."""
        if self._job is not None and not self._job.finished:
            self._stop()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The help lists only what does something now."""
        if action == "stop":
            return self._job is not None and not self._job.finished
        if action in ("tick", "tick_all", "elsewhere"):
            return self._job is None
        return super().check_action(action, parameters)

    def action_move(self, step: int) -> None:
        """Go to the next or the previous line."""
        rows = self.query_one(OptionList)
        rows.action_cursor_down() if step > 0 else rows.action_cursor_up()

    def _changed(self) -> None:
        if self._job is None and self.is_mounted:
            self._show()

    def _look(self) -> None:
        """Bring a running import up to date."""
        if self._job is not None and not self._ended:
            self._ended = self._job.finished
            self._show()

    def _show(self) -> None:
        rows = self.query_one(OptionList)
        lines = self._lines()
        place = rows.highlighted
        rows.set_options(Option(line) for line in lines)
        rows.display = bool(lines)
        if lines:
            rows.highlighted = min(place or 0, len(lines) - 1)
            # A list that was hidden, as long as it was empty, has lost the focus.
            rows.focus()
        self.query_one(".import--status", Static).update(self._status())
        self.query_one(KeyLine).show(*self._keys())

    def _lines(self) -> list[Content]:
        width = max(self.query_one(DialogBox).content_size.width - 1, 20)
        if self._job is None:
            present = now()
            return [
                source_line(source, source.name in self._ticked, present, width)
                for source in self._sources
            ]
        lines = [task_line(task) for task in self._job.tasks]
        if self._job.finished:
            lines += [line for task in self._job.tasks for line in reason_lines(task)]
        return lines

    def _status(self) -> Content:
        if self._job is not None:
            width = max(self.query_one(DialogBox).content_size.width, 20)
            return job_status(self._job, width)
        if self._looking:
            return Content.styled("Looking around …", _MUTED)
        if not self._sources:
            return draw_line("No histories of other tools were found on this machine.", _MUTED)
        sessions = sum(s.sessions or 0 for s in self._sources if s.name in self._ticked)
        return draw_line(f"About {sessions:,} sessions; nothing is written to their files.", _MUTED)

    def _keys(self) -> list[tuple[str, str]]:
        if self._job is not None:
            if self._job.finished:
                return [("dialog.cancel", "close")]
            return [("dialog.stop", "stop"), ("dialog.cancel", "close; it goes on")]
        chosen = [("dialog.accept", "import"), ("dialog.tick", "tick"), ("dialog.all", "all")]
        return [
            *(chosen if self._sources else []),
            ("dialog.elsewhere", "another place"),
            ("dialog.cancel", "close"),
        ]


def source_line(source: Source, ticked: bool, present: datetime, width: int) -> Content:
    """A source to choose: its tick, its name, how much it is, how new, and where."""
    age = relative_time(source.newest, present) if source.newest else ""
    number = "?" if source.sessions is None else f"{source.sessions:,}"
    noun = "session " if source.sessions == 1 else "sessions"
    more = f" and {len(source.places) - 1} more" if len(source.places) > 1 else ""
    start = Content.assemble(
        ("[x] " if ticked else "[ ] ", "bold $text-accent" if ticked else _MUTED),
        draw_line(source.title).truncate(_TITLE_WIDTH, ellipsis=True, pad=True),
        draw_line(f"{number:>7} {noun} {age:>7}  "),
    )
    place = draw_line(f"{_below_home(source.places[0])}{more}", _MUTED)
    return start + place.truncate(max(width - start.cell_length, 8), ellipsis=True)


def task_line(task: ImportTask) -> Content:
    """A source on its way in."""
    title = draw_line(task.title).truncate(_TITLE_WIDTH, ellipsis=True, pad=True)
    what = "" if task.state == "waiting" else f"  {task.summary()}"
    if task.state == "running" and not task.report.sessions:
        what = "  reading"
    style = "$text-error" if task.error else ""
    mark = "!" if task.error else _MARKS[task.state]
    return Content.assemble(f"{mark} ", title, draw_line(what, style))


def reason_lines(task: ImportTask) -> list[Content]:
    """What was left out of a source, and why."""
    lines: list[Content] = []
    for reason, steps in task.report.reasons():
        number = sum(step.count for step in steps)
        lines.append(draw_line(f"  {task.title}: {number:,} left out: {reason}", "$text-warning"))
        for step in steps[:_PLACES_SHOWN]:
            numbers = f", line {', '.join(map(str, step.lines))}" if step.lines else ""
            lines.append(draw_line(f"    {_below_home(step.path)}{numbers}", _MUTED))
        if len(steps) > _PLACES_SHOWN:
            lines.append(draw_line(f"    … and {len(steps) - _PLACES_SHOWN} more", _MUTED))
    return lines


def job_status(job: ImportJob, width: int) -> Content:
    """How far an import is, or that it has ended."""
    if job.finished:
        word = "Stopped; what had come in is kept: " if job.stopped else "Done: "
        return draw_line(f"{word}{job.summary()}")
    text = f" {job.pace}" if job.pace.share else " beginning …"
    room = max(min(width - len(text) - 1, 40), 8)
    done = round(room * job.pace.share)
    return Content.assemble(
        ("━" * done, "$primary"), ("━" * (room - done), "$foreground 25%"), draw_line(text)
    )


def _below_home(path: Path) -> str:
    home = str(Path.home())
    text = str(path)
    return f"~{text[len(home) :]}" if text.startswith(f"{home}/") else text
