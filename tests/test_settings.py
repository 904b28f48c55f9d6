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


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("limits = 3", "line 1: `limits` is 3; valid: a table."),
        (
            '# mine\n[limits]\nsessions = "many"',
            "line 3: `limits.sessions` is 'many'; valid: a whole number from 0.",
        ),
        (
            '[app]\nthem = "x"',
            "line 2: there is no setting `app.them`; did you mean theme?",
        ),
        ('[app]\nzzz = "x"', "line 2: there is no setting `app.zzz`; valid: theme, mouse,"),
        (
            "[checkpoints]\nshare = 3",
            "line 2: `checkpoints.share` is 3; valid: a number above 0 up",
        ),
        (
            '[providers.x]\nbase_url = "http://x"\ntimeouts = {stall_s = 0}',
            "line 3: `providers.x.timeouts.stall_s` is 0; "
            "valid: a number above 0 up to 1,000,000,000.",
        ),
        ("[sweep]\nttl_s = nan", "line 2: `sweep.ttl_s` is nan; valid: a number above 0"),
        ("[sweep]\ninterval_s = inf", "line 2: `sweep.interval_s` is inf; valid: a number above 0"),
        ("[sweep]\nttl_s = -5", "line 2: `sweep.ttl_s` is -5; valid: a number above 0"),
        ('[providers.x]\nkind = "foo"', "line 2: `providers.x.kind` is 'foo'; valid: anthropic,"),
        ('[keymap]\n"app.fork" = 3', 'line 2: `keymap."app.fork"` is 3; valid: a text in quotes.'),
        ('[mcp.f]\ncommand = "x"\nargs = [1]', "line 3: `mcp.f.args` is [1]; valid: a list,"),
        ("[mcp.f]", "line 1: `mcp.f` cannot be used: give it either"),
        ('[mcp."a/b"]\ncommand = "x"', 'line 1: `mcp."a/b"`: a name is 1 to 64 letters'),
        ("[app]\na = = 3", "line 2, column 5: this is not TOML: invalid value."),
        ("[app]\na = ", "end of document"),
    ],
)
def test_an_error_names_the_line_the_key_and_what_is_allowed(
    tmp_path: Path, text: str, sentence: str
) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    with pytest.raises(SettingsError) as caught:
        read_settings(path)
    assert sentence in caught.value.reason
    assert "$" not in caught.value.reason


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
