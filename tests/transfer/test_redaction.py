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


SHAPES = [
    "sk-or-v1-" + "0f" * 32, "gsk_" + "aB3" * 17, "hf_" + "aB3" * 12, "r8_" + "aB3" * 12,
    "nvapi-" + "aB3" * 20, "csk-" + "aB3" * 16, "pcsk_" + "aB3" * 20, "tvly-" + "aB3" * 10,
    "whsec_" + "aB3" * 10, "GOCSPX-" + "aB3" * 9, "ya29." + "aB3" * 30, "1//0" + "aB3" * 20,
    "lin_api_" + "aB3" * 13, "ntn_" + "aB3" * 15, "figd_" + "aB3" * 13, "dapi" + "0f" * 16,
    "SG." + "aB3" * 7 + "." + "aB3" * 14, "key-" + "0f" * 16, "NRAK-" + "AB3" * 9,
    "PMAK-" + "0f" * 12 + "-" + "0f" * 17, "dop_v1_" + "0f" * 32, "dp.pt." + "aB3" * 14,
    "hvs." + "aB3" * 20, "sbp_" + "0f" * 20, "shpat_" + "0f" * 16, "glsa_" + "aB3" * 11,
    "tskey-auth-" + "aB3" * 6, "sntrys_" + "aB3" * 20, "lsv2_pt_" + "0f" * 16, "e2b_" + "0f" * 20,
]  # fmt: skip


@pytest.mark.parametrize("secret", SHAPES)
def test_the_keys_of_many_services_are_known(secret):
    redacted = Redactor().text(f"It is {secret}, keep it.")
    assert redacted in (f"It is REDACTED-{kind}-1, keep it." for kind in ("api-key", "token"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("https://x.example/cb?access_token=", "&state=1"),
        ("https://x.example/api?key=", " now"),
        ("https://x.example/#id_token=", ""),
        ("https://s3.example/k?X-Amz-Signature=", "&X-Amz-Date=1"),
        ("aws_secret_access_key = ", "\n"),
        ('export SECRET_TOKEN="', '"'),
        ("DB_PASSWORD=", "\nDB_HOST=db1"),
        ('{"api_key": "', '", "model": "gpt-4"}'),
        ('{\\"client_secret\\":\\"', '\\"}'),
        ("password: ", "\n"),
        ("x-api-key: ", "\n"),
        ("mysql --password ", " -h db"),
        ("curl -s -u admin:", " https://x.example"),
        ("Set-Cookie: sid=", ""),
    ],
)
def test_what_is_named_as_secret_is_taken_out(before, after):
    text = Redactor().text(f"{before}aB3dE6gH9kL2mN5p{after}")
    assert "aB3dE6gH9kL2mN5p" not in text
    assert "REDACTED-" in text
    assert text.endswith(after)


@pytest.mark.parametrize("quote", ['"', "'", '\\"'])
@pytest.mark.parametrize(
    "secret", ["s3cr3t!", "Q~ab.c1_d-e", "#x9%k(ab]", "abcdefghijklmnopqrstuvwx"]
)
def test_what_is_quoted_after_the_name_of_a_secret_is_taken_out(quote, secret):
    text = f"SECRET_KEY = {quote}{secret}{quote}, next"
    assert Redactor().text(text) == f"SECRET_KEY = {quote}REDACTED-secret-1{quote}, next"


@pytest.mark.parametrize(
    "text",
    [
        "password: \"string\", secret = 'required', token='see section 4'",
        "password=\"${DB_PASSWORD_1}\" token='{token_2}' api_key: \"<key1>\" secret='%(s)1234'",
        "def login(password: str, token: string) -> None: ...",
        "api_key: Optional[str] = None",
        "const apiKey = process.env.API_KEY1",
        "token = tokenizer2.encode(text)",
        "secret = get_secret_v2(name)",
        "password=${DB_PASSWORD1}",
        "PASSWORD_MIN_LENGTH=8 max_tokens=4096",
        '{"total_tokens": 12345, "key": "left"}',
        "git commit 3f2a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a",
        "session 019d924b-53f5-78f1-a0d4-69aa13191f54",
        "https://example.com/page?id=12&key=name#part-2",
        "curl -s https://example.com -u",
        "A cookie: sweet, round. The key-value store.",
    ],
)
def test_ordinary_words_and_code_stay(text):
    assert Redactor().text(text) == text


