from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

HIDDEN = "sk-very-secret-0123456789"


class Models(BaseHTTPRequestHandler):
    """An endpoint that lists two models; what it names them is hostile."""

    def do_GET(self):
        models = [] if "empty" in self.path else [{"id": "small"}, {"id": "lar\x1b[2Jge"}]
        body = json.dumps({"data": models}).encode()
        self.send_response(200 if self.path.startswith("/open") else 401)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def settings(sessions_tui):
    """Settings with an endpoint that answers, and one that wants another key."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Models)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    file = sessions_tui.home / "config" / "sessions-tui" / "settings.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(
        f'[providers.mine]\nbase_url = "{address}/open/v1"\n'
        f'[providers.none]\nbase_url = "{address}/open/empty/v1"\n'
        f'[providers.locked]\nbase_url = "{address}/locked/v1"\napi_key_env = "LOCKED_KEY"\n'
    )
    yield file
    server.shutdown()
    thread.join()
    server.server_close()


def test_models_of_all_providers_are_listed_and_problems_told(sessions_tui, settings):
    done = sessions_tui("models", LOCKED_KEY=HIDDEN)
    assert done.returncode == 0
    rows = [line.split(None, 1) for line in done.stdout.splitlines()]
    assert rows[0] == ["PROVIDER", "MODEL"]
    assert ["mine", "small"] in rows
    assert ["offline", "offline-1"] in rows
    assert "\x1b" not in done.stdout
    assert "OPENAI_API_KEY" in done.stderr
    assert "locked refused the key" in done.stderr
    assert HIDDEN not in done.stdout + done.stderr


def test_models_of_one_provider(sessions_tui, settings):
    assert sessions_tui.json("models", "mine") == {
        "providers": [{"name": "mine", "models": ["small", "lar\x1b[2Jge"], "problem": None}]
    }
    done = sessions_tui("models", "locked")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: There is no key for locked: set LOCKED_KEY")
    told = json.loads(sessions_tui("models", "locked", "--json").stdout)["providers"][0]
    assert (told["models"], told["problem"]["kind"]) == ([], "auth")


def test_a_provider_without_a_model_says_so(sessions_tui, settings):
    done = sessions_tui("models", "none")
    assert (done.returncode, done.stdout) == (1, "")
    assert "none lists no model" in done.stderr
    assert "none lists no model" in sessions_tui("models").stderr


def test_a_provider_that_is_not_known_is_told_with_those_that_are(sessions_tui):
    done = sessions_tui("models", "nobody")
    assert done.returncode != 0
    assert "nobody" in done.stderr
    assert "ollama" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_provider_for_tests_is_listed_only_when_it_is_named(sessions_tui):
    listed = [one["name"] for one in sessions_tui.json("models")["providers"]]
    assert "offline" in listed
    assert "scripted" not in listed
    assert sessions_tui.json("models", "scripted")["providers"][0]["models"]
