"""aider: runs in one Markdown file, told apart by marks that answers may hold, too."""

import re
from datetime import datetime

import pytest
from import_checks import copied, grown, label, messages, model, own_usage, read, roles, talk

from tui_sessions.transfer.aider import AiderImporter

SAMPLE = "chat-history-part1.md"
HEADER = "\n# aider chat started at 2026-03-01 09:30:0{}\n\n"
OPENING = "> Aider v0.86.0  \n> Main model: gpt-x with diff edit format  \n"


@pytest.fixture
def history(tmp_path):
    def write(*runs):
        path = tmp_path / ".aider.chat.history.md"
        path.write_text("".join(HEADER.format(n) + run for n, run in enumerate(runs)))
        return path

    return write


def test_the_sample_has_the_runs_prompts_and_tokens_that_its_lines_show(samples):
    path = samples / "aider" / SAMPLE
    lines = path.read_text().split("\n")
    found, (skipped,) = read("aider", path)
    runs = sum(line.startswith("# aider chat started at ") for line in lines)
    assert len(found) + skipped.count == runs
    assert skipped.reason == "the run holds no conversation"
    told = [m for item in found.values() for m in messages(item, hidden=True)]
    typed = [n for n, line in enumerate(lines) if line.startswith("#### ")]
    groups = sum(n - 1 not in typed for n in typed)
    # Two of the runs that are left out hold nothing but orders to the tool.
    orders = ("#### /help hi", "#### /add-clipboard-image", "#### /ex")
    shown = sum(m.role == "user" for m in told)
    assert groups - len(orders) <= shown <= groups
    counted = re.compile(r"> Tokens: ([\d,]+) sent, ([\d,]+) received")
    sums = [sum_ for line in lines if (sum_ := counted.match(line))]
    for place, key in ((1, "input_tokens"), (2, "output_tokens")):
        expected = sum(int(one[place].replace(",", "")) for one in sums)
        assert sum(getattr(own_usage(item), key) for item in found.values()) == expected
    assert all(
        not text.startswith(("/ex", "/undo", "/add"))
        for item in found.values()
        for role, text in talk(item)
        if role == "user"
    )
    first = next(iter(found.values()))
    assert label(first) == "Use the Spinner instead of the inlined custom"
    assert messages(first)[1].model == "claude-3-5-sonnet-20240620"


def test_a_run_is_a_session_in_its_folder(history, tmp_path):
    path = history(
        OPENING + "\n#### Hello  \n#### there  \n\nHi!\n\n> Tokens: 1.2k sent, 34 received. "
        "Cost: $0.01 message, $0.02 session.  \n"
    )
    ((id_, item),) = read("aider", path)[0].items()
    assert id_.startswith("2026-03-01 09:30:00")
    assert talk(item) == [("user", "Hello\nthere"), ("assistant", "Hi!")]
    usage = own_usage(item)
    assert (usage.input_tokens, usage.output_tokens, usage.cost_usd) == (1200, 34, 0.01)
    assert item.workspace.directory == str(tmp_path)
    local = datetime(2026, 3, 1, 9, 30).astimezone()
    assert item.document.session().created_at == local
    assert all(m.created_at is None for m in messages(item))
    assert messages(item)[1].model == "gpt-x"


def test_lines_in_answers_that_look_like_marks_stay_there(history):
    answer = "A title:\n\n# Heading\n\n> a quote\n\n#### small heading\n\nend"
    (item,) = read("aider", history(OPENING + f"\n#### Ask  \n\n{answer}\n\n"))[0].values()
    assert talk(item) == [("user", "Ask"), ("assistant", answer)]


def test_what_a_command_prints_is_no_answer(history):
    run = (
        OPENING + "\n#### /test pytest  \n> ==== test session ====\n\nFAILED  \n\n1 failed\n"
        "> Add 0.1k tokens of command output to the chat? y  \n\n#### Fix it  \n\nFixed\n"
    )
    (item,) = read("aider", history(run))[0].values()
    assert talk(item) == [("user", "Fix it"), ("assistant", "Fixed")]
    hidden = [m.text for m in messages(item, hidden=True) if m.hidden]
    assert hidden[1] == "/test pytest"
    assert hidden[2].endswith("1 failed\nAdd 0.1k tokens of command output to the chat? y")


def test_commands_are_prompts_only_where_they_are_answered(history):
    run = OPENING + "\n#### /add a.py  \n> Added a.py  \n\n#### /ask Why?  \n\nBecause\n"
    (item,) = read("aider", history(run))[0].values()
    assert talk(item) == [("user", "/ask Why?"), ("assistant", "Because")]


