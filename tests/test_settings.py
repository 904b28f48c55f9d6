"""Settings: read once from TOML, written back without losing a key."""

import tomllib
from pathlib import Path

import pytest

from tui_sessions import Limits, Settings, SettingsError
from tui_sessions.settings import read_settings, write_setting


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    assert read_settings(tmp_path / "none.toml") == Settings()
    assert Settings().autosave is True
    assert Settings().sweep.ttl_s == 3600
    assert Limits() == Limits(sessions=None)


def test_a_file_says_what_differs(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(
        'autosave = false\n[limits]\nsessions = 5\n[keymap]\n"app.fork" = "f9"\n'
        '[templates.mine]\ndescription = "x"\n[templates.mine.agent]\nmodel = "m"\n'
    )
    settings = read_settings(path)
    assert settings.autosave is False
    assert settings.limits == Limits(sessions=5)
    assert settings.keymap == {"app.fork": "f9"}
    assert settings.templates["mine"]["agent"] == {"model": "m"}


@pytest.mark.parametrize(
    "text",
    [
        "nonsense = 1",
        "[limits]\nsesions = 1",
        'autosave = "x"',
        "= broken",
        "[limits]\nsessions = 1.5",
        "[limits]\nsessions = -1",
    ],
)
def test_what_cannot_be_used_is_an_error_that_names_the_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    with pytest.raises(SettingsError) as caught:
        read_settings(path)
    assert str(path) in str(caught.value)
    with pytest.raises(SettingsError):
        write_setting(path, "app", "theme", "x")
    assert path.read_text() == text


def test_what_is_no_text_or_no_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError):
        read_settings(path)
    with pytest.raises(SettingsError):
        read_settings(tmp_path)


def test_writing_changes_one_setting_and_keeps_the_others(tmp_path: Path) -> None:
    path = tmp_path / "config" / "settings.toml"
    write_setting(path, "app", "theme", "dark")
    write_setting(path, "", "default_template", "coder")
    write_setting(path, "limits", "sessions", 3)
    settings = read_settings(path)
    assert (settings.app.theme, settings.default_template, settings.limits.sessions) == (
        "dark", "coder", 3,
    )  # fmt: skip
    assert [entry.name for entry in path.parent.iterdir()] == ["settings.toml"]


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [("app", "thme", "x"), ("app", "mouse", "x"), ("", "nothing", 1), ("app", "theme", None)],
)
def test_a_setting_that_could_not_be_read_again_is_not_written(
    tmp_path: Path, table: str, key: str, value: object
) -> None:
    path = tmp_path / "settings.toml"
    write_setting(path, "app", "theme", "dark")
    with pytest.raises(SettingsError):
        write_setting(path, table, key, value)
    assert tomllib.loads(path.read_text()) == {"app": {"theme": "dark"}}
    assert [entry.name for entry in tmp_path.iterdir()] == ["settings.toml"]
