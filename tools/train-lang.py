#!/usr/bin/env python3
"""Trains data/lang.bin, the built-in language model: common/filter/language.h.

usage: tools/train-lang.py PACKAGES TEXTCAT TEST.tsv OUT.bin

PACKAGES  directory of Debian 12 packages, unpacked, each below its own name
          (data/README has the list: libreoffice-l10n-*, firefox-esr-l10n-*,
          manpages-*, debian-faq*, vlc-l10n, evolution-common, gimp-data,
          inkscape, libc-l10n, gettext, mediawiki, wordpress-l10n)
TEXTCAT   source of libexttextcat 3.4.5: its short texts are declarations of
          human rights in many languages
TEST.tsv  LANG<tab>KIND<tab>TEXT: no text in it is trained on
OUT.bin   the model

Needs fasttext and numpy from PyPI. The result depends only on the packages and
the Python version: one thread, fixed seeds.

The test was also made from MediaWiki and WordPress messages. A hash divides
their keys into 40 and 20 parts; each part is in the test, in a second,
unpublished test, or in neither. Only parts that occur in the test are trained
on, without the messages it holds, so that the scores on both tests stay fair.
"""
import base64
import collections
import glob
import gzip
import hashlib
import html
import io
import json
import os
import random
import re
import struct
import sys
import tempfile
import tokenize
import unicodedata
import zipfile

LANGS = set('''af am ar as ast az ba be bg bn br bs ca ckb cs cy da de el en
eo es et eu fa fi fo fr fy ga gd gl gu ha he hi hr hu hy id ig is it ja jv ka
kk km kn ko ku ky la lb lt lv mg mk ml mn mr ms mt my ne nl nn no oc or pa pl
ps pt ro ru sd si sk sl so sq sr sr-Latn su sv sw ta te tg th tk tl tr tt ug uk
ur uz vi yi yo zh zh-Hant'''.split())
SCRIPTS = {
    'CYRILLIC': 'ba be bg kk ky mk mn ru sr tg tt uk',
    'ARABIC': 'ar ckb fa ps sd ug ur', 'HEBREW': 'he yi',
    'DEVANAGARI': 'hi mr ne', 'BENGALI': 'as bn', 'GREEK': 'el',
    'ARMENIAN': 'hy', 'GEORGIAN': 'ka', 'ETHIOPIC': 'am', 'GUJARATI': 'gu',
    'GURMUKHI': 'pa', 'ORIYA': 'or', 'TAMIL': 'ta', 'TELUGU': 'te',
    'KANNADA': 'kn', 'MALAYALAM': 'ml', 'SINHALA': 'si', 'THAI': 'th',
    'KHMER': 'km', 'MYANMAR': 'my', 'HANGUL': 'ko', 'CJK': 'zh zh-Hant ja'}
SCRIPT_OF = {c: s for s, cs in SCRIPTS.items() for c in cs.split()}
CODES = {
    'pt-br': 'pt', 'pt-pt': 'pt', 'zh-cn': 'zh', 'zh-hans': 'zh',
    'zh-tw': 'zh-Hant', 'zh-hk': None, 'zh-hant': 'zh-Hant', 'nb': 'no',
    'nb-no': 'no', 'nn-no': 'nn', 'kmr': 'ku', 'ku-latn': 'ku',
    'sr@latin': 'sr-Latn', 'sr-latn': 'sr-Latn', 'sr-el': 'sr-Latn',
    'sr-ec': 'sr', 'sr-cyrl': 'sr', 'sr@ije': None, 'tt-cyrl': 'tt',
    'kk-cyrl': 'kk', 'ug-arab': 'ug', 'tg-cyrl': 'tg', 'ha-ng': 'ha',
    'plt': 'mg', 'ca-valencia': None, 'ca@valencia': None, 'in': None,
    'be@latin': None, 'be-tarask': None, 'uz@cyrillic': None, 'qqq': None,
    'en@shaw': None, 'ku-arab': 'ckb', 'fil': 'tl', 'tt@iqtelif': None}
TAG = re.compile(r'<[^<>]{1,200}>')
CODE = re.compile(r'https?://|www\.|[{}\\|=<>$%]|\w_\w|--')
ENGLISH = set('''the and you your this that with from are which have has will
should when what there these those been'''.split())


def code(name):
    """Our code for a locale name, or None."""
    c = name.lower().replace('_', '-')
    c = CODES[c] if c in CODES else c
    if c and c not in LANGS and '-' in c:
        c = c.split('-')[0]
        c = CODES.get(c, c)
    return c if c in LANGS else None


def clean(s):
    s = html.unescape(TAG.sub('', s))
    return ' '.join(s.split())


