"""Writes a tiny but real llama model: an exact Markov chain laid out as a llama network.

`token_embd` is one-hot for each state of the chain, attention and feed-forward are zero, so that
the residual stream passes through, and `output.weight` holds log P(next | state) / sqrt(n).
llama.cpp runs it as any other model: tokenizer, sampler, grammar, chat template and streaming are
the real ones.

    python tests/real_server/tiny_gguf.py tiny.gguf
"""

from __future__ import annotations

import array
import math
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

from markov_chain import NORMAL, MarkovChain

CONTEXT = 65536
FEED_FORWARD = 32
HEAD = 32
LOWEST = -18.0
_F32, _F16 = 0, 1
_U32, _FLOAT, _BOOL, _STRING, _ARRAY, _I32 = 4, 6, 7, 8, 9, 5
_TEMPLATE = Path(__file__).parent / "chat_template.jinja"

Tensor = tuple[str, tuple[int, ...], int, bytes]


def write_model(path: Path) -> Path:
    """Write the model, about 2 MB."""
    chain = MarkovChain()
    width = -(-(len(chain.next) + 1) // 32) * 32
    fields = _fields(chain, width)
    tensors = _tensors(chain, width)
    offset, table, data = 0, b"", bytearray()
    for name, shape, kind, values in tensors:
        table += _string(name) + struct.pack("<I", len(shape))
        table += struct.pack(f"<{len(shape)}Q", *shape) + struct.pack("<IQ", kind, offset)
        data += values + b"\0" * (-len(values) % 32)
        offset = len(data)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(fields)) + b"".join(fields) + table
    path.write_bytes(head + b"\0" * (-len(head) % 32) + data)
    return path


def _fields(chain: MarkovChain, width: int) -> list[bytes]:
    scores = [0.0 if kind != NORMAL else -float(n) for n, kind in enumerate(chain.kinds)]
    sizes = {
        "context_length": CONTEXT,
        "embedding_length": width,
        "block_count": 1,
        "feed_forward_length": FEED_FORWARD,
        "attention.head_count": 1,
        "attention.head_count_kv": 1,
        "attention.key_length": HEAD,
        "attention.value_length": HEAD,
        "rope.dimension_count": HEAD,
        "vocab_size": len(chain.tokens),
    }
    tokens = {"unknown": 0, "bos": 1, "eos": chain.end}
    tokenizer = "tokenizer.ggml."
    return [
        _text("general.architecture", "llama"),
        _text("general.name", "tiny-markov"),
        _number("general.alignment", 32),
        *(_number(f"llama.{name}", size) for name, size in sizes.items()),
        _field("llama.attention.layer_norm_rms_epsilon", _FLOAT, struct.pack("<f", 1e-6)),
        _text(f"{tokenizer}model", "llama"),
        _array(f"{tokenizer}tokens", _STRING, [_string(token) for token in chain.tokens]),
        _array(f"{tokenizer}scores", _FLOAT, [struct.pack("<f", score) for score in scores]),
        _array(f"{tokenizer}token_type", _I32, [struct.pack("<i", k) for k in chain.kinds]),
        *(_number(f"{tokenizer}{name}_token_id", token) for name, token in tokens.items()),
        *(
            _field(f"{tokenizer}{name}", _BOOL, b"\0")
            for name in ("add_bos_token", "add_eos_token", "add_space_prefix")
        ),
        _text("tokenizer.chat_template", _TEMPLATE.read_text(encoding="utf-8").rstrip("\n")),
    ]


def _tensors(chain: MarkovChain, width: int) -> list[Tensor]:
    """The embeddings and the output are the chain; everything between lets it pass."""
    columns = {token: place for place, token in enumerate(sorted(chain.next))}
    other = len(columns)
    count = len(chain.tokens)
    embeddings = (_row({columns.get(token, other): 1.0}, width) for token in range(count))
    lowest = LOWEST * 1.6 / math.sqrt(width)
    output = (_row(row, width, lowest) for row in _logits(chain, columns, width))
    ones = array.array("f", [1.0] * width).tobytes()
    between = {
        "attn_q": (width, HEAD),
        "attn_k": (width, HEAD),
        "attn_v": (width, HEAD),
        "attn_output": (HEAD, width),
        "ffn_gate": (width, FEED_FORWARD),
        "ffn_up": (width, FEED_FORWARD),
        "ffn_down": (FEED_FORWARD, width),
    }
    return [
        ("token_embd.weight", (width, count), _F16, b"".join(embeddings)),
        ("output_norm.weight", (width,), _F32, ones),
        ("output.weight", (width, count), _F16, b"".join(output)),
        ("blk.0.attn_norm.weight", (width,), _F32, ones),
        ("blk.0.ffn_norm.weight", (width,), _F32, ones),
        *(
            (f"blk.0.{name}.weight", shape, _F16, bytes(2 * math.prod(shape)))
            for name, shape in between.items()
        ),
    ]


def _logits(chain: MarkovChain, columns: dict[int, int], width: int) -> list[dict[int, float]]:
    """How likely each token follows each state; printable ones a little always, for grammars."""
    root = math.sqrt(width)
    rows: list[dict[int, float]] = [{} for _ in chain.tokens]
    for before, weights in chain.next.items():
        total = sum(weights.values())
        for after, weight in weights.items():
            rows[after][columns[before]] = math.log(weight / total) / root
    for value, weight in _printable().items():
        row = rows[chain.ids[f"<0x{value:02X}>"]]
        row[len(columns)] = math.log(weight) / root
        for state in range(len(columns)):
            row.setdefault(state, (LOWEST + math.log(weight) + 4) / root)
    return rows


def _printable() -> dict[int, float]:
    """How much a grammar-bound reply likes each printable byte: JSON's own most."""
    likely = {ord('"'): 3.0, ord("}"): 2.0, ord(","): 0.2, ord(":"): 1.0, ord("]"): 2.0}
    for value in range(0x20, 0x7F):
        likely.setdefault(value, 0.3 if chr(value).isalnum() else 0.02)
    return likely


def _row(values: dict[int, float], width: int, default: float = 0.0) -> bytes:
    row = [default] * width
    for place, value in values.items():
        row[place] = value
    return struct.pack(f"<{width}e", *row)


def _string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _field(name: str, kind: int, value: bytes) -> bytes:
    return _string(name) + struct.pack("<I", kind) + value


def _text(name: str, value: str) -> bytes:
    return _field(name, _STRING, _string(value))


def _number(name: str, value: int) -> bytes:
    return _field(name, _U32, struct.pack("<I", value))


def _array(name: str, kind: int, values: Sequence[bytes]) -> bytes:
    return _field(name, _ARRAY, struct.pack("<IQ", kind, len(values)) + b"".join(values))


if __name__ == "__main__":
    write_model(Path(sys.argv[1]))
