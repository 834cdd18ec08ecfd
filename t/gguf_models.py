# gguf_models.py DIR: small random models of each architecture and type as GGUF
# files, DIR/NAME.gguf, and with the same numbers as model directories, DIR/NAME;
# written from the descriptions of the formats, without any of our programs.
# Prints a line NAME TYPE... for each.
import json
import math
import os
import random
import struct
import sys

import gguf_file as gguf
import quant
from gguf_file import ARRAY, BOOL, F32, I32, TEXT, U32

TOKENS = 300
FIRST = 259     # the first special token, after bytes and three merged tokens
TEMPLATE = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n" \
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
USER = "[tool]"

# ---- the tokenizer ----

visible = [b for b in range(256) if 33 <= b < 127 or 161 <= b < 256 and b != 173]
rest = [b for b in range(256) if b not in visible]
alphabet = {b: chr(b) for b in visible} | {b: chr(256 + i) for i, b in enumerate(rest)}
tokens = [alphabet[b] for b in range(256)]
merges = [("h", "e"), ("t", "he"), (alphabet[32], "the")]
tokens += [a + b for a, b in merges]
added = SPECIAL + [USER]


def tokenizer_keys(pre="gpt-2"):
    named = tokens + added
    spare = [f"[PAD{i}]" for i in range(len(named), TOKENS)]
    types = [1] * len(tokens) + [3] * len(SPECIAL) + [4] + [5] * len(spare)
    return [("tokenizer.ggml.model", TEXT, "gpt2"),
        ("tokenizer.ggml.pre", TEXT, pre),
        ("tokenizer.ggml.tokens", (ARRAY, TEXT), named + spare),
        ("tokenizer.ggml.token_type", (ARRAY, I32), types),
        ("tokenizer.ggml.merges", (ARRAY, TEXT), [f"{a} {b}" for a, b in merges]),
        ("tokenizer.ggml.bos_token_id", U32, FIRST),
        ("tokenizer.ggml.eos_token_id", U32, FIRST + 2),
        ("tokenizer.ggml.eot_token_id", U32, FIRST),
        ("tokenizer.ggml.add_bos_token", BOOL, 0),
        ("tokenizer.chat_template", TEXT, TEMPLATE)]


def write_tokenizer(path):
    rows = [{"id": FIRST + i, "content": s, "single_word": False, "lstrip": False,
        "rstrip": False, "normalized": False, "special": s != USER}
        for i, s in enumerate(added)]
    model = {"type": "BPE", "vocab": {s: i for i, s in enumerate(tokens + added)},
        "merges": [list(m) for m in merges]}
    level = {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True}
    with open(path + "/tokenizer.json", "w") as f:
        json.dump({"added_tokens": rows, "pre_tokenizer": level, "decoder": level,
            "model": model}, f)
    with open(path + "/tokenizer_config.json", "w") as f:
        json.dump({"bos_token": SPECIAL[0], "eos_token": SPECIAL[2],
            "chat_template": TEMPLATE}, f)


# ---- numbers ----

# Of scales, so that numbers are about .1.
SCALE = {"Q4_0": 2e-2, "Q4_1": 1e-2, "Q5_0": 1e-2, "Q5_1": 5e-3}


def plain(name, r, n):
    """n numbers as they are stored, and their values."""
    x = [quant.f32(r.gauss(0, 0.1)) for _ in range(n)]
    if name == "F32":
        return struct.pack(f"<{n}f", *x), x
    if name == "F16":
        data = struct.pack(f"<{n}e", *x)
        return data, list(struct.unpack(f"<{n}e", data))
    words = [struct.unpack("<I", struct.pack("<f", v))[0] >> 16 for v in x]
    return struct.pack(f"<{n}H", *words), \
        [struct.unpack("<f", struct.pack("<I", w << 16))[0] for w in words]


