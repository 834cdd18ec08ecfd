#!/usr/bin/env python3
"""Makes data/unicode.bin, the character classes of common/base/unicode.h.

usage: gen-unicode.py >data/unicode.bin

Needs the module unicodedata2 16.0.0: the classes must be those of Unicode 16,
whatever the Python version. Lower case comes from the interpreter or, for
characters it does not know yet, from their names.
"""
import struct
import sys
import unicodedata

import unicodedata2 as ucd

assert ucd.unidata_version == '16.0.0', 'unicodedata2 16.0.0 is needed'

# Bits of unicode.h.
LETTER, NUMBER, SPACE, UPPERISH, LOWERISH, MARK, DIGIT, PUNCT, SYMBOL, UPPER, \
    LOWER, CONTROL = (1 << i for i in range(12))

# The property White_Space; it has not changed since Unicode 6.3.
WHITE = {9, 10, 11, 12, 13, 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B),
         0x2028, 0x2029, 0x202F, 0x205F, 0x3000}

BITS = {'Lu': LETTER | UPPERISH | UPPER, 'Lt': LETTER | UPPERISH | UPPER,
        'Ll': LETTER | LOWERISH | LOWER, 'Lm': LETTER | UPPERISH | LOWERISH,
        'Lo': LETTER | UPPERISH | LOWERISH, 'Nd': NUMBER | DIGIT,
        'Cc': CONTROL, 'Cf': CONTROL}
MAJOR = {'M': MARK | UPPERISH | LOWERISH, 'N': NUMBER, 'P': PUNCT, 'S': SYMBOL}


def lower(c):
    ch = chr(c)
    low = ch.lower()
    if ucd.category(ch) == 'Lu' and unicodedata.category(ch) == 'Cn':
        try:
            low = ucd.lookup(ucd.name(ch).replace('CAPITAL', 'SMALL'))
        except KeyError:
            pass
    if c == 0x130:      # two characters in full case mapping; an i in simple mapping
        low = 'i'
    return ord(low) if len(low) == 1 else c


def properties(c):
    cat = ucd.category(chr(c))
    bits = BITS.get(cat, MAJOR.get(cat[0], 0))
    return bits | (SPACE if c in WHITE else 0), lower(c) - c


def main():
    kinds, blocks, stage1 = {}, {}, []
    for start in range(0, 0x110000, 256):
        block = bytes(kinds.setdefault(properties(c), len(kinds))
                      for c in range(start, start + 256))
        stage1.append(blocks.setdefault(block, len(blocks)))
    assert len(kinds) <= 256 and len(blocks) <= 256
    out = b''.join(struct.pack('<HHi', bits, 0, delta)
                   for bits, delta in kinds)
    out = out.ljust(256 * 8, b'\0') + bytes(stage1) + b''.join(blocks)
    sys.stdout.buffer.write(out)
    sys.stderr.write(f'{len(kinds)} kinds, {len(blocks)} blocks, '
                     f'{len(out)} bytes\n')


main()
