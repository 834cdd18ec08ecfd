#!/usr/bin/env python3
"""Encodes texts in the encodings of their languages and counts how many `unit
charset` decodes correctly: the text counts, not the name of the encoding.

	charset.py UNIT TEXTS.tsv [SHARE]

TEXTS.tsv: LANG<tab>KIND<tab>TEXT. Each text is tried bare and as an HTML page
that declares no encoding, a wrong one or the right one. With SHARE the exit
status is 1 if less than that share of the texts of at least 150 bytes is
decoded correctly: of all, of any language, of any encoding, of any kind of page.
Encodings are Python's own.

--tables: every character in Python's East Asian encodings is decoded to itself,
except where the Encoding Standard specifies another.
"""
import collections
import subprocess
import sys
import unicodedata

ENCODINGS = {
    'cs pl hu hr sl sk': 'cp1250 iso8859_2', 'ro': 'cp1250 iso8859_2',
    'ru': 'cp1251 koi8_r cp866 iso8859_5 mac_cyrillic',
    'bg': 'cp1251 koi8_r cp866 iso8859_5',
    'uk': 'cp1251 koi8_u iso8859_5', 'be sr mk': 'cp1251 iso8859_5',
    'de fr es it pt nl sv da no fi is ca': 'cp1252 iso8859_15',
    'el': 'cp1253 iso8859_7', 'tr': 'cp1254 iso8859_9',
    'he': 'cp1255 iso8859_8', 'ar': 'cp1256 iso8859_6', 'fa': 'cp1256',
    'lt lv et': 'cp1257 iso8859_13 iso8859_4', 'vi': 'cp1258',
    'th': 'cp874 tis_620', 'ja': 'shift_jis euc_jp iso2022_jp cp932',
    'zh': 'gb18030 gbk', 'zh-Hant': 'big5 big5hkscs cp950',
    'ko': 'euc_kr cp949'}
ALL = ' utf_8 utf_16_le utf_16_be utf_16 utf_32 utf_8_sig'
LABELS = {'cp1250': 'windows-1250', 'cp1251': 'windows-1251',
          'cp1252': 'windows-1252', 'cp1253': 'windows-1253',
          'cp1254': 'windows-1254', 'cp1255': 'windows-1255',
          'cp1256': 'windows-1256', 'cp1257': 'windows-1257',
          'cp1258': 'windows-1258', 'koi8_r': 'koi8-r', 'koi8_u': 'koi8-u',
          'cp866': 'ibm866', 'mac_cyrillic': 'x-mac-cyrillic',
          'cp874': 'windows-874', 'tis_620': 'tis-620',
          'shift_jis': 'shift_jis', 'cp932': 'windows-31j',
          'euc_jp': 'euc-jp', 'iso2022_jp': 'iso-2022-jp', 'gb18030':
          'gb18030', 'gbk': 'gbk', 'big5': 'big5', 'big5hkscs': 'big5-hkscs',
          'cp950': 'big5', 'euc_kr': 'euc-kr', 'cp949': 'windows-949',
          'utf_8': 'utf-8', 'utf_8_sig': 'utf-8'}
# Wrong declarations, as pages have them.
WRONG = ['utf-8', 'iso-8859-1', 'windows-1251', 'gbk', 'cp-1250', 'x-none']
PAGE = ('<!DOCTYPE html><html><head>%s<title>t</title><link rel=stylesheet '
        'href="/style.css"></head><body><div class="nav"><a href="/">Home</a> '
        '<a href="/about">About</a></div><p>%s</p><script>var a = "b";'
        '</script></body></html>')


def label(encoding):
    return LABELS.get(encoding) or encoding.replace('iso8859_', 'iso-8859-')


def spelled(text, lang, encoding):
    """The text as people wrote it who had only this encoding."""
    if lang == 'vi' and encoding == 'cp1258':
        out = ''
        for c in unicodedata.normalize('NFC', text):
            d = unicodedata.normalize('NFD', c)
            tone = ''.join(x for x in d if x in '\u0300\u0301\u0303\u0309\u0323')
            rest = ''.join(x for x in d if x not in tone)
            out += unicodedata.normalize('NFC', rest) + tone
        text = out
    if lang == 'ro':
        text = text.translate(str.maketrans('șțȘȚ', 'şţŞŢ'))
    if not encoding.startswith('utf'):
        for a, b in (('\u2019', "'"), ('\u2013', '-'), ('\u2014', '-'),
                     ('\u201c', '"'), ('\u201d', '"'), ('\u201e', '"'),
                     ('\u2026', '...'), ('\xa0', ' '), ('\xab', '"'),
                     ('\xbb', '"'), ('\u200c', ''), ('ё', 'е'), ('Ё', 'Е')):
            try:
                a.encode(encoding)
            except UnicodeError:
                text = text.replace(a, b)
    return text


