"""Texts that want to be markup stay texts in every format; pages load and run nothing."""

import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tui_sessions.model.document import SessionDocument
from tui_sessions.transfer.base import ImportedSession
from tui_sessions.transfer.harmless_markdown import harmless
from tui_sessions.transfer.html_page.page import HtmlPage
from tui_sessions.transfer.html_page.rich_text import rich_html
from tui_sessions.transfer.markdown import export_markdown
from tui_sessions.transfer.own_json import export_session, import_document
from tui_sessions.transfer.registry import exporter, exporter_names, importer, importer_names

HOSTILE = [
    "<script>alert(1)</script>",
    "</details></summary></pre></article><script src=//evil.example/x.js></script>",
    "</style><style>body{display:none}</style></title><base href=//evil.example>",
    '"><img src=x onerror=alert(1)>',
    "![x](https://evil.example/p.png) ![y](javascript:alert(1)) ![z](data:image/svg+xml,<svg>)",
    "[a](javascript:alert(1)) [b](data:text/html,x) [c](vbscript:x) [d](//evil.example) [e](#x)",
    '<https://ok.example/?a=1&b="2"> <javascript:alert(1)> [r]\n\n[r]: javascript:alert(1)',
    "---\ntitle: x\n---\n```html\n<iframe src=//evil.example>\n````\n~~~",
    '```" onload=alert(1)\ncode\n```\n```python\n</code><b>x</b>\n```',
    "\x1b[31mred\x1b]0;title\x07\x9b2J \u202eevil\u2066 \u2028 \0",
    "| a | b |\n|:-|-:|\n| <b>x</b> | [l](javascript:x) |",
    "&lt;script&gt; &#60;script&#62; <!-- x --> <![CDATA[x]]> <?php x ?>",
]
TAGS = frozenset(
    re.findall(
        r"\w+",
        "html head meta title style body header h1 h2 h3 h4 h5 h6 dl dt dd nav details summary "
        "ol ul li a main article time p pre code span strong em s br hr blockquote table thead "
        "tbody tr th td img",
    )
)


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, page: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page.decode())
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "br", "hr"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        raise AssertionError(data)

    def unknown_decl(self, data):
        raise AssertionError(data)

    def handle_pi(self, data):
        raise AssertionError(data)

    def check(self) -> None:
        """Nothing but our own tags, and no address but links that are clicked."""
        ids = [attributes["id"] for _, attributes in self.tags if "id" in attributes]
        assert len(ids) == len(set(ids))
        for tag, attributes in self.tags:
            assert tag in TAGS
            assert not any(name.startswith("on") or name == "style" for name in attributes)
            if tag == "a":
                self._check_link(attributes, ids)
            else:
                assert "href" not in attributes
            if tag == "img":
                assert re.match(r"data:image/(png|jpeg|gif|webp|avif);base64,", attributes["src"])
            else:
                assert "src" not in attributes

    def _check_link(self, attributes, ids):
        href = attributes["href"] or ""
        if href.startswith("#"):
            assert href[1:] in ids
        elif "rel" in attributes:
            assert href.lower().startswith(("http://", "https://", "mailto:"))
            assert "noopener" in attributes["rel"]
        else:
            assert re.fullmatch(r"[A-Za-z0-9_-]+\.html", href)


