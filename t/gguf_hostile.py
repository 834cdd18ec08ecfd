# gguf_hostile.py DIR: GGUF files that are damaged, lie, or need what is not
# supported, DIR/N.gguf; prints a line for each: N, the regular expression that the
# message must match, and a name, separated by tabs. Those named "good ..." are
# valid.
import random
import struct
import sys

import gguf_file as gguf
import gguf_models
from gguf_file import ARRAY, BOOL, F32, F64, I32, TEXT, U8, U32, U64

r = random.Random(3)
model = gguf_models.Model(r, "F32", 4, 2, 8)
model.family(32, 32, 1, pairs=True, tied=True)
keys = gguf_models.family_keys("llama", model, 32, 32, 1, 64, 1e-5, 10000.0)
keys += gguf_models.tokenizer_keys()
tensors = model.gguf
count = 0


def put(name, regex, data):
    global count
    count += 1
    with open(f"{sys.argv[1]}/{count}.gguf", "wb") as f:
        f.write(data)
    print(count, regex or ".", name, sep="\t")


def build(keys, tensors, **more):
    return gguf.file(keys, tensors, **more)


def key(name, kind, value):
    """The keys with one set, or added."""
    old = [k[0] for k in keys]
    new = (name, kind, value)
    return [new if k[0] == name else k for k in keys] + ([] if name in old else [new])


def with_key(name, kind, value):
    return build(key(name, kind, value), tensors)


def without(name):
    return build([k for k in keys if k[0] != name], tensors)


def with_tensor(name, change):
    return build(keys, [change(*t) if t[0] == name else t for t in tensors])


good = build(keys, tensors)
head = 4 + 4 + 8 + 8


def patch(at, code, value, data=good):
    b = bytearray(data)
    struct.pack_into("<" + code, b, at, value)
    return bytes(b)


put("good, version 3", "", good)
put("good, version 2", "", build(keys, tensors, version=2))
put("good, alignment 64", "", build(key("general.alignment", U32, 64), tensors,
    alignment=64))
put("good, no experts", "", with_key("llama.expert_count", U32, 0))
put("good, an unknown general key", "", with_key("general.whatever", (ARRAY, F64), [1.0]))
put("good, ids of 64 bits", "", with_key("tokenizer.ggml.eos_token_id", U64, 261))
put("good, no eos id", "", with_key("tokenizer.ggml.eos_token_id", U32, 2**32 - 1))
put("good, a tied head that is repeated", "", build(keys,
    tensors + [("output.weight",) + tensors[0][1:]]))

# ---- the header ----
put("only the magic", "byte 4 .*the file ends here", good[:4])
put("version 1", "version 1 of GGUF is not supported", patch(4, "I", 1))
put("version 4", "version 4 of GGUF is not supported", patch(4, "I", 4))
put("big-endian", "a big-endian GGUF file", patch(4, "I", 3 << 24))
put("2^63 tensors", "byte 8 .*9223372036854775808 tensors, more than fit",
    patch(8, "Q", 1 << 63))
put("2^40 keys", "byte 16 .*1099511627776 keys, more than fit", patch(16, "Q", 1 << 40))
put("one key more", "", patch(16, "Q", len(keys) + 1))
put("one key less", "", patch(16, "Q", len(keys) - 1))
put("one tensor less", "tensor 'output_norm.weight' is missing",
    patch(8, "Q", len(tensors) - 1))
put("a key of 2^63 bytes", "byte 24 .*length of a name", patch(head, "Q", 1 << 63))
put("an empty key", "byte 24 .*length of a name is not from 1", patch(head, "Q", 0))
put("a key longer than the file", "byte 32 .*the file ends here", patch(head, "Q", 60000)[:900])
put("a key with NUL", "byte 24 .*a name contains NUL", patch(head + 8, "B", 0))
put("a duplicate key", "duplicate name 'general.name'",
    build(keys + [("general.name", TEXT, "again")], tensors))
put("a type of value that does not exist", "byte 52 .*'general.architecture' has type 13,",
    patch(head + 8 + 20, "I", 13))
put("a text longer than the file", "the file ends here", patch(head + 8 + 20 + 4, "Q", 1 << 50))
put("an array of arrays", "'x' has an array of arrays", build(keys, tensors).replace(
    gguf.text("general.name") + struct.pack("<I", TEXT) + gguf.text("random"),
    gguf.text("x") + struct.pack("<IIQ", ARRAY, ARRAY, 0)))