def test_choices_that_hold_for_more_than_one_question_are_no_prompts(history):
    question = "Add file to the chat? (Y)es/(N)o/(A)ll/(S)kip all/(D)on't ask again [Yes]: "
    path = history(
        f"{OPENING}\n#### Look  \n\nAt which?\n\n> a.py  \n> {question}a  \n> b.py  \n"
        f"\n#### {question}all  \n> {question}a  \n\nI have seen them.\n"
    )
    (item,) = read("aider", path)[0].values()
    assert talk(item) == [
        ("user", "Look"),
        ("assistant", "At which?"),
        ("assistant", "I have seen them."),
    ]


def test_tokens_of_a_question_that_got_no_answer_count(history):
    told = "> Tokens: {} sent, 0 received. Cost: $1.50 message, $1.98 session.  \n"
    path = history(
        f"{OPENING}\n#### Hi  \n\nHello\n\n{told.format('2k')}\n#### More  \n"
        f"{told.format('501k')}>  \n> Model m has hit a token limit!  \n"
    )
    (item,) = read("aider", path)[0].values()
    assert own_usage(item).input_tokens == 503_000
    assert [m.role for m in messages(item)] == ["user", "assistant", "user"]


def test_a_run_without_an_answer_tells_its_model_too(history):
    (item,) = read("aider", history(f"{OPENING}\n#### Hi  \n> litellm.AuthenticationError  \n"))[
        0
    ].values()
    assert model(item) == "gpt-x"


def test_an_editor_that_strips_spaces_takes_no_prompt_away(history):
    stripped = (
        OPENING.replace("  \n", "\n") + "\n#### Hello\n\nHi!\n\n> Applied edit\n\n#### So?\n\nYes\n"
    )
    (item,) = read("aider", history(stripped))[0].values()
    assert [text for _, text in talk(item)] == ["Hello", "Hi!", "So?", "Yes"]


def test_runs_of_the_same_second_and_runs_without_prompts(tmp_path):
    path = tmp_path / "history.md"
    run = HEADER.format(1) + OPENING
    path.write_text(run + "\n#### A  \n\nB\n" + run + "\n#### C  \n\nD\n" + run)
    found, (skipped,) = read("aider", path)
    assert len({item.document.id for item in found.values()}) == 2
    assert skipped.count == 1


def test_a_line_that_is_not_whole_yet_is_left_for_later(history):
    path = history(OPENING + "\n#### Hello  \n\nHi")
    (item,) = read("aider", path)[0].values()
    assert talk(item) == [("user", "Hello")]


def test_other_files_are_not_histories(tmp_path):
    (tmp_path / "a.md").write_text("# Title\n\ntext\n")
    found, (skipped,) = read("aider", tmp_path / "a.md")
    assert not found
    assert skipped.reason == "it is not an aider history"
    assert list(AiderImporter().read(tmp_path)) == []


async def test_what_the_file_gains_is_all_that_comes_in(samples, tmp_path):
    path = copied(samples / "aider" / SAMPLE, tmp_path)

    def grow():
        with path.open("a") as file:
            file.write("\n#### One more  \n\nAnswer\n\n" + HEADER.format(7) + OPENING)
            file.write("\n#### New run  \n\nYes\n")

    first, second = await grown("aider", path, tmp_path, grow)
    assert set(first[0]) == {"created"}
    # The last run of the sample had no conversation yet.
    assert second[0] == {"created": 2, "unchanged": first[0]["created"]}


async def test_an_answer_that_was_being_written_is_completed(history, tmp_path):
    path = history(OPENING + "\n#### Hello  \n\nOne\n")

    def grow():
        with path.open("a") as file:
            file.write("two\n\n> Tokens: 10 sent, 2 received.  \n")

    first, second = await grown("aider", path, tmp_path, grow)
    assert first[0] == {"created": 1}
    assert second == ({"updated": 1}, 1)


def test_it_is_found_in_the_repository_of_the_current_folder(history, tmp_path, monkeypatch):
    path = history(OPENING)
    (tmp_path / ".git").mkdir()
    inner = tmp_path / "src"
    inner.mkdir()
    monkeypatch.chdir(inner)
    assert AiderImporter().find() == [path]


def test_roles_of_a_run(history):
    (item,) = read("aider", history(OPENING + "\n#### Hello  \n\nHi\n"))[0].values()
    assert roles(item) == {"user": 1, "assistant": 1}
