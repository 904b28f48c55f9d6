"""The app's own themes, one dark and one light; every word in them can be read (WCAG AA)."""

from __future__ import annotations

from dataclasses import replace

from textual.theme import Theme

_COLORS = ("primary", "secondary", "accent", "warning", "error", "success")


def _completed(theme: Theme) -> Theme:
    """The theme with what follows from its colours."""
    # Textual would mix the colours of words with white or black; these are clear as they are.
    words = {f"text-{color}": getattr(theme, color) for color in _COLORS}
    surface = theme.surface or ""
    edges = {
        "footer-background": surface,
        "footer-key-foreground": theme.accent or "",
        "scrollbar-background": surface,
        "scrollbar-active": theme.primary,
    }
    return replace(theme, variables={**words, **edges, **theme.variables})


DARK = _completed(
    Theme(
        name="sessions-dark",
        primary="#6fb3d2",
        secondary="#a5b4e8",
        accent="#e6a57e",
        warning="#e2c07c",
        error="#ee8587",
        success="#93c9a1",
        foreground="#d3d9e2",
        background="#14171c",
        surface="#1a1e25",
        panel="#232933",
        boost="#2a313d",
        dark=True,
        variables={
            "text-disabled": "#8a919b",
            "block-cursor-background": "#2b3a48",
            "block-cursor-foreground": "#f2f6fa",
            "block-cursor-blurred-background": "#252d38",
            "input-selection-background": "#2f5568",
            "screen-selection-background": "#2f5568",
            "screen-selection-foreground": "#f2f6fa",
            "scrollbar": "#353d4a",
            "scrollbar-hover": "#4a5464",
        },
    )
)
LIGHT = _completed(
    Theme(
        name="sessions-light",
        primary="#1d6a8a",
        secondary="#4c58a0",
        accent="#a04e1c",
        warning="#8a5a00",
        error="#b3304a",
        success="#35703f",
        foreground="#15171c",
        background="#fdfbf7",
        surface="#f6f3ec",
        panel="#eeeae1",
        boost="#e5e0d4",
        dark=False,
        variables={
            "text-disabled": "#65676c",
            "block-cursor-background": "#d6e8ee",
            "block-cursor-foreground": "#0d1b22",
            "block-cursor-blurred-background": "#e9e5db",
            "input-selection-background": "#bcdbe7",
            "screen-selection-background": "#bcdbe7",
            "screen-selection-foreground": "#0d1b22",
            "scrollbar": "#cfc9bb",
            "scrollbar-hover": "#b3ac9c",
        },
    )
)
THEMES = (DARK, LIGHT)