types = gguf.text("tokenizer.ggml.token_type") + struct.pack("<II", ARRAY, I32)
at = good.index(types) + len(types)
put("an array longer than the file", "2305843009213693952 elements, more than fit",
    patch(at, "Q", 1 << 61))
put("an array one longer", "", patch(at, "Q", 301))

# ---- tensors ----
first = good.index(gguf.text("token_embd.weight") + struct.pack("<I", 2)) + 8 + 17
put("no dimensions", "'token_embd.weight' has 0 dimensions", patch(first, "I", 0))
put("5 dimensions", "'token_embd.weight' has 5 dimensions", patch(first, "I", 5))
put("a dimension of 0", "'token_embd.weight' has a dimension of 0", patch(first + 4, "Q", 0))
put("dimensions that overflow", "'token_embd.weight' has a dimension of 4611686018427387904",
    patch(first + 12, "Q", 1 << 62))
put("more rows than the file has", "'token_embd.weight' .*ends after the file",
    patch(first + 12, "Q", 1 << 30))
put("an unsupported type", "'token_embd.weight' is of type Q3_K .11., which is not supported",
    patch(first + 20, "I", 11))
put("a removed type", "is of type unknown .4.", patch(first + 20, "I", 4))
put("a type of the future", "is of type unknown .4294967295.", patch(first + 20, "I", 2**32 - 1))
put("rows that are not whole blocks", "rows of 31 numbers, not whole blocks of 32",
    patch(first + 20, "I", 8, patch(first + 4, "Q", 31)))
put("a type that holds no weights", "type I32, which holds no weights", patch(first + 20, "I", 26))
put("an offset that is not aligned", "at offset 4, not a multiple of the alignment, 32",
    patch(first + 24, "Q", 4))
put("an offset after the file", "at offset 1073741824 ends after the file",
    patch(first + 24, "Q", 1 << 30))
put("an offset that wraps around", "ends after the file", patch(first + 24, "Q", 2**64 - 32))
second = good.index(gguf.text("blk.0.attn_norm.weight")) + 8 + 22
put("tensors that overlap", "'token_embd.weight' and 'blk.0.attn_norm.weight' overlap",
    patch(second + 4 + 8 + 4, "Q", 0))
put("a duplicate tensor", "duplicate name 'output_norm.weight'", build(keys, tensors + tensors[-1:]))
put("an alignment of 0", "'general.alignment' is 0", with_key("general.alignment", U32, 0))
put("an alignment of 24", "'general.alignment' is 24", with_key("general.alignment", U32, 24))
put("an alignment that is a text", "'general.alignment' is not an integer",
    with_key("general.alignment", TEXT, "32"))
put("a NaN", "'blk.0.attn_norm.weight'|input_layernorm.weight. holds a NaN",
    with_tensor("blk.0.attn_norm.weight",
        lambda n, t, d, b: (n, t, d, struct.pack("<f", float("nan")) + b[4:])))

# ---- the model ----
put("no architecture", "'general.architecture' is missing", without("general.architecture"))
put("an unknown architecture", "architecture 'mamba' is not supported",
    with_key("general.architecture", TEXT, "mamba"))
for name in ("block_count", "embedding_length", "context_length", "feed_forward_length",
        "attention.head_count", "attention.layer_norm_rms_epsilon"):
    put("no " + name, f"'llama.{name}' is missing", without("llama." + name))
for name, kind, value, regex in (
        ("block_count", U32, 0, "'llama.block_count' is not from 1"),
        ("block_count", U32, 4000, "'blk.1.attn_norm.weight' is missing"),
        ("block_count", F32, 1.0, "'llama.block_count' is not an integer"),
        ("block_count", I32, -1, "'llama.block_count' is negative"),
        ("embedding_length", U64, 1 << 40, "'llama.embedding_length' is not from 1"),
        ("embedding_length", U32, 64, "has shape .300,32. but the keys imply .300,64."),
        ("attention.head_count", (ARRAY, U32), [4], "is not an integer, but an array"),
        ("attention.head_count_kv", U32, 3, "not a multiple of the key-value heads"),
        ("attention.head_count_kv", U32, 4, "'blk.0.attn_k.weight' has shape"),
        ("attention.key_length", U32, 16, "differ in size|has shape"),
        ("attention.value_length", U32, 16, "keys and values differ in size"),
        ("attention.causal", BOOL, 0, "not causal"),
        ("attention.sliding_window", U32, 63, "shorter than the context of 64"),
        ("attention.clamp_kqv", F32, 8.0, "'llama.attention.clamp_kqv' is not supported"),
        ("expert_count", U32, 8, "'llama.expert_count' is not supported"),
        ("logit_scale", F32, 0.5, "'llama.logit_scale' is not supported"),
        ("rope.scaling.type", TEXT, "yarn", "is 'yarn'; only none and linear"),
        ("rope.scaling.type", TEXT, "linear", "'llama.rope.scaling.factor' is missing"),
        ("rope.dimension_count", U32, 4, "is not the head size, 8"),
        ("rope.freq_base", F32, float("nan"), "'llama.rope.freq_base' is missing or not above"),
        ("attention.layer_norm_rms_epsilon", F32, 0.0, "missing or not above 0")):
    put(f"{name} of {value}", regex, with_key("llama." + name, kind, value))
