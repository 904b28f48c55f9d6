"""The colours of highlighted code."""

from __future__ import annotations

from pygments.token import Token  # type: ignore[import-untyped]
from textual.highlight import HighlightTheme, TokenType

from tui_sessions.tui.widgets.transcript.line import DIM


class CodeTheme(HighlightTheme):
    """Colours of code, without underlines, which belong to links."""

    STYLES: dict[TokenType, str] = {
        **HighlightTheme.STYLES,
        Token: "$foreground",
        Token.Comment: f"{DIM} italic",
        Token.Error: "$text-error",
        Token.Generic.Deleted: "$text-error",
        Token.Generic.Error: "$text-error",
        Token.Generic.Heading: "$text-primary bold",
        Token.Generic.Inserted: "$text-success",
        Token.Keyword.Constant: "bold $text-success",
        Token.Keyword.Namespace: "$text-accent",
        Token.Literal.String: "$text-success",
        Token.Literal.String.Backtick: "$text-success",
        Token.Literal.String.Doc: "$text-success italic",
        Token.Literal.String.Double: "$text-success",
        Token.Name: "$foreground",
        Token.Name.Builtin.Pseudo: "$foreground italic",
        Token.Name.Constant: "$text-warning",
        Token.Name.Function: "$text-warning",
        Token.Name.Function.Magic: "$text-warning",
        Token.Operator: "$foreground",
        Token.Operator.Word: "bold $text-accent",
    }
