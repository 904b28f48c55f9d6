"""The app's own themes, one dark and one light."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
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
        "block-cursor-background": "#2b3a48",
        "block-cursor-foreground": "#f2f6fa",
        "block-cursor-blurred-background": "#222831",
        "footer-background": "#1a1e25",
        "footer-key-foreground": "#e6a57e",
        "input-selection-background": "#2f5568",
        "scrollbar": "#353d4a",
        "scrollbar-hover": "#4a5464",
        "scrollbar-active": "#6fb3d2",
        "scrollbar-background": "#1a1e25",
    },
)
LIGHT = Theme(
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
        "block-cursor-background": "#cfe3ea",
        "block-cursor-foreground": "#0d1b22",
        "block-cursor-blurred-background": "#ece9e0",
        "footer-background": "#f6f3ec",
        "footer-key-foreground": "#a04e1c",
        "input-selection-background": "#bcdbe7",
        "scrollbar": "#cfc9bb",
        "scrollbar-hover": "#b3ac9c",
        "scrollbar-active": "#1d6a8a",
        "scrollbar-background": "#f6f3ec",
    },
)
THEMES = (DARK, LIGHT)