def part(key, n):
    return int(hashlib.md5(key.encode()).hexdigest(), 16) % n


# ---- sources of text: each yields (language, source, text) ----

def catalogue(path):
    """(id, translation) of a compiled gettext catalogue."""
    d = open(path, 'rb').read()
    if len(d) < 28 or d[:4] != b'\xde\x12\x04\x95':
        return
    n, ids, strs = struct.unpack('<8x3I', d[:20])
    for i in range(n):
        a, b = struct.unpack_from('<2I', d, ids + 8 * i)
        e, f = struct.unpack_from('<2I', d, strs + 8 * i)
        k = d[b:b + a].split(b'\0')[0].decode('utf-8', 'replace')
        v = d[f:f + e].split(b'\0')[0].decode('utf-8', 'replace')
        if k:
            yield k.split('\x04')[-1], v


def gettext_texts(root):
    for path in sorted(glob.glob(root + '/**/LC_MESSAGES/*.mo',
                                 recursive=True)):
        lang = code(path.split('/')[-3])
        pkg = path[len(root) + 1:].split('/')[0]
        src = 'libreoffice' if pkg.startswith('libreoffice') else pkg
        if lang is None:
            continue
        for k, v in catalogue(path):
            plain = clean(v.replace('~', '').replace('_', ''))
            if len(plain) >= 15 and v != k:
                yield lang, src, plain
            if lang == 'de' and len(k) >= 15:
                yield 'en', src, clean(k.split('|', 1)[-1].replace('~', '')
                                       .replace('_', ''))


def firefox_texts(root):
    line = re.compile(r'^(?:[\w-]+ ?=|    (?:\.[\w-]+ ?=)?) *(.+)$|'
                      r'^[^#\s=]+\s*=\s*(.+)$', re.M)
    for path in sorted(glob.glob(root + '/firefox-esr-l10n-*/usr/lib/'
                                 'firefox-esr/browser/extensions/*.xpi')):
        lang = code(path[len(root):].split('/')[1][len('firefox-esr-l10n-'):])
        if lang is None:
            continue
        z = zipfile.ZipFile(path)
        for name in z.namelist():
            if not name.endswith(('.ftl', '.properties')):
                continue
            for m in line.finditer(z.read(name).decode('utf-8', 'replace')):
                v = clean(m.group(1) or m.group(2))
                if len(v) >= 25 and not CODE.search(v):
                    yield lang, 'firefox', v


def textcat_texts(src):
    for path in sorted(glob.glob(src + '/langclass/ShortTexts/*.txt')):
        lang = code(os.path.basename(path)[:-4])
        if lang:
            for v in open(path, encoding='utf-8', errors='replace'):
                yield lang, 'udhr', clean(v)


def unroff(text):
    """Paragraphs of a manual page."""
    cur = []
    for ln in text.split('\n'):
        if ln[:1] in ('.', "'"):
            if cur and re.match(r'\.(PP?|TP|SH|SS|IP|LP|Pp|br|sp)\b', ln):
                yield ' '.join(cur)
                cur = []
            continue
        cur.append(re.sub(r'\\f\[?[A-Z]+\]?|\\f.|\\\(..|\\\[[^\]]*\]|\\.', '',
                          ln))
    yield ' '.join(cur)


def manual_texts(root):
    for d in sorted(glob.glob(root + '/manpages-*')):
        pages = sorted(glob.glob(d + '/usr/share/man/*/man*/*.gz'))
        random.Random(1).shuffle(pages)
        for path in pages[:250]:
            lang = code(path.split('/man/')[1].split('/')[0])
            if lang is None:
                continue
            text = gzip.open(path).read().decode('utf-8', 'ignore')
            for v in unroff(text):
                yield lang, 'man', clean(v)


def faq_texts(root):
    for d in sorted(glob.glob(root + '/debian-faq*')):
        lang = code(os.path.basename(d)[len('debian-faq-'):] or 'en')
        for path in sorted(glob.glob(d + '/usr/share/doc/**/*.html',
                                     recursive=True)):
            text = open(path, encoding='utf-8', errors='replace').read()
            for m in re.finditer(r'<p>(.*?)</p>', text, re.S):
                yield lang, 'debian-faq', clean(re.sub(r'<[^>]*>', '',
                                                       m.group(1)))


def mediawiki_plain(v):
    if any(x in v for x in ('{{', '[', '|', '://', '__')):
        return ''
    v = re.sub(r'["“„«(]?\$\d+["”»)]?', '', v).replace("''", '')
    return clean(v.replace("'", '') if v.count("'") > 4 else v)


