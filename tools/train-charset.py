#!/usr/bin/env python3
"""Trains data/charset.bin, used to guess the encoding of a page:
common/html/charset_guess.h.

usage: tools/train-charset.py PACKAGES WHATWG OUT.bin

PACKAGES  directory of Debian 12 packages, unpacked, each below its own name:
          libreoffice-l10n-*, firefox-esr-l10n-*, manpages-*, debian-faq-*
          (data/README says of which languages)
WHATWG    the repository github.com/whatwg/encoding
OUT.bin   the model

Needs only Python. For each language with an alphabet the model has the
probability of a letter after another; for Chinese, Japanese and Korean, the
frequency of each character.
"""
import collections
import importlib.util
import math
import os
import re
import struct
import sys
import unicodedata

# The encodings of each language, each with a penalty in nats: the rarer on the
# web, the larger.
GROUPS = [
    ('de fr es it pt nl sv da no fi is ca gl eu ga en',
     {'windows-1252': 0, 'macintosh': 9}),
    ('fr fi de it', {'ISO-8859-15': 1}),
    ('cs pl hu ro hr sl sk', {'windows-1250': 1, 'ISO-8859-2': 1.5}),
    ('ro', {'ISO-8859-16': 4}),
    ('af br ast oc gd fy sq et cy', {'windows-1252': 1}),
    ('ru uk be bg sr mk', {'windows-1251': 1, 'ISO-8859-5': 3,
                           'x-mac-cyrillic': 5}),
    ('ru bg', {'KOI8-R': 2, 'IBM866': 3}),
    ('uk be', {'KOI8-U': 2, 'IBM866': 4}),
    ('el', {'windows-1253': 1, 'ISO-8859-7': 1.5}),
    ('tr', {'windows-1254': 1}),
    ('eo', {'ISO-8859-3': 4}),
    ('cy', {'ISO-8859-14': 5}),
    ('he', {'windows-1255': 1, 'ISO-8859-8': 1.5}),
    ('ar fa', {'windows-1256': 1}),
    ('ar', {'ISO-8859-6': 2}),
    ('lt lv et', {'windows-1257': 1, 'ISO-8859-4': 4, 'ISO-8859-13': 3}),
    ('vi', {'windows-1258': 2}),
    ('th', {'windows-874': 1}),
]
WIDE = [('zh', 'gb18030', 'index-gb18030'), ('zh-Hant', 'Big5', 'index-big5'),
        ('ja', 'Shift_JIS', 'index-jis0208'), ('ko', 'EUC-KR',
                                               'index-euc-kr')]
BOUND, ASCII, LETTER, MARK, SYMBOL, INVALID, FIRST = range(7)
UNIT = 16               # of a cost: 1/16 nat
TONES = '\u0300\u0301\u0303\u0309\u0323'
FLOOR = 1 / 3           # pseudo-count of unseen pairs


def cost(p):
    return min(255, max(0, round(-UNIT * math.log(p))))


def texts(root):
    """{language: text} of all packages."""
    path = os.path.join(os.path.dirname(__file__), 'train-lang.py')
    spec = importlib.util.spec_from_file_location('train_lang', path)
    lang = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(lang)
    found = collections.defaultdict(dict)
    for f in (lang.gettext_texts, lang.firefox_texts, lang.manual_texts,
              lang.faq_texts):
        for code, _, text in f(root):
            if lang.fits(text, code) and (code == 'en' or
                                          not lang.is_english(text)):
                found[code][text] = 1
    return {c: '\n'.join(t) for c, t in found.items()}


def index(directory, name):
    table = {}
    with open('%s/%s.txt' % (directory, name.lower())) as f:
        for line in f:
            if line.strip() and line[0] != '#':
                pointer, code = line.split()[:2]
                table[int(pointer)] = int(code, 16)
    return table


# ---- alphabets ----

def typeset(text):
    """Every other line with the quotes that word processors insert."""
    lines = text.split('\n')
    for i in range(0, len(lines), 2):
        lines[i] = re.sub(r"(?<=\w)'", '\u2019', lines[i])
        lines[i] = re.sub(r'"([^"]*)"', '\u201c\\1\u201d', lines[i])
    return '\n'.join(lines)


def spelled(text, lang):
    """The text as its encodings can represent it."""
    text = typeset(text)
    if lang == 'vi':
        out = []
        for c in unicodedata.normalize('NFC', text):
            d = unicodedata.normalize('NFD', c)
            tone = [x for x in d if x in TONES]
            rest = ''.join(x for x in d if x not in TONES)
            out.append(unicodedata.normalize('NFC', rest) + ''.join(tone))
        return ''.join(out)
    if lang == 'ro':
        text = text.translate(str.maketrans('șțȘȚ', 'şţŞŢ')) + '\n' + text
    return text


def is_letter(c):
    return unicodedata.category(c)[0] in 'LM'


def lower(c):
    low = c.lower()
    return low if len(low) == 1 else c


