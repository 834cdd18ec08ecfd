#!/usr/bin/env python3
"""Writes data/textclass.bin, the character classes of common/filter/uchar.h.

usage: tools/gen-textclass.py > data/textclass.bin

Categories come from the Unicode data of this Python (14.0 in Python 3.11, which
the reference programs use). The classes of the quality rules are those of the
programs whose decisions the rules reproduce, datatrove and spaCy's English
tokenizer; they are listed here as code points.

Layout, little-endian: 64 class masks, u32 each; 4,352 bytes: the block number
of each 256 code points; then for each block 256 bytes of class numbers.
"""
import struct
import sys
import unicodedata

SPACE, LETTER, MARK, DIGIT, ALPHA, LOWER, UPPER, ICON, SYMBOL, TERMINAL, \
    SENTENCE, PUNCT, CURRENCY, QUOTE, AFFIX = (1 << i for i in range(15))

# spaCy 3.8: scripts without case, and the alphabets with case
UNCASED = '''591-5f4 620-64a 66e-6d5 6e5-6ff 750-77f 8a0-8bd 900-9ff b80-cff
d80-dff 1100-137f 2e80-2fdf 2ff0-30ff 31c0-31ef 3200-4dbf 4e00-9fff ac00-d7af
f900-faff fb1d-fbb1 fbd3-fd3d fd50-fdc7 fdf0-fdfb fe30-fe4f fe70-fefc
1ee00-1eebb 1f200-1f2ff 20000-2a6df 2a700-2ebef 2f800-2fa1f'''
CASED = '''41-5a 61-7a c0-d6 d8-f6 f8-1bf 1c4-2af 386 388-38a 38c 38e-38f
391-3a9 3ac-3af 3b1-3c9 3cc-3ce 400-401 403-40a 40c-40d 410-451 453-45a
45c-45d 490-491 496-497 4a2-4a3 4ae-4af 4ba-4bb 4d8-4d9 4e8-4e9 1d00-1d25
1d6b-1d77 1d79-1d9a 1e00-1eff 2c60-2c7b 2c7e-2c7f a722-a76f a771-a787
a78b-a78e a790-a7b9 a7fa ab30-ab5a ab60-ab64 ff21-ff3a ff41-ff5a'''
# symbols (category So) newer than spaCy's list
NEW_ICONS = '''166d 2b97 2bc9 2bff 2e50-2e51 32ff fd40-fd4f fdcf fdfe-fdff
1019c 11fd5-11fdc 11fe1-11ff1 1cf50-1cfc3 1d1e9-1d1ea 1e14f 1ed2e 1f10d-1f10f
1f16c-1f16f 1f1ad 1f6d5-1f6d7 1f6dd-1f6df 1f6fa-1f6fc 1f7e0-1f7eb 1f7f0
1f8b0-1f8b1 1f90c-1f90f 1f93f 1f971-1f972 1f977-1f979 1f97b 1f9a3-1f9af
1f9ba-1f9bf 1f9c3-1f9cf 1fa00-1fa53 1fa70-1fa74 1fa78-1fa7c 1fa80-1fa86
1fa90-1faac 1fab0-1faba 1fac0-1fac5 1fad0-1fad9 1fae0-1fae7 1faf0-1faf6
1fb00-1fb92 1fb94-1fbca'''
CURRENCIES = '24 a3 20ac a5 e3f 20bd fdfc 20b4 20a0-20bf'
# spaCy's quotes, and its one-character affixes that are not quotes
QUOTES = '''27 22 201d 201c 60 2018 b4 2019 201a 2c 201e bb ab 300c 300d 300e
300f ff08 ff09 3014 3015 3010 3011 300a 300b 3008 3009 27e6 27e7'''
AFFIXES = '''2026 2c 3a 3b 21 3f bf 61f a1 28 29 5b 5d 7b 7d 3c 3e 5f 23 2a 26
3002 ff1f ff01 ff0c 3001 ff1b ff1a ff5e b7 964 60c 6d4 61b 66a'''
# datatrove 0.10: characters that do not form words, line ends
SYMBOLS = '''0-8 b-1f 22-2d 2f 3a-3e 40 5b-60 7b-9f ab b4 bb 2013-2014 2019
201c-201e 2026 2236 2501 25ba 3001 3008-300d 3010-3011 ff05 ff08-ff09 ff0c
ff11 ff1a-ff1b ff5e'''
TERMINALS = '''21 2e 3f 589 61d-61f 6d4 700-702 7f9 837 839 83d-83e 964-965
104a-104b 1362 1367-1368 166e 1735-1736 17d4-17d6 17d9-17da 1803 1809
1944-1945 1aa8-1aab 1b5a-1b5b 1b5e-1b5f 1b7d-1b7e 1c3b-1c3c 1c7e-1c7f
203c-203d 2047-2049 2e2e 2e3c 2e53-2e54 3002 a4ff a60e-a60f a6f3 a6f7
a876-a877 a8ce-a8cf a92f a9c8-a9c9 aa5d-aa5f aaf0-aaf1 abeb fe52 fe56-fe57
ff01 ff0e ff1f ff61 10a56-10a57 10f55-10f59 10f86-10f89 11047-11048
110be-110c1 11141-11143 111c5-111c6 111cd 111de-111df 11238-11239 1123b-1123c
112a9 1144b-1144c 115c2-115c3 115c9-115d7 11641-11642 1173c-1173e 11944 11946
11a42-11a43 11a9b-11a9c 11c41-11c42 11ef7-11ef8 11f43-11f44 16a6e-16a6f 16af5
16b37-16b38 16b44 16e98 1bc9f 1da88'''
# line ends unknown to spaCy's sentence splitter
NOT_SENTENCE = '''61d-61e 837 839 83d-83e 17d4-17d6 17d9-17da 1b7d-1b7e
2e53-2e54 10f55-10f59 10f86-10f89 11944 11946 11ef7-11ef8 11f43-11f44 16e98'''


