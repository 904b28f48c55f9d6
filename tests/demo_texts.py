"""What is said in the conversations of the demonstration."""

from __future__ import annotations

ASK_UNARY = """\
`-2 ^ 2` gives 4 in our language. It should be -4: the minus binds looser than the power. \
Where does that go wrong?"""

THINK_UNARY = """\
The unary rule calls itself before the power rule gets a look in. So the minus takes the 2, and \
only then is -2 squared. Precedence climbing would make the order a number instead of a call chain.
Check the tokenizer first: it may swallow the sign into the number literal. It does not, good."""

READ_RESULT = """\
def unary(self) -> Node:
    if self.take("-"):
        return Negate(self.atom())
    return self.power()"""

ANSWER_UNARY = """\
The minus is applied to the **atom**, before `^` sees it. Let it apply to a whole power instead:

```python
def unary(self) -> Node:
    \"\"\"A power, or the negation of one.\"\"\"
    if self.take("-"):
        return Negate(self.unary())  # so that --2 works too
    return self.power()
```

| input      | before | now  |
|:-----------|-------:|-----:|
| `-2 ^ 2`   |      4 |   -4 |
| `2 ^ -1`   |  error |  0.5 |
| `--3`      |  error |    3 |

Two things to know before you merge:

1. The right side of `^` must call `unary` as well.
2. `test_power.py` has one line that expects the old answer."""

ASK_TABLE = "Good. Can the order live in one table, so that the next operator is one line?"

ANSWER_TABLE = """\
Yes, that is *precedence climbing*: one loop, and a number for each operator.

```python
BINDING = {"+": 10, "-": 10, "*": 20, "/": 20, "^": 40}
PREFIX = {"-": 30}  # looser than ^, tighter than *
```

A new operator is one entry. I would do it in a **fork**, so that the fix can go out today."""

ASK_PRATT = "Try the table here, then. Keep the error messages as good as they are."

ANSWER_PRATT = """\
Done: 31 lines instead of 74, and all 118 tests pass.

- `parse(binding=0)` reads a prefix, then loops while the next operator binds tighter.
- `^` is right-associative: its right side is read with *one less* than its own number.
- An operator without a right side says so: `after “^” there should be a value, line 3`."""

ASK_RECOVERY = "After the first mistake, go on with the next line and collect the others."

ANSWER_RECOVERY = """\
Each statement is now parsed on its own. On an error the parser skips to the end of the line and \
notes what it skipped, so one typo is **one** message."""

ASK_REVIEW = "Review the fix for unary minus. Be strict about the tests."

ANSWER_REVIEW = """\
Correct, and smaller than before. Two remarks:

- `test_power.py:41` still expects 4. Change it *in the same commit*.
- Add `2 ^ -2 ^ 2`. It is the case that tells left from right."""

ASK_FUZZ = "Write a fuzz test that compares us with a slow, obvious evaluator."

ANSWER_FUZZ = """\
It ran 40,000 expressions and found one difference: `0 ^ 0`. We say 1, the other one says error.
"""

ASK_BACKUP = "The nightly backup stops at 03:12, every night, without an error. Any ideas?"

THINK_BACKUP = """\
Always the same minute, so not the size. Something else starts then. A timer that renews the \
network lease would cut a mounted share."""

ANSWER_BACKUP = """\
The same minute every night speaks against *size* and for *something else that starts then*:

```bash
journalctl --since 03:10 --until 03:15 --no-pager
systemctl list-timers --all | sort -k2
```

My guess is the timer that restarts the network. The share goes away, and `rsync` waits for ever."""

ASK_TIMER = "The list of timers shows lease-renew.timer at 03:12."

ANSWER_TIMER = """\
That is it: `lease-renew.timer` fires at **03:12** and takes the share down for two seconds.

1. Move the timer to noon.
2. Give `rsync` a `--timeout=60`, so that it """

ASK_BREAD = "My kitchen has 17 °C. How long does the dough need, and can it stand overnight?"

ANSWER_BREAD = """\
Overnight suits 17 °C well. With **20 % starter**:

| step        | at 17 °C | at 24 °C |
|:------------|---------:|---------:|
| first rise  |  10–12 h |    4–5 h |
| shaping     |   20 min |   20 min |
| second rise |    3–4 h |  1.5–2 h |

Mix at nine in the evening, shape at eight, bake at noon. 🍞"""

ASK_SALT = "And how much salt?"

ANSWER_SALT = "Two per cent of the flour: 10 g for 500 g."

ASK_SOUP = "味噌汁の基本の割合を教えて。二人分で。"

ANSWER_SOUP = """\
二人分なら、だし 400 ml に味噌 大さじ 1½ が目安です。

- 豆腐と**わかめ**は最後に。
- 味噌を入れたら沸騰させないこと。"""

ASK_DINNER = "Six guests, one oven, one vegan, one without nuts. What do I cook?"

ANSWER_DINNER = """\
One tray at 200 °C for everybody: squash, chickpeas, red onion, lemon. Beside it:

- [x] a salad that waits well: fennel, orange, olives
- [x] rice with herbs, on the stove
- [ ] pears in spiced juice, made the day before"""

ASK_TRIP = "A week to the sea by train, no leg longer than five hours, and one quiet day."

ANSWER_TRIP = """\
Three legs there, two back, with Thursday free:

1. **Mon** 4 h 10 along the river, arrive for lunch
2. **Tue** 3 h 35 over the pass, sit on the *left*
3. **Wed** 2 h 20 down to the harbour

> The evening boat on Wednesday saves the bus, and the light is better."""

ASK_BOOKS = "Three books that feel like a long walk: slow, clear, a little funny."

ANSWER_BOOKS = """\
Slow, clear and a little funny, in that order:

1. one about a **lighthouse keeper** and his inventory
2. one in which two sisters walk a border
3. one that is only *letters about gardens*"""

SUMMARY = """\
Unary minus binds looser than power; the table of binding numbers is in `grammar.py`; \
error messages name the line and what was expected. Open: `0 ^ 0`."""
