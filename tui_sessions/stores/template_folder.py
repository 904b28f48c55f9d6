"""Folders of agent templates: TOML files, one template a file, named for what it makes."""

from __future__ import annotations

import errno
from pathlib import Path

from tui_sessions.errors import CorruptSession, InvalidId, SettingsError, StoreError
from tui_sessions.model.identifiers import check_id, is_id
from tui_sessions.model.template_text import WrittenTemplate, template_from_text
from tui_sessions.stores.base import Problem
from tui_sessions.stores.single_files import (
    Signature,
    explain,
    make_folder,
    read_file,
    remove_file,
    replace_file,
)

SUFFIX = ".toml"
LONGEST = 1_000_000
"""Bytes that a template may have."""


class TemplateFolder:
    """The templates of one folder, as they were when it was last read; it may be missing."""

    def __init__(self, directory: Path, workspace_id: str | None = None) -> None:
        self.directory = directory
        self._workspace_id = workspace_id
        self._read: dict[str, tuple[Signature, WrittenTemplate | Problem]] = {}
        self._unreadable: list[Problem] = []
        self.known = False
        """It was read at least once."""

    @property
    def templates(self) -> dict[str, WrittenTemplate]:
        """What can be used, by name."""
        return {
            name: found
            for name, (_, found) in self._read.items()
            if isinstance(found, WrittenTemplate)
        }

    @property
    def problems(self) -> list[Problem]:
        """What cannot be used, each with its reason."""
        found = [problem for _, problem in self._read.values() if isinstance(problem, Problem)]
        return [*self._unreadable, *found]

    def read(self) -> None:
        """Look at the folder, and read what has changed since; blocks."""
        before, now = self._read, {}
        self._unreadable = []
        try:
            paths = sorted(path for path in self.directory.iterdir() if _is_template(path))
        except FileNotFoundError:
            paths = []
        except OSError as error:
            paths = []
            self._unreadable = [self.problem(self.directory, explain(error))]
        for path in paths:
            try:
                signature = Signature.of(path.stat())
            except OSError as error:
                self._unreadable.append(self.problem(path, _reason(error)))
                continue
            kept = before.get(path.stem)
            same = kept is not None and kept[0] == signature
            now[path.stem] = kept if kept and same else (signature, self._look_at(path))
        self._read, self.known = now, True

    def path(self, name: str) -> Path:
        """Where the template of that name is, or would be.

        Raises:
            InvalidId: the name is not a valid one.
        """
        return self.directory / (check_id(name, "template name") + SUFFIX)

    def text(self, name: str) -> str | None:
        """What a template's file says, also one that cannot be used; blocks.

        Raises:
            StoreError: it cannot be read.
        """
        content = self.content(name)
        return None if content is None else _text(self.path(name), content)

    def names(self) -> list[str]:
        """The names that there are files of, also of those that cannot be used; blocks."""
        try:
            paths = [path for path in self.directory.iterdir() if _is_template(path)]
        except (FileNotFoundError, NotADirectoryError):
            return []
        return sorted(path.stem for path in paths if is_id(path.stem))

    def content(self, name: str) -> bytes | None:
        """A template's file as it is; None where there is none; blocks.

        Raises:
            StoreError: it cannot be read.
        """
        path = self.path(name)
        try:
            return _content(path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise StoreError(f"The template cannot be read: {_reason(error)}", path) from error

    def write(self, name: str, text: str) -> None:
        """Put a template's file in place, all at once; blocks.

        Raises:
            StoreError: it cannot be written; the old one is still there.
        """
        self.put(name, text.encode())

    def put(self, name: str, content: bytes) -> None:
        """The same for a file as it is, whether it can be used or not.

        Raises:
            StoreError: it cannot be written; the old one is still there.
        """
        path = self.path(name)
        try:
            make_folder(self.directory)
            replace_file(path, content)
        except OSError as error:
            raise StoreError(f"The template cannot be written: {explain(error)}", path) from error
        self.read()

    def remove(self, name: str) -> bool:
        """Remove a template's file; blocks.

        Returns:
            Whether there was one.

        Raises:
            StoreError: it cannot be removed.
        """
        path = self.path(name)
        try:
            there = path.is_symlink() or path.exists()
            if there:
                remove_file(path)
        except OSError as error:
            raise StoreError(f"The template cannot be removed: {explain(error)}", path) from error
        self.read()
        return there

    def _look_at(self, path: Path) -> WrittenTemplate | Problem:
        try:
            name = check_id(path.stem, "template name")
            return template_from_text(name, _text(path, _content(path)))
        except (SettingsError, CorruptSession) as error:
            return self.problem(path, error.reason)
        except InvalidId as error:
            return self.problem(path, str(error))
        except OSError as error:
            return self.problem(path, _reason(error))

    def problem(self, path: Path, reason: str) -> Problem:
        """That a file of this folder cannot be used."""
        return Problem(path=str(path), reason=reason, workspace_id=self._workspace_id)


def _is_template(path: Path) -> bool:
    """Whether a file is meant as one; editors and this program keep hidden ones beside theirs."""
    return path.suffix == SUFFIX and not path.name.startswith(".")


def _reason(error: OSError) -> str:
    """Why a template's file cannot be used; links to it are followed."""
    if error.errno == errno.ELOOP:
        return "it is a symbolic link that leads back to itself"
    return "it is a symbolic link to nothing" if error.errno == errno.ENOENT else explain(error)


def _content(path: Path) -> bytes:
    size = path.stat().st_size
    # The person may keep the file elsewhere, and a link to it here.
    path = path.resolve()
    if size > LONGEST:
        raise CorruptSession(path, f"it is longer than {LONGEST:,} bytes")
    return read_file(path)[0]


def _text(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CorruptSession(path, f"it is not UTF-8: {error}") from error