for name in ("token_embd.weight", "blk.0.attn_k.weight", "output_norm.weight"):
    put("no " + name, f"tensor '{name}' is missing",
        build(keys, [t for t in tensors if t[0] != name]))
one = struct.pack("<f", 1.0)
for name, regex in (("blk.0.attn_sinks.weight", "'blk.0.attn_sinks.weight' is not of the model"),
        ("blk.1.attn_norm.weight", "'blk.1.attn_norm.weight' is not of the model"),
        ("blk.0.attn_q.bias", "'blk.0.attn_q.bias'|'blk.0.attn_k.bias' is missing"),
        ("rope_freqs.weight", "'rope_freqs.weight' does not have half the head size, 4")):
    put("with " + name, regex, build(keys, tensors + [(name, "F32", [1], one)]))
put("other scaling of the positions", "'rope_freqs.weight' scales the rotary positions otherwise",
    build(keys, tensors + [("rope_freqs.weight", "F32", [4], struct.pack("<4f", 1, 2, 1, 3))]))
put("an eos id that is not in the vocabulary", "eos_token_id' 300 is not below",
    with_key("tokenizer.ggml.eos_token_id", U32, 300))

# ---- the tokenizer ----
t = "tokenizer.ggml."
named = dict((k[0], k[2]) for k in keys)
put("another tokenizer", "the type 't5', which is not supported",
    with_key(t + "model", TEXT, "t5"))
put("SentencePiece without scores", "'tokenizer.ggml.scores' is missing",
    with_key(t + "model", TEXT, "llama"))
put("no tokenizer", "has no tokenizer", without(t + "model"))
put("no pre", "tokenizer.ggml.pre', is missing; supported are gpt-2, smollm", without(t + "pre"))
put("pre default", "tokenizer.ggml.pre', is default; supported are gpt-2",
    with_key(t + "pre", TEXT, "default"))
for name in ("tokens", "token_type", "merges"):
    put("no " + name, f"'{t}{name}' is missing", without(t + name))
put("tokens that are numbers", f"'{t}tokens' is not an array of texts",
    with_key(t + "tokens", (ARRAY, U32), [1]))
put("a type less", "300 tokens with 299 types",
    with_key(t + "token_type", (ARRAY, I32), named[t + "token_type"][1:]))
put("a type of SentencePiece", "token 0 has type 6",
    with_key(t + "token_type", (ARRAY, I32), [6] + named[t + "token_type"][1:]))
put("a type far off", "token 0 has type -7",
    with_key(t + "token_type", (ARRAY, I32), [-7] + named[t + "token_type"][1:]))
put("a duplicate token", "duplicate token",
    with_key(t + "tokens", (ARRAY, TEXT), ["b"] + named[t + "tokens"][1:]))
put("a duplicate special token", "two ids of added token '<.im_end.>'", with_key(t + "tokens",
    (ARRAY, TEXT), named[t + "tokens"][:260] + ["<|im_end|>"] + named[t + "tokens"][261:]))
put("an empty special token", "token 259 is empty", with_key(t + "tokens", (ARRAY, TEXT),
    named[t + "tokens"][:259] + [""] + named[t + "tokens"][260:]))
for merge in ("q zz", "q", " ", "h q"):
    put(f"the merge '{merge}'", "parts or result not in the vocabulary: merge",
        with_key(t + "merges", (ARRAY, TEXT), [merge]))
put("a template that is a number", "'tokenizer.chat_template' is not a text",
    with_key("tokenizer.chat_template", U8, 1))

# ---- cut off ----
for i in range(1, 40):
    put(f"cut after {i}/40", "", good[:len(good) * i // 40])
