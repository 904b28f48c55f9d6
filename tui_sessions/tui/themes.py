"""The app's own themes, one dark and one light."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="sessions-dark",
    primary="#7aa2f7",
    secondary="#9ece6a",
    accent="#e0af68",
    warning="#e0af68",
    error="#f7768e",
    success="#9ece6a",
    foreground="#c8d0e8",
    background="#16171f",
    surface="#1c1e29",
    panel="#232636",
    boost="#262a3c",
    dark=True,
)
LIGHT = Theme(
    name="sessions-light",
    primary="#2f5fd0",
    secondary="#3f7d20",
    accent="#9a5b00",
    warning="#9a5b00",
    error="#c0264a",
    success="#3f7d20",
    foreground="#23273a",
    background="#fbfbfd",
    surface="#f2f3f8",
    panel="#e6e8f0",
    boost="#dfe2ee",
    dark=False,
)
THEMES = (DARK, LIGHT)