def points(ranges):
    out = set()
    for r in ranges.split():
        lo, _, hi = r.partition('-')
        out.update(range(int(lo, 16), int(hi or lo, 16) + 1))
    return out


def case_bits(c, cat, cased, uncased):
    if c in uncased:
        return ALPHA | LOWER | UPPER
    if c not in cased:
        return 0
    lower = cat == 'Ll' or c == 0x294
    return ALPHA | (LOWER if lower else UPPER if cat == 'Lu' else 0)


def masks():
    sets = [(SYMBOL, points(SYMBOLS) | points(TERMINALS)),
            (TERMINAL, points(TERMINALS)),
            (SENTENCE, points(TERMINALS) - points(NOT_SENTENCE)),
            (CURRENCY, points(CURRENCIES)), (QUOTE, points(QUOTES)),
            (AFFIX, points(AFFIXES) | points(QUOTES))]
    cased, uncased, young = map(points, (CASED, UNCASED, NEW_ICONS))
    for c in range(0x110000):
        cat = unicodedata.category(chr(c))
        m = case_bits(c, cat, cased, uncased)
        m |= SPACE if chr(c).isspace() else 0
        m |= LETTER if cat[0] == 'L' else 0
        m |= MARK if cat[0] == 'M' else 0
        m |= DIGIT if cat == 'Nd' else 0
        m |= PUNCT if cat[0] == 'P' else 0
        m |= ICON if cat == 'So' and c not in young else 0
        for bit, s in sets:
            if c in s:
                m |= bit
        yield m


def main():
    mask = list(masks())
    used = sorted(set(mask))
    assert len(used) <= 64
    number = {m: i for i, m in enumerate(used)}
    blocks, index = {}, bytearray()
    for b in range(0, 0x110000, 256):
        block = bytes(number[m] for m in mask[b:b + 256])
        index.append(blocks.setdefault(block, len(blocks)))
    out = sys.stdout.buffer
    out.write(struct.pack('<64I', *used, *[0] * (64 - len(used))))
    out.write(index + b''.join(blocks))


if __name__ == '__main__':
    main()
