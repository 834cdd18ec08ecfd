# quant.py: the quantized types of GGUF files by their definitions, a number at a
# time; `quant.py UNIT` compares them with the program UNIT (t/unit/quant.c).
import random
import struct
import subprocess
import sys


def f32(x):
    return struct.unpack("<f", struct.pack("<f", x))[0]


def half(b, at):
    return struct.unpack_from("<e", b, at)[0]


def put_half(x):
    return struct.pack("<e", x)


def nibble(b, i, n):
    """Number i of n, whose first half are low and whose second are high bits."""
    return b[i] & 15 if i < n // 2 else b[i - n // 2] >> 4


def q8_0(b, i):
    return half(b, 0) * struct.unpack_from("b", b, 2 + i)[0]


def q4_0(b, i):
    return half(b, 0) * (nibble(b[2:], i, 32) - 8)


def q4_1(b, i):
    return f32(half(b, 0) * nibble(b[4:], i, 32)) + half(b, 2)


def fifth(b, at, i):
    return (struct.unpack_from("<I", b, at)[0] >> i & 1) * 16


def q5_0(b, i):
    return half(b, 0) * (nibble(b[6:], i, 32) + fifth(b, 2, i) - 16)


def q5_1(b, i):
    q = nibble(b[8:], i, 32) + fifth(b, 4, i)
    return f32(half(b, 0) * q) + half(b, 2)


def six_bits(s):
    """The 8 scales and 8 minima of a block of Q4_K or Q5_K."""
    d = [x & 63 for x in s[:4]] + [s[8 + j] & 15 | s[j] >> 6 << 4 for j in range(4)]
    m = [x & 63 for x in s[4:8]] + [s[8 + j] >> 4 | s[4 + j] >> 6 << 4 for j in range(4)]
    return d, m


def k_value(b, sub, q):
    d, m = six_bits(b[4:16])
    return f32(f32(half(b, 0) * d[sub]) * q) - f32(half(b, 2) * m[sub])


def q4_k(b, i):
    sub, at = i // 32, i // 64 * 32 + i % 32
    q = b[16 + at] >> 4 if sub % 2 else b[16 + at] & 15
    return k_value(b, sub, q)


def q5_k(b, i):
    sub, at = i // 32, i // 64 * 32 + i % 32
    q = b[48 + at] >> 4 if sub % 2 else b[48 + at] & 15
    return k_value(b, sub, q + (b[16 + i % 32] >> sub & 1) * 16)


def q6_k(b, i):
    part, group, at = i // 128, i % 128 // 32, i % 32
    low = b[64 * part + group % 2 * 32 + at]
    q = low >> 4 if group >= 2 else low & 15
    q += (b[128 + 32 * part + at] >> 2 * group & 3) * 16
    scale = struct.unpack_from("b", b, 192 + i // 16)[0]
    return f32(half(b, 208) * scale) * (q - 32)


# name: elements, bytes of a block, value, offsets of its scales
types = {
    "Q8_0": (32, 34, q8_0, [0]),
    "Q4_0": (32, 18, q4_0, [0]),
    "Q4_1": (32, 20, q4_1, [0, 2]),
    "Q5_0": (32, 22, q5_0, [0]),
    "Q5_1": (32, 24, q5_1, [0, 2]),
    "Q4_K": (256, 144, q4_k, [0, 2]),
    "Q5_K": (256, 176, q5_k, [0, 2]),
    "Q6_K": (256, 210, q6_k, [208]),
}


def away(x):
    """The nearest integer, halves away from zero."""
    return int(abs(x) + 0.5) * (1 if x > 0 else -1)


def inverse(d):
    return f32(1 / d) if d else 0.0


def make_q8_0(x):
    d = f32(max(map(abs, x)) / 127)
    q = [away(f32(v * inverse(d))) for v in x]
    return put_half(d) + struct.pack("32b", *q)


def pack_nibbles(q):
    return bytes(q[i] | q[i + 16] << 4 for i in range(16))


def make_q4_0(x):
    most = max(x, key=abs)      # the first of those with the largest magnitude
    d = f32(most / -8)
    return put_half(d) + pack_nibbles(
        [min(15, int(f32(f32(v * inverse(d)) + 8.5))) for v in x])


def make_q4_1(x):
    d = f32(f32(max(x) - min(x)) / 15)
    return put_half(d) + put_half(min(x)) + pack_nibbles(
        [min(15, int(f32(f32(f32(v - min(x)) * inverse(d)) + 0.5))) for v in x])


makers = {"Q8_0": make_q8_0, "Q4_0": make_q4_0, "Q4_1": make_q4_1}


def random_block(name, r):
    """Any bits, but scales that are finite."""
    elements, size, value, scales = types[name]
    b = bytearray(r.randbytes(size))
    for at in scales:
        b[at:at + 2] = put_half(r.choice([0, 1, -1, r.gauss(0, 1), r.gauss(0, 1e-6)]))
    return bytes(b)


def values(name, data):
    elements, size, value, scales = types[name]
    return [f32(value(data[at:at + size], i)) for at in range(0, len(data), size)
        for i in range(elements)]


def quantize(name, x):
    return b"".join(makers[name](x[at:at + 32]) for at in range(0, len(x), 32))


def run(unit, what, name, n, data):
    return subprocess.run([unit, what, name, str(n)], input=data,
        stdout=subprocess.PIPE, check=True).stdout


def check_load(unit, name, r):
    data = b"".join(random_block(name, r) for _ in range(40))
    want = values(name, data)
    got = struct.unpack(f"<{len(want)}f", run(unit, "load", name, len(want), data))
    for i, (x, y) in enumerate(zip(want, got)):
        assert x == y, f"{name}: number {i} is {y}, not {x}"


def numbers(r):
    """Blocks of ordinary numbers; zeros; one number; halves that are ties; tiny."""
    yield [f32(r.gauss(0, 0.02)) for _ in range(32 * 60)]
    yield [0.0] * 32
    yield [0.0] * 31 + [-3.0]
    yield [3.0] * 32
    yield [i / 2 - 8.0 for i in range(32)]
    yield [127.0, -127.0] + [i + 0.5 for i in range(-15, 15)]
    yield [f32(x * 1e-7) for x in range(-16, 16)]
    yield [1e-44] * 32


def check_store(unit, name, r):
    for x in numbers(r):
        if name == "Q4_1" and max(x) == 1e-44:
            continue
        want = quantize(name, x) if max(x) != 1e-44 else None
        got = run(unit, "store", name, len(x), struct.pack(f"<{len(x)}f", *x))
        if want is None:        # no scale can hold them: they become 0
            assert not any(values(name, got)), name
        else:
            assert got == want, f"{name} of {x[:32]}"


if __name__ == "__main__":
    r = random.Random(9)
    for name in types:
        check_load(sys.argv[1], name, r)
    for name in makers:
        check_store(sys.argv[1], name, r)