def test_a_value_is_secret_by_the_name_of_its_key():
    given = {"password": "aB3dE6gH9", "path": "aB3dE6gH9", "max_tokens": "4096"}
    given |= {"db_password": "let me in", "secret": "s3cr3t!", "passwd": "$PW", "passphrase": ""}
    call = {"type": "tool_call", "id": "c", "name": "login", "arguments": given}
    chat = {"id": "c1", "messages": [{"id": "m", "role": "assistant", "content": [call]}]}
    data = {"format": 1, "id": "s", "created_at": "2026-01-01", "chats": [chat]}
    made = Redactor().document(SessionDocument(data)).messages("c1")[0].content[0].arguments
    taken = {"password": 1, "db_password": 2, "secret": 3}
    assert made == {**given, **{name: f"REDACTED-secret-{n}" for name, n in taken.items()}}


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


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("my password is hunter2", "hunter2"),
        ("the root password for db01 is Tr0ub4dor&3.", "Tr0ub4dor&3"),
        ('The wifi password is "open sesame"!', "open sesame"),
        ("my password's hunter2", "hunter2"),
        ("My old password was swordfish.", "swordfish"),
        ("I changed the password to Winter#77", "Winter#77"),
        ("Password: hunter2", "hunter2"),
        ("user: ana\npassword: swordfish\n", "swordfish"),
        ("- **Password:** `hunter2`", "hunter2"),
        ("| password | hunter2 |", "hunter2"),
        ("Password:\n  hunter2", "hunter2"),
        ("log in as ana with password hunter2", "hunter2"),
        ("PW: hunter2", "hunter2"),
        ("The password is 12345678.", "12345678"),
        ("passwort: geheim1", "geheim1"),
        ("Das Passwort lautet Sonne123.", "Sonne123"),
        ("mot de passe : soleil99", "soleil99"),
        ("la contraseña es sol99abc", "sol99abc"),
        ("пароль: qwerty12", "qwerty12"),
        ("密码是hunter2", "hunter2"),
        ("パスワードはhunter2です", "hunter2"),
        ("PASSWORD=secret ./run", "=secret"),
        ("sshpass -p hunter2 ssh a@b", "hunter2"),
        ("mysql -u root -phunter22 db", "hunter22"),
        ("Server=db;User Id=sa;Password=Pa55;", "Pa55"),
        ("my API key is abcdef1234567890abcd", "abcdef1234567890"),
        ("AZURE_OPENAI_KEY=0123456789abcdef0123456789abcdef", "0123456789abcdef"),
    ],
)
def test_what_is_told_in_a_sentence_or_a_command_is_taken_out(text, secret):
    told = Redactor().text(text)
    assert secret not in told
    assert "REDACTED-" in told


@pytest.mark.parametrize(
    "text",
    [
        "my password is not accepted, is it expired?",
        "My password is wrong.",
        "the password is required for user2",
        "password: required, min 8 chars",
        "password: string",
        "password: str = None",
        "password: Optional[str]",
        "The password is hashed with bcrypt, the password is at least 8 characters",
        "password is 12 characters long",
        "password: ${PW}, password: <yours>, password: ****",
        "username, password = credentials",
        "set the password to something strong",
        "Mein Passwort ist falsch. Passwort vergessen?",
        "password (sha256), password sha256, the password is base64-encoded",
        "the token is valid for 60 seconds, the secret is out",
        "PRIMARY_KEY=user_id2, max_tokens: 4096",
    ],
)
def test_what_is_said_about_passwords_stays(text):
    assert Redactor().text(text) == text


@pytest.mark.parametrize(
    "piece", ["password is ", "my ", "password for ", "mysql ", "pw:", "A_KEY"]
)
def test_long_texts_about_passwords_are_gone_through_once(piece):
    assert isinstance(Redactor().text(piece * 20_000 + "password"), str)