def numbers(name, r, n):
    if name not in quant.types:
        return plain(name, r, n)
    size, nbyte, value, scales = quant.types[name]
    data = b""
    for _ in range(n // size):
        b = bytearray(r.randbytes(nbyte))
        for at in scales:
            b[at:at + 2] = quant.put_half(r.gauss(0, SCALE.get(name, 1e-3)))
        data += bytes(b)
    return data, quant.values(name, data)


# ---- models ----

def interleave(data, rows, heads):
    """Rows of each head in the order of the file: 0, half, 1, half + 1, ..."""
    row, size = len(data) // rows, rows // heads
    order = [h * size + i // 2 + i % 2 * (size // 2) for h in range(heads)
        for i in range(size)]
    return b"".join(data[i * row:(i + 1) * row] for i in order)


def transpose(x, rows, cols):
    return [x[i * cols + j] for j in range(cols) for i in range(rows)]


class Model:
    def __init__(self, r, kind, heads, kv, size):
        self.r, self.kind = r, kind
        self.heads, self.kv, self.size = heads, kv, size
        self.gguf, self.hf = [], []

    def add(self, theirs, ours, rows, cols, kind=None, heads=0, in_first=False):
        """A matrix (rows, cols), or a vector if rows is 0. heads: its rows are
        interleaved in each of so many."""
        kind = kind or (self.kind if rows else "F32")
        data, x = numbers(kind, self.r, max(rows, 1) * cols)
        if heads:
            data = interleave(data, rows or cols, heads)
        self.gguf.append((theirs, kind, [cols, rows] if rows else [cols], data))
        if in_first:
            x = transpose(x, rows, cols)
        shape = [cols, rows] if in_first else [rows, cols] if rows else [cols]
        self.hf.append((ours, shape, x))

    def family(self, width, ffn, layers, pairs=False, qkv_bias=False, biases=False,
            qk_norm=False, tied=False, v_kind=None):
        q, k = self.heads * self.size, self.kv * self.size
        self.add("token_embd.weight", "model.embed_tokens.weight", TOKENS, width)
        for i in range(layers):
            b, m = f"blk.{i}.", f"model.layers.{i}."
            self.add(b + "attn_norm.weight", m + "input_layernorm.weight", 0, width)
            for name, rows in (("q", q), ("k", k), ("v", k)):
                heads = {"q": self.heads, "k": self.kv}.get(name, 0) if pairs else 0
                to, at = f"{b}attn_{name}.", f"{m}self_attn.{name}_proj."
                self.add(to + "weight", at + "weight", rows, width, heads=heads,
                    kind=v_kind if name == "v" else None)
                if qkv_bias or biases:
                    self.add(to + "bias", at + "bias", 0, rows, heads=heads)
                if qk_norm and name != "v":
                    self.add(f"{b}attn_{name}_norm.weight",
                        f"{m}self_attn.{name}_norm.weight", 0, self.size)
            mats = [("attn_output", "self_attn.o_proj", width, q),
                ("ffn_gate", "mlp.gate_proj", ffn, width),
                ("ffn_up", "mlp.up_proj", ffn, width),
                ("ffn_down", "mlp.down_proj", width, ffn)]
            for to, at, rows, cols in mats:
                self.add(f"{b}{to}.weight", f"{m}{at}.weight", rows, cols)
                if biases:
                    self.add(f"{b}{to}.bias", f"{m}{at}.bias", 0, rows)
            self.add(b + "ffn_norm.weight", m + "post_attention_layernorm.weight",
                0, width)
        self.add("output_norm.weight", "model.norm.weight", 0, width)
        if not tied:
            self.add("output.weight", "lm_head.weight", TOKENS, width)

    def gpt2(self, width, layers, context):
        t = "transformer."
        self.add("token_embd.weight", t + "wte.weight", TOKENS, width)
        self.add("position_embd.weight", t + "wpe.weight", context, width, "F32")
        for i in range(layers):
            b, m = f"blk.{i}.", f"{t}h.{i}."
            for to, at, rows, cols in (("attn_norm", "ln_1", 0, width),
                    ("attn_qkv", "attn.c_attn", 3 * width, width),
                    ("attn_output", "attn.c_proj", width, width),
                    ("ffn_norm", "ln_2", 0, width),
                    ("ffn_up", "mlp.c_fc", 4 * width, width),
                    ("ffn_down", "mlp.c_proj", width, 4 * width)):
                self.add(f"{b}{to}.weight", f"{m}{at}.weight", rows, cols,
                    in_first=rows > 0)
                self.add(f"{b}{to}.bias", f"{m}{at}.bias", 0, rows or cols)
        self.add("output_norm.weight", t + "ln_f.weight", 0, width)
        self.add("output_norm.bias", t + "ln_f.bias", 0, width)


def safetensors(path, tensors):
    head, at, data = {"__metadata__": {"format": "pt"}}, 0, b""
    for name, shape, x in tensors:
        head[name] = {"dtype": "F32", "shape": shape,
            "data_offsets": [at, at + 4 * len(x)]}
        at += 4 * len(x)
        data += struct.pack(f"<{len(x)}f", *x)
    head = json.dumps(head).encode()
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(head)) + head + data)


def write(top, name, model, keys, config, pre="gpt-2", extra=[]):
    """DIR/NAME and, if there are keys, DIR/NAME.gguf."""
    path = f"{top}/{name}"
    os.makedirs(path)
    config = config | {"vocab_size": TOKENS, "bos_token_id": FIRST,
        "eos_token_id": [FIRST + 2, FIRST]}
    with open(path + "/config.json", "w") as f:
        json.dump(config, f)
    safetensors(path + "/model.safetensors", model.hf)
    write_tokenizer(path)
    if keys:
        with open(path + ".gguf", "wb") as f:
            f.write(gguf.file(keys + tokenizer_keys(pre), model.gguf + extra))
    print(name, *sorted({t[1] for t in model.gguf}))


