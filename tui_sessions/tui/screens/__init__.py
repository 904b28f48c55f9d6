"""The screens and dialogs; each receives what it works on as an argument."""
