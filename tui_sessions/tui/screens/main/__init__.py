"""The main screen: tree, chat and inspector, and everything that a person does there."""
