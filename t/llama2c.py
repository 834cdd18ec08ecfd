# llama2c.py DIR [WIDTH]: small random models in the format of llama2.c, version 0,
# DIR/NAME.bin, and with the same numbers as model directories, DIR/NAME. Prints
# the names.
import random
import struct
import sys

import gguf_models

TOKENS = gguf_models.TOKENS
top, width = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 48
heads, kv, layers, ffn, context = 4, 2, 2, 32, 16


def floats(m, *names):
    """The bytes of these tensors, by their names in GGUF files, which have the
    same order of rows."""
    found = {t[0]: t[3] for t in m.gguf}
    return b"".join(found[n] for n in names)


def over(name):
    return [f"blk.{i}.{name}.weight" for i in range(layers)]


for name, tied in (("tied", True), ("untied", False)):
    m = gguf_models.Model(random.Random(5), "F32", heads, kv, width // heads)
    m.family(width, ffn, layers, pairs=True, tied=tied)
    data = struct.pack("<7i", width, ffn, layers, heads, kv,
        TOKENS if tied else -TOKENS, context)
    data += floats(m, "token_embd.weight")
    for kind in ("attn_norm", "attn_q", "attn_k", "attn_v", "attn_output", "ffn_norm",
            "ffn_gate", "ffn_down", "ffn_up"):
        data += floats(m, *over(kind))
    data += floats(m, "output_norm.weight") + struct.pack("<f", 7.5) * (context * width // heads)
    if not tied:
        data += floats(m, "output.weight")
    with open(f"{top}/{name}.bin", "wb") as f:
        f.write(data)
    config = gguf_models.family_config("llama", m, width, ffn, layers, context, 1e-5, 10000.0,
        {"tie_word_embeddings": tied})
    gguf_models.write(top, name, m, [], config)
