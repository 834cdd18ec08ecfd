# gguf_file.py: writes GGUF files from Python values, by the format's description.
import struct

U8, I8, U16, I16, U32, I32, F32, BOOL, TEXT, ARRAY, U64, I64, F64 = range(13)
PACK = {U8: "B", I8: "b", U16: "H", I16: "h", U32: "I", I32: "i", F32: "f",
    BOOL: "B", U64: "Q", I64: "q", F64: "d"}
TYPES = {"F32": 0, "F16": 1, "Q4_0": 2, "Q4_1": 3, "Q5_0": 6, "Q5_1": 7, "Q8_0": 8,
    "Q3_K": 11, "Q4_K": 12, "Q5_K": 13, "Q6_K": 14, "BF16": 30}


def text(s):
    s = s if isinstance(s, bytes) else s.encode()
    return struct.pack("<Q", len(s)) + s


def value(kind, x):
    return text(x) if kind == TEXT else struct.pack("<" + PACK[kind], x)


def entry(key, kind, x):
    """A key with its value; kind (ARRAY, element) for a list."""
    if isinstance(kind, tuple):
        return text(key) + struct.pack("<IIQ", ARRAY, kind[1], len(x)) + \
            b"".join(value(kind[1], e) for e in x)
    return text(key) + struct.pack("<I", kind) + value(kind, x)


def pad(b, alignment):
    return b + bytes(-len(b) % alignment)


def file(keys, tensors, alignment=32, version=3):
    """keys: (key, kind, value); tensors: (name, type, dimensions, data), the
    fastest dimension first."""
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(keys))
    head += b"".join(entry(*k) for k in keys)
    data = b""
    for name, kind, dims, bits in tensors:
        number = TYPES.get(kind, kind)
        head += text(name) + struct.pack("<I", len(dims)) + \
            struct.pack(f"<{len(dims)}Q", *dims) + struct.pack("<IQ", number, len(data))
        data = pad(data + bits, alignment)
    return pad(head, alignment) + data


class Reader:
    """The keys and tensors of a file, which must be whole and aligned."""

    def __init__(self, path):
        self.b, self.at = open(path, "rb").read(), 0
        assert self.take(4) == b"GGUF" and self.number("I") == 3
        ntensor, nkey = self.number("Q"), self.number("Q")
        self.keys = {self.text(): self.value(self.number("I")) for _ in range(nkey)}
        assert len(self.keys) == nkey
        infos = [self.info() for _ in range(ntensor)]
        begin = -(-self.at // 32) * 32
        self.tensors = {}
        for i, (name, dims, kind, offset) in enumerate(infos):
            assert offset % 32 == 0
            end = infos[i + 1][3] if i + 1 < ntensor else len(self.b) - begin
            self.tensors[name] = (kind, dims, self.b[begin + offset:begin + end])

    def take(self, n):
        self.at += n
        assert self.at <= len(self.b)
        return self.b[self.at - n:self.at]

    def number(self, code):
        return struct.unpack("<" + code, self.take(struct.calcsize(code)))[0]

    def text(self):
        return self.take(self.number("Q")).decode()

    def value(self, kind):
        if kind == TEXT:
            return self.text()
        if kind == ARRAY:
            kind, n = self.number("I"), self.number("Q")
            return [self.value(kind) for _ in range(n)]
        return self.number(PACK[kind])

    def info(self):
        name, n = self.text(), self.number("I")
        dims = [self.number("Q") for _ in range(n)]
        kind = {v: k for k, v in TYPES.items()}[self.number("I")]
        return name, dims, kind, self.number("Q")
