#!/usr/bin/env python3
"""Makes common/format/oniguruma_recent.h: characters that PCRE2 may not know yet.

usage: gen-onig-recent.py >common/format/oniguruma_recent.h

For each property that a PCRE2 class can name: the characters unassigned in
Unicode 14 that have the property in Oniguruma, whose tables follow Unicode 16
since its release 6.9.10. Needs Python 3.11, whose Unicode is 14, and the
module tokenizers, which holds Oniguruma.
"""
import unicodedata

from tokenizers import Regex, pre_tokenizers

assert unicodedata.unidata_version == '14.0.0', 'Python 3.11 is needed'

RECENT = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000
          and unicodedata.category(chr(c)) == 'Cn']
NAMES = '''L Lu Ll Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po S Sm Sc Sk
So Z Zs Zl Zp Cf Co Alphabetic Lowercase Uppercase Emoji Ideographic Math'''.split()
SCRIPTS = '''Arabic Armenian Bengali Bopomofo Common Cyrillic Devanagari Egyptian_Hieroglyphs
Ethiopic Georgian Greek Gujarati Gurmukhi Han Hangul Hebrew Hiragana Inherited
Kannada Katakana Khmer Lao Latin Malayalam Mongolian Myanmar Oriya Sinhala Tamil
Telugu Thai Tibetan Balinese Javanese Khojki Tulu_Tigalari'''.split()


def having(name):
    """The recent characters with a property, as ranges."""
    split = pre_tokenizers.Split(Regex(r'\p{%s}+' % name), 'removed', invert=True)
    found = []
    for _, (start, end) in split.pre_tokenize_str(''.join(map(chr, RECENT))):
        found += RECENT[start:end]
    ranges = []
    for c in found:
        if ranges and ranges[-1][1] == c - 1:
            ranges[-1][1] = c
        else:
            ranges.append([c, c])
    return ranges


def item(a, b):
    return f'\\\\x{{{a:x}}}' + (f'-\\\\x{{{b:x}}}' if b > a else '')


def row(name, ranges):
    print(f'\t{{ "{name}",', end='')
    width = 99
    for a, b in ranges:
        text = f' "{item(a, b)}"'
        if width + len(text) > 76:
            print('\n\t ', end='')
            width = 10
        print(text, end='')
        width += len(text)
    print(' },')


def main():
    print('/* Made by tools/gen-onig-recent.py. Characters that Unicode 15 and 16 added, by\n'
          ' * property, as items of a class. */')
    print('static const struct { const char *name, *items; } onig_recent[] = {')
    every = set()
    for name in NAMES:
        ranges = having(name)
        every.update(c for a, b in ranges for c in range(a, b + 1))
        if ranges:
            row(name, ranges)
    for name in SCRIPTS:
        try:
            ranges = having(name)
        except Exception:       # a name unknown to Oniguruma
            continue
        if ranges:
            row('sc:' + name.replace('_', '').lower(), ranges)
    print('};\n\n/* All of them, as ranges. */')
    print('static const uint32_t onig_recent_ranges[][2] = {')
    ranges = []
    for c in sorted(every):
        if ranges and ranges[-1][1] == c - 1:
            ranges[-1][1] = c
        else:
            ranges.append([c, c])
    for i in range(0, len(ranges), 3):
        print('\t' + ' '.join(f'{{ 0x{a:x}, 0x{b:x} }},' for a, b in ranges[i:i + 3]))
    print('};')


main()