def cases(texts):
    """(kind, language, encoding, bytes, expected text)"""
    n = 0
    for lang, text in texts:
        names = [e for ls, es in ENCODINGS.items() if lang in ls.split()
                 for e in (es + ALL).split()]
        for e in names:
            t = spelled(text, lang, e)
            try:
                t.encode(e)
            except UnicodeError:
                continue
            n += 1
            meta = '<meta charset="%s">'
            wrong = WRONG[n % len(WRONG)]
            yield 'bare', lang, e, t.encode(e), t
            for sort, head in (('page', ''), ('wrong', meta % wrong),
                               ('right', meta % label(e))):
                t2 = PAGE % (head, t)
                if sort == 'right' and e[:6] in ('utf_16', 'utf_32'):
                    continue
                yield sort, lang, e, t2.encode(e), t2


def run(unit, pages, types=None):
    types = types or [''] * len(pages)
    data = b''.join(b'%d %s\n%s' % (len(p), t.encode(), p)
                    for p, t in zip(pages, types))
    out = subprocess.run([unit], input=data, stdout=subprocess.PIPE,
                         check=True).stdout
    at = 0
    for _ in pages:
        end = out.index(b'\n', at)
        n, name = out[at:end].split()
        at = end + 1 + int(n)
        yield name.decode(), out[end + 1:at].decode()


# Where Python is older or stricter than the standard.
OTHERS = {
    'cp932': '\uf8f0\uf8f1\uf8f2\uf8f3',
    'euc_jp': '\u301c\u2016\u2212\xa2\xa3\xac\u2014\xa5\u203e',
    'big5hkscs': '\u2022\uff64\u203e\u223c\u2641\u2609\uff0f\uff3c\xa5\xa2\xa3'}


def tables(unit):
    pages, wanted = [], []
    for e, name in (('gbk', 'GBK'), ('cp949', 'EUC-KR'), ('cp932',
                    'Shift_JIS'), ('euc_jp', 'EUC-JP'), ('big5hkscs', 'Big5')):
        want = ''
        for c in map(chr, range(0x80, 0x30000)):
            try:
                if c not in OTHERS.get(e, '') and c.encode(e).decode(e) == c:
                    want += c + '\n'
            except UnicodeError:
                pass
        pages.append(want.encode(e))
        wanted.append((name, want))
    for (name, want), (_, got) in zip(wanted, run(unit, pages, [
            '=' + n for n, _ in wanted])):
        bad = [(a, b) for a, b in zip(want.split('\n'), got.split('\n'))
               if a != b]
        print('# %s: %d characters' % (name, len(want) // 2))
        if bad or len(want) != len(got) or len(want) < 10000:
            sys.exit('%s: %d differ: %s' % (name, len(bad), bad[:9]))


def main(argv):
    if argv[2] == '--tables':
        return tables(argv[1])
    texts = []
    for line in open(argv[2], encoding='utf-8'):
        lang, _, text = line.rstrip('\n').split('\t')
        texts.append((lang, text.replace('\\n', '\n').replace('\\t', '\t')
                      .replace('\\\\', '\\')))
    all_cases = list(cases(texts))
    right, total = collections.Counter(), collections.Counter()
    shown = collections.Counter()
    for (sort, lang, e, page, text), (name, got) in zip(
            all_cases, run(argv[1], [c[3] for c in all_cases])):
        body = text.split('<p>')[1].split('</p>')[0] if '<p>' in text else text
        if body.isascii():
            continue
        size = len(body.encode(e))
        size = '<50' if size < 50 else '<150' if size < 150 else '150+'
        ok = got.lstrip('\ufeff') == text
        for key in ((sort, size), ('lang ' + lang, size), (e, size),
                    ('all', size)):
            total[key] += 1
            right[key] += ok
        if not ok and size == '150+' and shown[sort, e] < 2:
            shown[sort, e] += 1
            print('# %s %s %s was taken for %s: %.60s | %.60s' % (
                sort, lang, e, name, body.replace('\n', ' '),
                got.split('<p>')[-1].replace('\n', ' ')), file=sys.stderr)
    for key in sorted(total, key=lambda k: (k[1], k[0])):
        print('# %-16s %-5s %6d %6.2f%%' % (key + (
            total[key], 100 * right[key] / total[key])))
    if len(argv) > 3:
        low = [k for k in total if k[1] == '150+' and
               right[k] < float(argv[3]) * total[k]]
        sys.exit('too low: %s' % low if low else 0)


if __name__ == '__main__':
    main(sys.argv)
