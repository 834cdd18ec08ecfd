#!/usr/bin/env python3
"""Makes data/nfc.bin, the tables of common/base/nfc.h.

usage: gen-nfc.py >data/nfc.bin

Needs the module unicodedata2 16.0.0: the tables must be those of Unicode 16,
whatever the Python version. Hangul syllables are not in them, since they are
computed.
"""
import struct
import sys

import unicodedata2 as ucd

assert ucd.unidata_version == '16.0.0', 'unicodedata2 16.0.0 is needed'

HANGUL = range(0xAC00, 0xAC00 + 11172)
CHARS = [c for c in range(0x110000)
         if not 0xD800 <= c < 0xE000 and c not in HANGUL]


def canonical(c):
    """The characters that c decomposes into in one step, or none."""
    d = ucd.decomposition(chr(c))
    return [] if not d or d[0] == '<' else [int(x, 16) for x in d.split()]


def composes(c, pair):
    """False for singletons and characters excluded from composition."""
    return len(pair) == 2 and \
        ucd.normalize('NFC', chr(pair[0]) + chr(pair[1])) == chr(c)


def main():
    split = {c: canonical(c) for c in CHARS if canonical(c)}
    pairs = {tuple(p): c for c, p in split.items() if composes(c, p)}
    seconds = {b for _, b in pairs} | set(range(0x1161, 0x1176)) | \
        set(range(0x11A8, 0x11C3))

    def kind(c):
        if ucd.combining(chr(c)):
            return ucd.combining(chr(c))
        return 255 if c in seconds or \
            (c in split and ucd.normalize('NFC', chr(c)) != chr(c)) else 0

    kinds = bytearray(0x110000)
    for c in CHARS:
        kinds[c] = kind(c)
    assert not any(kinds[:0x300])
    blocks, stage1 = {}, []
    for start in range(0, 0x110000, 256):
        block = bytes(kinds[start:start + 256])
        stage1.append(blocks.setdefault(block, len(blocks)))
    assert len(blocks) <= 256
    out = struct.pack('<III', len(split), len(pairs), len(blocks))
    for c, p in sorted(split.items()):
        out += struct.pack('<III', c, p[0], p[1] if len(p) > 1 else 0)
    for (a, b), c in sorted(pairs.items()):
        out += struct.pack('<III', a, b, c)
    out += bytes(stage1) + b''.join(blocks)
    sys.stdout.buffer.write(out)
    sys.stderr.write(f'{len(split)} decompositions, {len(pairs)} pairs, '
                     f'{len(blocks)} blocks, {len(out)} bytes\n')


main()
