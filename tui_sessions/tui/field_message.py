"""Messages whose class only says what they tell."""

from __future__ import annotations

from typing import Any, ClassVar, dataclass_transform

from textual.message import Message


@dataclass_transform()
class FieldMessage(Message):
    """A message with the fields that its class declares, in their order.

    `dataclass` would compile methods for each such class, for which every start of the app waits.
    """

    fields: ClassVar[tuple[str, ...]] = ()
    """Their names."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.fields = (*cls.fields, *vars(cls).get("__annotations__", ()))

    def __init__(self, *values: Any, **named: Any) -> None:
        super().__init__()
        told = dict(zip(self.fields, values, strict=False)) | named
        for name, value in told.items():
            setattr(self, name, value)
        all_used = len(told) == len(values) + len(named) and told.keys() <= {*self.fields}
        if not all_used or not all(hasattr(self, name) for name in self.fields):
            raise TypeError(f"{type(self).__name__} takes {', '.join(self.fields)}.")
