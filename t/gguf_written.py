# gguf_written.py FILE.gguf F32.gguf TYPE: FILE, which ckpt wrote with that type,
# has the numbers of F32.gguf, rounded as the type's definition says; vectors and
# positions are F32, the head has at least 8 bits, and rows that are not whole
# blocks are F16.
import struct
import sys

import gguf_file as gguf
import quant

file, whole = gguf.Reader(sys.argv[1]), gguf.Reader(sys.argv[2])
wanted = sys.argv[3].upper()
assert list(file.tensors) == list(whole.tensors)
head = "output.weight" if "output.weight" in whole.tensors else "token_embd.weight"


def kind_of(name, dims):
    if len(dims) == 1 or name == "position_embd.weight":
        return "F32"
    if wanted in quant.types and dims[0] % 32:
        return "F16"
    return "Q8_0" if wanted == "Q4_0" and name == head else wanted


def bits(kind, data, n):
    x = struct.unpack(f"<{n}f", data[:4 * n])
    if kind == "F32":
        return data[:4 * n]
    if kind == "F16":
        return struct.pack(f"<{n}e", *x)
    if kind == "BF16":      # to nearest, ties to even
        words = struct.unpack(f"<{n}I", data[:4 * n])
        return struct.pack(f"<{n}H", *((w + 0x7fff + (w >> 16 & 1)) >> 16 for w in words))
    return quant.quantize(kind, x)


for name, (kind, dims, data) in file.tensors.items():
    n = dims[0] * (dims[1] if len(dims) > 1 else 1)
    want_kind = kind_of(name, dims)
    assert (kind, dims) == (want_kind, whole.tensors[name][1]), f"{name}: {kind} {dims}"
    want = bits(kind, whole.tensors[name][2], n)
    assert data == gguf.pad(want, 32), f"{name}: other numbers"
numbers = {"F32": 0, "F16": 1, "Q4_0": 2, "Q8_0": 7, "BF16": 32}
assert file.keys["general.file_type"] == numbers[wanted]
