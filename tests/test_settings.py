"""Settings: read once from TOML, written back without losing a key."""

import tomllib
from pathlib import Path

import pytest

from tui_sessions import Limits, Settings, SettingsError
from tui_sessions.settings import read_settings, write_setting, write_settings


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
        ('[mcp.x]\ncommand = " "', "its `command` is empty"),
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


@pytest.mark.parametrize(
    "text",
    [
        '[providers.work]\napi_key_env = "sk-secret-0123"',
        '[providers.work]\napi_key_env = "gskSecret0123456789abcd"',
        '[mcp.work]\nurl = "http://h"\nheaders_env = {Authorization = "Bearer secret"}',
    ],
)
def test_a_key_in_the_place_of_its_variable_is_refused_and_not_repeated(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match="names an environment variable") as caught:
        read_settings(path)
    assert "secret" not in str(caught.value).lower()


def test_what_is_no_text_or_no_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b"# Ich\n# m\xf6chte\n")
    with pytest.raises(SettingsError, match="line 2 is not UTF-8"):
        read_settings(path)
    with pytest.raises(SettingsError, match=r"cannot be read: Is a directory$"):
        read_settings(tmp_path)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b'\xef\xbb\xbf[app]\ntheme = "dark"\n')
    assert read_settings(path).app.theme == "dark"
    write_setting(path, "app", "theme", "light")
    assert read_settings(path).app.theme == "light"


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


OWN = """# Mine; see the wiki.
[app]
# light by day
theme = "light"  # or "dark"

[keymap]  # vi
"app.fork" = "f9"

[mcp.files]
command = "x"
args = [
    "[app]",
    "theme = 'x'",
]
"""


@pytest.mark.parametrize(
    ("before", "table", "changed", "after"),
    [
        (OWN, "app", {"theme": "d#rk"}, OWN.replace('"light"', '"d#rk"')),
        (OWN, "app", {"mouse": False}, OWN.replace('dark"\n', 'dark"\nmouse = false\n')),
        (OWN, "limits", {"sessions": 3}, OWN + "\n[limits]\nsessions = 3\n"),
        (
            OWN,
            "",
            {"default_provider": "openai", "default_model": "m"},
            OWN.replace("wiki.\n", 'wiki.\ndefault_provider = "openai"\ndefault_model = "m"\n\n'),
        ),
        ('default_model = "m" # why', "", {"default_model": "n"}, 'default_model = "n" # why\n'),
        ('app.theme = """\n[x]\n"""#y\n', "app", {"theme": "z"}, 'app.theme = "z"#y\n'),
    ],
)
def test_a_changed_setting_leaves_comments_and_order_as_they_were(
    tmp_path: Path, before: str, table: str, changed: dict[str, object], after: str
) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(before)
    write_settings(path, table, changed)
    assert path.read_text() == after


@pytest.mark.parametrize("before", ['app = {mouse = true} # "', "[limits]\nsessions = 1\n[app]"])
def test_a_table_that_is_written_otherwise_takes_a_setting_too(tmp_path: Path, before: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(before)
    write_setting(path, "app", "theme", "dark")
    expected = tomllib.loads(before)
    expected["app"]["theme"] = "dark"
    assert tomllib.loads(path.read_text()) == expected


def test_a_link_to_the_settings_stays_one(tmp_path: Path) -> None:
    dotfiles, path = tmp_path / "dotfiles.toml", tmp_path / "settings.toml"
    dotfiles.write_text("[app]\n")
    path.symlink_to(dotfiles)
    write_setting(path, "app", "theme", "dark")
    assert path.is_symlink()
    assert read_settings(dotfiles).app.theme == "dark"


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


def test_changing_a_setting_keeps_the_ends_of_lines(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b"[app]\r\nmouse = false # mine\r\n\r\n[limits]\r\nsessions = 5\r\n")
    write_setting(path, "limits", "sessions", 6)
    assert path.read_bytes() == (
        b"[app]\r\nmouse = false # mine\r\n\r\n[limits]\r\nsessions = 6\r\n"
    )