def mediawiki_messages(root):
    for d, _, names in sorted(os.walk(root + '/mediawiki')):
        if 'i18n' not in d or 'en.json' not in names:
            continue
        for name in sorted(names):
            lang = code(name[:-5]) if name.endswith('.json') else None
            if lang is None or (name[:2] == 'en' and name != 'en.json'):
                continue
            try:
                msgs = json.load(open(d + '/' + name))
            except ValueError:
                continue
            for k, v in msgs.items():
                if isinstance(v, str):
                    yield lang, 'mediawiki', part(k, 40), mediawiki_plain(v)


def wordpress_messages(root):
    for path in sorted(glob.glob(root + '/wordpress-l10n/usr/share/wordpress/'
                                 'wp-content/languages/*.mo')):
        name = re.sub('^admin-(network-)?', '', os.path.basename(path)[:-3])
        lang = code(name)
        if lang is None or name.startswith('continents'):
            continue
        for k, v in catalogue(path):
            if v != k:
                yield lang, 'wordpress', part(k, 20), clean(v)


def fair_messages(root, held):
    """Messages of parts that occur in the test, without those it holds."""
    msgs = [m for m in list(mediawiki_messages(root)) +
            list(wordpress_messages(root)) if len(m[3]) >= 25]
    hits = collections.Counter()
    for lang, src, p, v in msgs:
        if len(v) >= 40 and v in held[lang]:
            hits[src, p] += 1
    most = {s: max(n for (t, _), n in hits.items() if t == s)
            for s in ('mediawiki', 'wordpress')}
    for lang, src, p, v in msgs:
        if hits[src, p] * 10 >= most[src] and v not in held[lang]:
            yield lang, src, v


def pieces(text, n, rng):
    for _ in range(n):
        size = rng.choice((60, 120, 250, 500))
        i = rng.randrange(max(1, len(text) - size))
        if len(text[i:i + size].strip()) >= 20:
            yield 'und', 'files', text[i:i + size].strip()


def dumps(path):
    """What programs print for a binary file."""
    data = open(path, 'rb').read(64 * 40)
    yield base64.encodebytes(data).decode()
    yield '\n'.join('%08x  %s' % (i, data[i:i + 16].hex(' '))
                    for i in range(0, len(data), 16))


def no_language(root):
    """Pieces of files that are not prose."""
    rng = random.Random(7)
    skip = {tokenize.COMMENT, tokenize.STRING, tokenize.NL}
    for path in sorted(glob.glob(os.path.dirname(os.__file__) + '/*.py'))[:120]:
        toks = tokenize.generate_tokens(io.StringIO(open(path).read()).readline)
        yield from pieces(' '.join(t.string for t in toks
                                   if t.type not in skip), 6, rng)
    for kind in 'css js svg php json'.split():
        files = sorted(glob.glob(root + '/mediawiki/**/*.' + kind,
                                 recursive=True))
        files = [f for f in files if '/i18n/' not in f]
        rng.shuffle(files)
        for path in files[:150]:
            text = open(path, errors='replace').read()
            text = re.sub(r'/\*.*?\*/|//[^\n]*', '', text, flags=re.S)
            if kind != 'json':
                text = re.sub(r'"[^"\n]*"', '', text)
            yield from pieces(text, 4, rng)
    trees = sorted(os.walk(root + '/mediawiki')) + \
        sorted(os.walk(root + '/gimp-data'))
    files = [d[len(root):] + '/' + f for d, _, fs in trees for f in sorted(fs)]
    rng.shuffle(files)
    for i in range(0, 6000, 30):
        some = files[i:i + 30]
        yield from pieces('\n'.join(some), 2, rng)
        yield from pieces('\n'.join('%s  %s' % (hashlib.md5(f.encode())
            .hexdigest(), f) for f in some), 2, rng)
    for path in sorted(glob.glob(root + '/*/**/*.mo', recursive=True))[::40]:
        for text in dumps(path):
            yield from pieces(text, 2, rng)


# ---- selection of training text ----

def script(c):
    name = unicodedata.name(c, '').split(' ')[0]
    return 'CJK' if name.startswith(('HIRAGANA', 'KATAKANA')) else name


def fits(text, lang):
    """Mostly letters of the language's own script."""
    letters = [c for c in text if unicodedata.category(c)[0] == 'L']
    if len(letters) < .5 * len(text.replace(' ', '')) or not letters:
        return False
    want = SCRIPT_OF.get(lang, 'LATIN')
    own = sum(script(c) == want for c in letters)
    return own >= (.9 if want == 'LATIN' else .6) * len(letters)


def is_english(text):
    words = re.findall(r'[a-z]+', text.lower())
    return len(words) >= 4 and \
        sum(w in ENGLISH for w in words) >= .09 * len(words)


