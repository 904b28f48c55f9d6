import re
from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import Theme

import tui_sessions.tui
from tui_sessions.tui.themes import THEMES

WORDS = 4.5
"""The least contrast of text, as the web's guideline has it for its level AA."""
SHAPES = 3.0
"""The least contrast of what is told by its shape, such as the frame of what has the focus."""
GROUNDS = ("background", "surface", "panel")
LEAST_OF_WORDS = 45
"""Smaller shares of the foreground draw lines and dots, not words."""

TEXTS = ("primary", "secondary", "accent", "success", "warning", "error", "disabled", "muted")


@pytest.fixture(params=THEMES, ids=lambda theme: theme.name)
def colors(request: pytest.FixtureRequest) -> dict[str, str]:
    theme: Theme = request.param
    return {**theme.to_color_system().generate(), **theme.variables}


def on(ground: Color, color: str, share: float = 1.0) -> Color:
    """A colour as it is seen on another one; `auto` is black or white, whichever is clearer."""
    auto = re.fullmatch(r"auto (\d+)%", color)
    if auto:
        return ground.blend(ground.get_contrast_text(1.0), int(auto[1]) / 100)
    parsed = Color.parse(color)
    return ground.blend(parsed.with_alpha(1), parsed.a * share)


def luminance(color: Color) -> float:
    parts = [value / 255 for value in color.rgb]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Color, other: Color) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def shares_of_words() -> list[int]:
    """The shares of the foreground that anything on the screen is written in."""
    folder = Path(tui_sessions.tui.__file__).parent
    files = [*folder.rglob("*.py"), *folder.rglob("*.tcss")]
    found = {
        int(share)
        for file in files
        for share in re.findall(r"foreground (\d+)%", file.read_text(encoding="utf-8"))
    }
    return sorted(share for share in found if share >= LEAST_OF_WORDS)


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("text", TEXTS)
def test_coloured_words_can_be_read_on_every_ground(
    colors: dict[str, str], text: str, ground: str
) -> None:
    below = Color.parse(colors[ground])
    assert contrast(on(below, colors[f"text-{text}"]), below) >= WORDS


@pytest.mark.parametrize("ground", GROUNDS)
def test_words_can_be_read_on_every_ground(colors: dict[str, str], ground: str) -> None:
    below = Color.parse(colors[ground])
    assert contrast(on(below, colors["foreground"]), below) >= 7


@pytest.mark.parametrize("ground", ["background", "surface"])
@pytest.mark.parametrize("share", shares_of_words())
def test_words_that_stand_back_can_be_read(colors: dict[str, str], share: int, ground: str) -> None:
    below = Color.parse(colors[ground])
    assert contrast(on(below, colors["foreground"], share / 100), below) >= WORDS


@pytest.mark.parametrize("share", [1.0, 0.66])
@pytest.mark.parametrize("cursor", ["block-cursor", "block-cursor-blurred"])
def test_words_can_be_read_on_the_row_under_the_cursor(
    colors: dict[str, str], cursor: str, share: float
) -> None:
    below = on(Color.parse(colors["surface"]), colors[f"{cursor}-background"])
    assert contrast(on(below, colors["foreground"], share), below) >= WORDS
    assert contrast(on(below, colors[f"{cursor}-foreground"]), below) >= WORDS


def test_keys_and_what_they_do_can_be_read_in_the_footer(colors: dict[str, str]) -> None:
    below = Color.parse(colors["footer-background"])
    for part in ("footer-key-foreground", "footer-description-foreground"):
        assert contrast(on(below, colors[part]), below) >= WORDS


def test_selected_text_can_be_read(colors: dict[str, str]) -> None:
    below = on(Color.parse(colors["surface"]), colors["input-selection-background"])
    assert contrast(on(below, colors["foreground"]), below) >= WORDS


@pytest.mark.parametrize("ground", GROUNDS)
def test_text_that_the_mouse_selects_can_be_read_whatever_its_colour(
    colors: dict[str, str], ground: str
) -> None:
    below = on(Color.parse(colors[ground]), colors["screen-selection-background"])
    assert contrast(on(below, colors["screen-selection-foreground"]), below) >= WORDS
    assert Color.parse(colors["screen-selection-foreground"]).a == 1  # takes the words' own place


@pytest.mark.parametrize("text", ["primary", "secondary", "accent", "success", "warning", "error"])
def test_coloured_words_can_be_read_on_the_row_under_the_cursor(
    colors: dict[str, str], text: str
) -> None:
    for cursor in ("block-cursor", "block-cursor-blurred"):
        below = on(Color.parse(colors["surface"]), colors[f"{cursor}-background"])
        assert contrast(on(below, colors[f"text-{text}"]), below) >= WORDS


@pytest.mark.parametrize("ground", GROUNDS)
def test_the_frame_of_what_has_the_focus_stands_out(colors: dict[str, str], ground: str) -> None:
    below = Color.parse(colors[ground])
    assert contrast(Color.parse(colors["primary"]), below) >= SHAPES