class Alphabet:
    def __init__(self, text, encodable):
        letters = collections.Counter(lower(c) for c in text if is_letter(c))
        total = sum(letters.values())
        own = [c for c, n in letters.items() if ord(c) >= 0x80 and
               c in encodable and n > 2e-5 * total]
        latin = sum(letters[chr(i)] for i in range(97, 123)) > .5 * total
        if latin:
            own += [chr(i) for i in range(97, 123)] + ['\u2019']
        self.letters = sorted(own)
        assert FIRST + len(own) < 0x80
        other = collections.Counter(c for c in text if ord(c) >= 0xa0 and
                                    not is_letter(c))
        self.marks = {c for c, n in other.items() if c in encodable and
                      n > 3e-5 * total} | set('\xa0–’“”«»…')
        self.number = {c: FIRST + i for i, c in enumerate(self.letters)}
        self.count(text)

    def kind(self, c):
        """Its class, as charset_guess.c has it."""
        if lower(c) in self.number:
            return self.number[lower(c)]
        if ord(c) < 0x80:
            return ASCII if is_letter(c) else BOUND
        if is_letter(c):
            return LETTER if ord(c) < 0x2000 else INVALID
        if c in self.marks:
            return MARK
        return INVALID if ord(c) < 0xa0 else SYMBOL

    def count(self, text):
        n = FIRST + len(self.letters)
        pairs = [[0] * n for _ in range(n)]
        kinds = {}
        prev = BOUND
        for c in text:
            k = kinds.get(c)
            if k is None:
                k = kinds[c] = self.kind(c)
            if not (prev == BOUND and k == BOUND):
                pairs[prev][k] += 1
            prev = k
        # one more count is distributed by the frequency of the letter itself
        share = [sum(row[k] for row in pairs) + FLOOR for k in range(n)]
        total = sum(share)
        self.table = bytearray()
        each = {ASCII: 26, LETTER: 60, SYMBOL: 60, MARK: len(self.marks)}
        for prev in range(n):
            row = sum(pairs[prev])
            for k in range(n):
                p = (pairs[prev][k] + 4 * share[k] / total) / (row + 4)
                p = max(p, FLOOR * 1e-4) / each.get(k, 1)
                self.table.append(255 if k == INVALID else cost(p))


def narrow(found, directory):
    single = {}
    for _, encodings in GROUPS:
        for e in encodings:
            t = index(directory, 'index-' + e)
            single[e] = [chr(t[i]) if i in t else None for i in range(128)]
    by_lang = collections.OrderedDict()
    for langs, encodings in GROUPS:
        for lang in langs.split():
            by_lang.setdefault(lang, {}).update(encodings)
    out = b''
    languages = []
    for lang, encodings in by_lang.items():
        encodable = {c for e in encodings for c in single[e] if c}
        encodable |= {lower(c) for c in encodable}
        text = spelled(found[lang], lang)
        a = Alphabet(text, encodable)
        print('%-8s %9d %s' % (lang, len(text), ''.join(a.letters)),
              file=sys.stderr)
        marks = sorted(a.marks)
        b = struct.pack('<3B', len(a.letters), len(marks), len(encodings))
        b += b''.join(struct.pack('<H', ord(c)) for c in a.letters + marks)
        b += bytes(a.table)
        for e, off in encodings.items():
            b += struct.pack('<15sB', e.encode(), round(UNIT * off))
        languages.append(b)
    return struct.pack('<I', len(languages)) + b''.join(languages)


# ---- Chinese, Japanese, Korean ----

def common(lang, encoding, table):
    """The characters that its standard ranks as frequent."""
    if lang == 'zh':        # GB 2312, rows 16 to 55
        rows = range(0xb0 - 0x81, 0xd8 - 0x81)
        return {table[r * 190 + c] for r in rows for c in range(96, 190)
                if r * 190 + c in table}
    if lang == 'zh-Hant':   # Big5, A440 to C67E
        return {c for p, c in table.items()
                if (0xa4 - 0x81) * 157 <= p <= (0xc6 - 0x81) * 157 + 62}
    if lang == 'ja':        # JIS X 0208, rows 16 to 47
        return {c for p, c in table.items() if 15 * 94 <= p < 47 * 94}
    return {c for p, c in table.items()     # KS X 1001, rows 16 to 40
            if p % 190 >= 96 and 0xb0 - 0x81 <= p // 190 < 0xc9 - 0x81}


def wide(found, directory):
    out = struct.pack('<I', len(WIDE))
    for lang, encoding, name in WIDE:
        table = index(directory, name)
        level = common(lang, encoding, table)
        seen = collections.Counter(ord(c) for c in found[lang]
                                   if ord(c) >= 0x80 and ord(c) < 0x10000)
        total = sum(seen.values())
        costs = {}
        for c in set(table.values()) | set(seen):
            if c < 0x80 or c > 0xffff:
                continue
            p = .9 * seen[c] / total
            p += .08 / len(level) if c in level else 0
            p += .01 / 20000
            if p > .011 / 20000:
                costs[c] = cost(p)
        print('%-8s %9d characters, %d kinds' % (lang, total, len(costs)),
              file=sys.stderr)
        out += struct.pack('<8sI', lang.encode(), len(costs))
        out += b''.join(struct.pack('<H', c) for c in sorted(costs))
        out += bytes(costs[c] for c in sorted(costs))
    return out


def main(argv):
    if len(argv) != 4:
        sys.exit(__doc__)
    found = texts(argv[1])
    model = b'PLCS' + narrow(found, argv[2]) + wide(found, argv[2])
    with open(argv[3], 'wb') as f:
        f.write(model)


if __name__ == '__main__':
    main(sys.argv)