def family_keys(arch, model, width, ffn, layers, context, eps, theta, more=[]):
    k = arch + "."
    return [("general.architecture", TEXT, arch), ("general.name", TEXT, "random"),
        (k + "block_count", U32, layers), (k + "context_length", U32, context),
        (k + "embedding_length", U32, width), (k + "feed_forward_length", U32, ffn),
        (k + "attention.head_count", U32, model.heads),
        (k + "attention.head_count_kv", U32, model.kv),
        (k + "attention.layer_norm_rms_epsilon", F32, eps),
        (k + "rope.freq_base", F32, theta)] + more


def family_config(kind, model, width, ffn, layers, context, eps, theta, more={}):
    return {"model_type": kind, "hidden_size": width, "intermediate_size": ffn,
        "num_hidden_layers": layers, "num_attention_heads": model.heads,
        "num_key_value_heads": model.kv, "head_dim": model.size,
        "max_position_embeddings": context, "rms_norm_eps": eps,
        "rope_theta": theta} | more


def llama3_factors(size, theta, factor, low, high, context):
    """By which Llama 3.1 divides the frequencies (its modeling code)."""
    out = []
    for i in range(size // 2):
        wave = 2 * math.pi * theta ** (2 * i / size)
        if wave < context / high:
            out.append(1.0)
        elif wave > context / low:
            out.append(factor)
        else:
            smooth = (context / wave - low) / (high - low)
            out.append(1 / ((1 - smooth) / factor + smooth))
    return out


def write_llama3(top, r):
    m = Model(r, "Q6_K", 4, 1, 64)
    m.family(256, 256, 1, pairs=True, tied=True)
    f = llama3_factors(64, 500000.0, 8.0, 1.0, 4.0, 8192)
    extra = [("rope_freqs.weight", "F32", [32], struct.pack("<32f", *f))]
    keys = family_keys("llama", m, 256, 256, 1, 128, 1e-5, 500000.0,
        [("llama.rope.dimension_count", U32, 64), ("llama.vocab_size", U32, TOKENS)])
    scaling = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0,
        "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}
    write(top, "llama3", m, keys, family_config("llama", m, 256, 256, 1, 128, 1e-5,
        500000.0, {"rope_scaling": scaling, "tie_word_embeddings": True}), extra=extra)


def write_family(top, r):
    def one(name, arch, kind, heads, kv, size, width, ffn, keys=[], config={},
            theta=10000.0, layers=2, **features):
        m = Model(r, kind, heads, kv, size)
        m.family(width, ffn, layers, **features)
        config = config | {"tie_word_embeddings": features.get("tied", False)}
        write(top, name, m,
            family_keys(arch, m, width, ffn, layers, 128, 1e-5, theta, keys),
            family_config(arch, m, width, ffn, layers, 128, 1e-5, theta, config))

    for kind in ("F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1"):
        one("llama_" + kind, "llama", kind, 6, 2, 16, 96, 64, pairs=True, tied=True)
    for kind in ("Q4_K", "Q5_K"):
        one("llama_" + kind, "llama", kind, 4, 1, 64, 256, 256, layers=1, pairs=True,
            tied=True)
    # As in files named Q4_K_M.
    one("llama_mixed", "llama", "Q4_K", 4, 2, 64, 256, 256, pairs=True, tied=True,
        biases=True, v_kind="Q6_K",
        config={"attention_bias": True, "mlp_bias": True})
    one("llama_biased", "llama", "F32", 6, 2, 16, 96, 64, pairs=True, biases=True,
        config={"attention_bias": True, "mlp_bias": True})
    one("llama_linear", "llama", "F32", 6, 3, 8, 48, 64, pairs=True,
        keys=[("llama.rope.scaling.type", TEXT, "linear"),
            ("llama.rope.scaling.factor", F32, 4.0)],
        config={"rope_scaling": {"rope_type": "linear", "factor": 4.0}})
    one("qwen2", "qwen2", "Q8_0", 6, 2, 16, 96, 64, qkv_bias=True, tied=True,
        theta=1e6)
    one("qwen3", "qwen3", "Q4_1", 6, 2, 32, 96, 64, qk_norm=True, theta=1e6,
        keys=[("qwen3.attention.key_length", U32, 32),
            ("qwen3.attention.value_length", U32, 32)])


def write_gpt2(top, r):
    for kind in ("F16", "Q5_0"):
        m = Model(r, kind, 4, 4, 24)
        m.gpt2(96, 2, 64)
        k = "gpt2."
        keys = [("general.architecture", TEXT, "gpt2"), (k + "block_count", U32, 2),
            (k + "context_length", U32, 64), (k + "embedding_length", U32, 96),
            (k + "feed_forward_length", U32, 384), (k + "attention.head_count", U32, 4),
            (k + "attention.layer_norm_epsilon", F32, 1e-5)]
        write(top, "gpt2_" + kind, m, keys, {"model_type": "gpt2", "n_embd": 96,
            "n_layer": 2, "n_head": 4, "n_positions": 64,
            "layer_norm_epsilon": 1e-5})


if __name__ == "__main__":
    r = random.Random(1)
    write_family(sys.argv[1], r)
    write_llama3(sys.argv[1], r)
    write_gpt2(sys.argv[1], r)
