"""Redaction: the shapes that are known are taken out wherever they stand, and little else is."""

import base64

import pytest

from tui_sessions.model.document import SessionDocument
from tui_sessions.transfer.redaction import Redactor
from tui_sessions.transfer.registry import exporter, exporter_names

# Put together here, so that no file holds what looks like a secret.
OPENAI = "sk" + "-proj-Abc_123-def456ghi789"
ANTHROPIC = "sk" + "-ant-api03-abcDEF123_-xyz"
GITHUB = "ghp" + "_0123456789abcdefghijABCDEFGHIJ012345"
GITHUB_FINE = "github" + "_pat_11ABCDEFG0_abcdefghijklmnop"
AMAZON = "AKIA" + "IOSFODNN7EXAMPLE"
SLACK = "xoxb" + "-123456789012-1234567890123-abcdefABCDEF"
GOOGLE = "AIza" + "SyA1234567890abcdefghijklmnopqrstuv"
JWT = "eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-DEF_123"
PEM_BODY = "MIIEabc=\nProc-Type: 4,ENCRYPTED\n+/x="
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{PEM_BODY}\n-----END RSA PRIVATE KEY-----"
SECRETS = [OPENAI, ANTHROPIC, GITHUB, GITHUB_FINE, AMAZON, SLACK, GOOGLE, JWT, PEM]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "around",
    ["{}", "key={}", '"{}",', "\x1b[31m{}\x1b[0m", "one\\n{}", "?k%3D{}&x", "({}).", "a\n{}\nb"],
)
def test_a_key_is_taken_out_whatever_stands_beside_it(secret, around):
    redacted = Redactor().text(around.format(secret))
    assert "REDACTED-" in redacted
    assert not any(line in redacted for line in secret.split("\n") if "-----" not in line)
    assert redacted.startswith(around.split("{}", maxsplit=1)[0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Authorization: Bearer abcdef123456", "Authorization: Bearer REDACTED-token-1"),
        ('{"authorization":"Bearer abcdefgh"}', '{"authorization":"Bearer REDACTED-token-1"}'),
        ("authorization: basic dXNlcjpwYXNz", "authorization: basic REDACTED-token-1"),
        ("bearer my.token-1 x", "bearer REDACTED-token-1 x"),
        ("postgres://u:s3cr3t@db/x", "postgres://u:REDACTED-password-1@db/x"),
        ("redis://:p@ss@h", "redis://:REDACTED-password-1@h"),
        ("https://u:pw@example.com/", "https://u:REDACTED-password-1@example.com/"),
        ("to ana.m+x@example.co.uk.", "to REDACTED-mail-address-1."),
        ("/home/ana/x and /home/ana.", "~/x and ~."),
        ("PATH=/home/ana/bin:/Users/ana/bin", "PATH=~/bin:~/bin"),
        ("file:///home/ana/x", "file://~/x"),
        (r"C:\Users\ana\x", r"~\x"),
        (r"C:\\Users\\Ana Maria\\x", r"~\\x"),
        ("c:/users/ana/x", "~/x"),
        ("~/.claude/projects/-home-ana-proj/x", "~/.claude/projects/~-proj/x"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE cut", "REDACTED-private-key-1"),
    ],
)
def test_what_is_private_is_replaced_and_the_rest_stays(text, expected):
    assert Redactor().text(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com/home/about",
        "task-list-of-things-to-do-next",
        "sk-loading-indicator-spinner",
        "risk-abcdefghijklmnop1234",
        "bearer authentication",
        "Authorization is needed: read the docs",
        "icon@2x.png name@1.2.3 user@host @app.route git@github.com:a/b",
        "http://host:8080/path@x http://localhost:3000?q=a@b",
        "/home/$USER/x /home/<user> /Users/Shared/x",
    ],
)
def test_what_only_looks_alike_stays(text):
    redactor = Redactor()
    assert redactor.text(text) == text
    assert not redactor.counts


def test_the_same_secret_is_the_same_everywhere_and_counted_each_time():
    redactor = Redactor()
    assert redactor.text(f"{GITHUB} {GITHUB}") == "REDACTED-token-1 REDACTED-token-1"
    assert redactor.text(f"{JWT} {GITHUB}") == "REDACTED-token-2 REDACTED-token-1"
    assert redactor.counts == {"token": 4}
    redacted = redactor.text(f"{AMAZON} /home/ana a@b.de")
    assert Redactor().text(redacted) == redacted


def secretive() -> SessionDocument:
    home = "/home/ana/project"
    content = [
        {"type": "text", "text": f"use {OPENAI}"},
        {"type": "thinking", "text": f"mail ana@example.com about {SLACK}"},
        {"type": "tool_call", "id": "t", "name": "curl", "arguments": {home: [{"k": GOOGLE}]}},
        {"type": "tool_result", "call_id": "t", "text": PEM},
        {"type": "summary", "text": GITHUB},
        {"type": "file", "name": f"{home}/a.txt", "path": f"{home}/a.txt"},
        {"type": "hologram", "beam": AMAZON},
    ]
    message = {"id": "m1", "role": "user", "error": JWT, "content": content}
    agent = {"provider": "offline", "system_prompt": f"{ANTHROPIC} {home}"}
    chat = {"id": "c1", "name": GITHUB_FINE, "agent": agent, "messages": [message]}
    return SessionDocument(
        {
            "format": 1,
            "id": "s1",
            "user_id": "ana",
            "label": f"Fix {AMAZON}",
            "tags": ["ana@example.com"],
            "metadata": {"cwd": home},
            "origin": {"format": "codex", "path": f"{home}/x.jsonl"},
            "created_at": "2026-01-01",
            "chats": [chat],
        }
    )


@pytest.mark.parametrize("name", exporter_names())
def test_no_format_tells_what_was_to_be_taken_out(name):
    redactor = Redactor()
    text = exporter(name).export(redactor.document(secretive())).decode()
    for secret in (*SECRETS[:-1], "MIIE", "ana@example.com", "/home/ana", '"ana"'):
        assert secret not in text
    assert "REDACTED-" in text
    assert redactor.counts["private key"] == 1
    assert redactor.counts["user name"] == 1


def test_pictures_and_the_session_itself_stay_as_they_are():
    png = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode().rstrip("=") + "+" + AMAZON * 4
    document = secretive()
    document.data["chats"][0]["messages"][0]["content"] = [
        {"type": "image", "media_type": "image/png", "data": png},
        {"type": "image", "media_type": "image/png", "data": GITHUB},
    ]
    before = document.copy().data
    redacted = Redactor().document(document)
    parts = redacted.data["chats"][0]["messages"][0]["content"]
    assert parts[0]["data"] == png
    assert parts[1]["data"].startswith("REDACTED-token-")
    assert document.data == before


@pytest.mark.parametrize(
    "piece", ["sk-", "eyJaaaa.", "a@b.", "://a:", "/home/", "C:\\Users\\a b ", "Bearer ", "a"]
)
def test_long_hostile_texts_are_gone_through_once(piece):
    assert isinstance(Redactor().text(piece * 50_000), str)


@pytest.mark.parametrize("text", ["-----BEGIN PRIVATE KEY-----" * 2000, "-----BEGIN " * 5000])
def test_keys_that_never_end_are_taken_out_too(text):
    assert "BEGIN PRIVATE" not in Redactor().text(text)