def hostile_session(text: str) -> SessionDocument:
    """A session that says it wherever something can be said."""
    content = [{"type": kind, "text": text} for kind in ("text", "thinking", "summary")] + [
        {"type": "tool_call", "id": text, "name": text, "arguments": {text: text}},
        {"type": "tool_result", "call_id": text, "text": text, "is_error": True},
        {"type": "image", "media_type": text, "data": text, "path": text},
        {"type": "image", "media_type": "image/png", "data": text},
        {"type": "file", "name": text, "media_type": text, "path": text},
        {"type": text, "beam": text},
    ]
    said = {"model": text, "error": text, "status": text, "content": content}
    messages = [
        {"id": f"{text}{n}", "role": role, "hidden": n == 1, **said}
        for n, role in enumerate(["user", "user", "assistant", "tool", text, "user", "user"])
    ]
    chats = [
        {"id": f"c{n}", "name": text, "inherited": 1, "messages": messages,
         "agent": {"provider": text, "model": text, "system_prompt": text}}
        for n in range(2)
    ]  # fmt: skip
    return SessionDocument(
        {
            "format": 1,
            "id": "s1",
            "label": text,
            "user_id": text,
            "workspace_id": text,
            "tags": [text],
            "parent": {"session_id": text, "message_id": text, "kind": text},
            "origin": {"format": text, "path": text, "id": text},
            "created_at": "2026-01-01",
            "chats": chats,
        }
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_a_text_becomes_markup_of_the_page(text):
    page = Page(HtmlPage().export(hostile_session(text)))
    page.check()
    assert not {"script", "iframe", "base", "link", "b"} & {tag for tag, _ in page.tags}
    assert sum(tag == "style" for tag, _ in page.tags) == 1


@given(text=st.text(st.sampled_from("<>&\"'`~[]()!#*_-|\\/: \nabx\u202e\x1b"), max_size=40))
def test_no_mix_of_marks_becomes_markup_of_the_page(text):
    Page(HtmlPage().export(hostile_session(text))).check()


def test_a_page_forbids_itself_everything_but_its_own_style_and_pictures():
    page = Page(HtmlPage().export(hostile_session("x")))
    policy = next(a["content"] for t, a in page.tags if a.get("http-equiv"))
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    text = HtmlPage().export(hostile_session("x")).decode()
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
    assert "url(" not in text
    assert "@import" not in text


def test_a_page_shows_what_was_said():
    text = (
        "# Plan\n\n| a | b |\n|--|--|\n| 1 | 2 |\n\n```python\ndef f(): return 1\n```\n**bold** <x>"
    )
    html = rich_html(text)
    assert "<h3>Plan</h3>" in html
    assert "<td>1</td>" in html
    assert '<span class="k">def</span>' in html
    assert "<strong>bold</strong> &lt;x&gt;" in html
    page = Page(HtmlPage().export(hostile_session("Hello there")))
    assert page.text.count("Hello there") > 20
    nav = [a["href"] for t, a in page.tags if t == "a" and "rel" not in a]
    assert nav.count("#c1m1") == 2  # from the contents, and the message's own
    assert "#c1m2" in nav  # hidden messages have their place too, but are no prompts
    assert nav.count("#c1m2") == 1


def test_kept_pictures_are_in_the_page_and_odd_ones_are_not():
    document = hostile_session("x")
    document.data["chats"][0]["messages"][0]["content"] = [
        {"type": "image", "media_type": "image/png", "data": "iVBORw0KGgo="},
        {"type": "image", "media_type": "image/svg+xml", "data": "PHN2Zz48L3N2Zz4="},
    ]
    page = Page(HtmlPage().export(document))
    page.check()
    sources = [a["src"] for t, a in page.tags if t == "img"]
    assert sources[0] == "data:image/png;base64,iVBORw0KGgo="
    assert not any("svg" in source for source in sources)


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_keeps_its_shape_whatever_is_said(text):
    made = export_markdown(hostile_session(text))
    lines = made.split("\n")
    front = lines[1 : lines.index("---", 1)]
    fields = {key: json.loads(value) for key, _, value in (li.partition(": ") for li in front)}
    assert len(fields["chats"]) == 2
    assert sum(line.startswith("# ") and line != "# x" for line in lines) == 1


def html_of(markdown):
    """The pieces of HTML that a Markdown file holds."""
    for token in MarkdownIt("commonmark", {"html": True}).parse(markdown):
        if token.type == "html_block":
            yield from token.content.split("\n")
        yield from (child.content for child in token.children or () if child.type == "html_inline")


@pytest.mark.parametrize("text", HOSTILE)
def test_the_only_html_in_markdown_is_that_of_folds(text):
    found = [line for line in html_of(export_markdown(hostile_session(text))) if line]
    assert found
    for line in found:
        assert re.fullmatch("</?details>|<summary>[^<>]*</summary>", line), line


@given(text=st.text(st.sampled_from("<>&`~b/!- \n\\"), max_size=30))
def test_no_mix_of_marks_becomes_html_in_markdown(text):
    assert not list(html_of(harmless(text)))


def test_code_in_markdown_stays_as_it_was_written():
    text = "`Vec<T>` is\n\n```\n<div>\n```\n\n<https://ok.example> a < b"
    assert harmless(text) == text
    assert harmless(f"{text} <b>x</b>") == f"{text} &lt;b>x&lt;/b>"


@pytest.mark.parametrize("name", exporter_names())
@pytest.mark.parametrize("text", HOSTILE)
def test_no_format_sends_a_terminal_what_it_obeys(name, text):
    made = exporter(name).export(hostile_session(text)).decode()
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]", made
    )


def test_json_loses_nothing_of_what_it_escapes():
    document = hostile_session(HOSTILE[9])
    assert json.loads(exporter("json").export(document)) == document.data
    assert HOSTILE[9] in json.loads(exporter("openai").export(document))[1]["content"][0]["text"]


def test_every_sample_is_a_sound_page_and_comes_back_whole(samples):
    number = 0
    for name in importer_names():
        folder = samples / name.replace("open-webui", "openwebui")
        for item in importer(name).read(folder) if folder.is_dir() else ():
            if isinstance(item, ImportedSession):
                number += 1
                Page(HtmlPage().export(item.document)).check()
                assert import_document(export_session(item.document)).data == item.document.data
                made = json.loads(exporter("openai").export(item.document))
                _check_pairs(made)
    assert number > 50


def _check_pairs(made):
    """Every call has its result right behind it, and no result is without a call."""
    waiting = []
    for message in made:
        if message["role"] == "tool":
            assert message["tool_call_id"] == waiting.pop(0)
        else:
            assert waiting == []
            waiting = [call["id"] for call in message.get("tool_calls", ())]
    assert waiting == []
