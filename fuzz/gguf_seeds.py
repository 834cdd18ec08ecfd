# gguf_seeds.py DIR: small GGUF files, the seeds of fuzz/gguf.c: models, whose
# length is odd or even, and a tensor of each type.
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(sys.argv[0]), "../t"))
import gguf_file as gguf
import gguf_models
import quant
import spm


def put(name, data):
    with open(f"{sys.argv[1]}/{name}", "wb") as f:
        f.write(data)


r = random.Random(7)
for kind in ("Q4_0", "Q4_1"):
    m = gguf_models.Model(r, kind, 4, 2, 8)
    m.family(32, 32, 1, pairs=True, tied=True)
    keys = gguf_models.family_keys("llama", m, 32, 32, 1, 16, 1e-5, 1e4)
    data = gguf.file(keys + gguf_models.tokenizer_keys(), m.gguf)
    put(kind + "-even", data)
    put(kind + "-odd", data + b"\0")
data = gguf.file(gguf_models.tokenizer_keys("qwen2"), [])
put("tokenizer", data + bytes(len(data) % 2))
data = gguf.file(spm.model_keys(spm.Vocabulary(False)), [])
put("spm", data + bytes(len(data) % 2))
tensors = [(name, name, [256, 1], b"".join(quant.random_block(name, r)
    for _ in range(256 // row[0]))) for name, row in quant.types.items()]
put("types", gguf.file([], tensors))
