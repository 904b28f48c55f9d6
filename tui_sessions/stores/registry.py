"""Stores by kind or URL."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tui_sessions.errors import InvalidValue
from tui_sessions.model.identifiers import check_id
from tui_sessions.paths import data_dir
from tui_sessions.stores.base import Store
from tui_sessions.stores.file import FileStore
from tui_sessions.stores.memory import MemoryStore

StoreFactory = Callable[..., Store]


def create_store(kind_or_url: str, **options: Any) -> Store:
    """A store of a kind, or the one that a URL stands for.

    ```python
    create_store("file", directory="/home/ana/sessions")
    create_store("file:///home/ana/sessions")
    create_store("memory:")
    ```

    Raises:
        InvalidValue: there is no such kind or option; the error names those there are.
    """
    kind, colon, _ = str(kind_or_url).partition(":")
    factory = _factories.get(kind)
    if factory is None:
        raise InvalidValue("store", kind_or_url, _valid_kinds())
    if colon:
        options = {**_url_options(kind, kind_or_url), **options}
    _check_options(kind, factory, options)
    return factory(**options)


def register_store(kind: str, factory: StoreFactory) -> None:
    """Offer a kind of store; one of the same name is replaced.

    Args:
        kind: its name, also the scheme of its URLs.
        factory: called with the options; a URL comes as the option `url`.
    """
    _factories[check_id(kind, "store kind")] = factory


def _file_store(directory: str | Path | None = None) -> Store:
    if directory is not None and not isinstance(directory, (str, Path)):
        raise InvalidValue("directory", directory, "the path of a folder")
    return FileStore(data_dir() if directory is None else Path(directory))


_factories: dict[str, StoreFactory] = {"file": _file_store, "memory": MemoryStore}


def _url_options(kind: str, url: str) -> dict[str, Any]:
    if kind == "file":
        return {"directory": _directory(url)}
    if kind == "memory":
        if url != "memory:":
            raise InvalidValue("store", url, "memory:")
        return {}
    return {"url": url}


def _directory(url: str) -> Path:
    path = url.removeprefix("file://").removeprefix("localhost")
    directory = unquote(path)
    if url == path or path[:1] != "/" or path == "/" or {"?", "#"} & {*path} or "\0" in directory:
        raise InvalidValue("store", url, "file:///path/of/a/folder (with %3F for ? and %23 for #)")
    return Path(directory)


def _check_options(kind: str, factory: StoreFactory, options: dict[str, Any]) -> None:
    parameters = inspect.signature(factory).parameters.values()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return
    valid = [parameter.name for parameter in parameters]
    for option in options:
        if option not in valid:
            raise InvalidValue(f"option of a {kind} store", option, valid or "none")


def _valid_kinds() -> str:
    return f"{', '.join(_factories)}, or a URL such as file:///path/of/a/folder or memory:"