def select(texts, held):
    """{language: {source: [text]}}, each text once."""
    by = collections.defaultdict(lambda: collections.defaultdict(dict))
    english = set()
    texts = list(texts)
    for lang, _, v in texts:
        if lang == 'en':
            english.add(v)
    for lang, src, v in texts:
        if len(v) < 12 or (src not in ('files', 'man') and CODE.search(v)):
            continue
        if lang != 'und' and (not fits(v, lang) or lang != 'en' and
                              (v in english or is_english(v))):
            continue
        if len(v) >= 40 and v in held[lang]:
            continue
        by[lang][src][v] = 1
    return {a: {s: list(d) for s, d in x.items()} for a, x in by.items()}


def joined(texts, rng):
    """Short texts joined, long ones cut, to samples of mixed lengths."""
    rng.shuffle(texts)
    cur, want = [], rng.choice((40, 80, 120, 250, 500))
    for v in texts:
        cur.append(v)
        if sum(map(len, cur)) >= want:
            line = ' '.join(cur)
            for i in range(0, len(line), 600):
                if len(line[i:i + 600]) >= 20:
                    yield line[i:i + 600]
            cur, want = [], rng.choice((40, 80, 120, 250, 500))
    if cur:
        yield ' '.join(cur)


WIDE = set('zh zh-Hant ja ko'.split())
BUDGET = 330000		# characters per language


def samples(by):
    rng = random.Random(3)
    out = []
    for lang in sorted(by):
        kept, width = [], 2 if lang in WIDE else 1
        share = BUDGET // max(1 + (lang != 'und'), min(4, len(by[lang])))
        for src in sorted(by[lang]):
            n = 0
            for v in joined(by[lang][src], rng):
                if n > share:
                    break
                n += len(v) * width
                kept.append(v)
        total = width * sum(map(len, kept))
        reps = 2 if lang == 'und' else round(100000 / max(total, 1))
        for _ in range(max(1, min(6, reps))):
            for v in kept:
                out.append((lang, v))
                if len(v) > 200:
                    i = rng.randrange(len(v) - 90)
                    out.append((lang, v[i:i + rng.randint(30, 90)]))
        print('%-8s %7d %s' % (lang, total, ' '.join(
            '%s:%d' % (s, len(v)) for s, v in sorted(by[lang].items()))),
            file=sys.stderr)
    rng.shuffle(out)
    return out


# ---- training ----

def prepare(text):
    """The words of a text as the C program sees them."""
    out = []
    for c in text:
        low = c.lower()
        c = low if len(low) == 1 else c
        if c == '\u2019':
            c = "'"
        ok = unicodedata.category(c)[0] in 'LM' or c in "'\u200c"
        out.append(c if ok else ' ')
    return ' '.join(''.join(out).split())


def write_model(model, path, np):
    a = np.array(model.get_input_matrix())
    b = np.array(model.get_output_matrix())
    labels = [x.replace('__label__', '') for x in model.get_labels()]
    scale = np.percentile(np.abs(a), 99.95) / 127
    q = np.clip(np.round(a / scale), -127, 127).astype(np.int8)
    with open(path, 'wb') as f:
        f.write(b'PLNG' + struct.pack('<3I', *q.shape, len(labels)))
        f.write(q.tobytes())
        f.write((b * scale).astype('<f4').tobytes())
        f.write(b''.join(x.encode() + b'\0' for x in labels))


def main(argv):
    if len(argv) != 5:
        sys.exit(__doc__)
    import fasttext
    import numpy as np
    root, textcat, test, out = argv[1:]
    held = collections.defaultdict(str)
    for ln in open(test, encoding='utf-8'):
        lang, _, text = ln.rstrip('\n').split('\t')
        held[lang] += '\n' + text.replace('\\n', '\n')
    texts = [t for f in (gettext_texts, firefox_texts, manual_texts, faq_texts,
                         no_language) for t in f(root)]
    texts += list(textcat_texts(textcat)) + list(fair_messages(root, held))
    lines = samples(select(texts, held))
    with tempfile.NamedTemporaryFile('w', suffix='.txt') as f:
        for lang, v in lines:
            if prepare(v):
                f.write('__label__%s %s\n' % (lang, prepare(v)))
        f.flush()
        model = fasttext.train_supervised(
            input=f.name, dim=16, minn=1, maxn=4, bucket=20000, lr=.6, epoch=5,
            loss='softmax', thread=1, minCount=10**9, minCountLabel=1,
            verbose=1)
    write_model(model, out, np)


if __name__ == '__main__':
    main(sys.argv)
