"""Compares the ids of tokenize with those of Hugging Face's tokenizers.

usage: tokenizers_parity.py facts|tokenizers PART
       tokenizers_parity.py write >t/tokenizers_facts.txt

A vocabulary is trained on unusual texts without any splitting, so that its
merges cross every boundary, and combined with many pre-tokenizers, normalizers
and added tokens: PART is world (those of released models), kinds or syntax. A
file that tokenize does not refuse must give the ids of tokenizers, with special
tokens treated as text on both sides: the ids of the library itself or recorded
ones (a SHA-1 per file, tokenizers 0.23).
"""
import hashlib
import json
import os
import subprocess
import sys

seed = 7


def below(n):
    """The same numbers in every version of Python."""
    global seed
    seed = (seed * 6364136223846793005 + 1442695040888963407) % 2 ** 64
    return (seed >> 33) % n


PIECES = list("aeiouxyzstdmAEIOUXYZSTDMKk0123456789 \t\n\r'\".,;:!?-_/\\()[]{}<>|&^~`$@#%*+=") + [
    '  ', '   ', '\n\n', '\r\n', "'s", "'ll", "'LL", "'RE", "n't", 'the', ' the',
    'face', 'lamp', 'land', ' 12', '1234', '<think>', '<x>', 'é', 'e\u0301',
    'ſ', 'K', 'ß', 'ﬁ', 'İ', 'ǅ', 'ʰ', '中文', '，', '。', 'かな', 'カナ', '한글',
    '\u1112\u1161\u11ab', 'द्ध', 'ا', '٣', '²', '½', 'Ⅷ', 'ⓐ', '๓', '😀', '👩\u200d💻',
    '\u0085', '\u00a0', '\u180e', '\u200b', '\u2028', '\u3000', '\u0301', '\u0323',
    '\u212b', '\u0958', '\u2126', '\U0001d7d9', '\U0001fa77', '\U00031350', '\u1c89', '\U0001e4f0', '\U000113d4', '\U0001fae8', '\U0001d15e', '»', '—', '‿', '€', '°']


def some_text():
    return ''.join(PIECES[below(len(PIECES))] for _ in range(1 + below(60)))


TEXTS = [some_text() for _ in range(150)] + [
    "Hello, world! It's 12345 degrees; we'LL see.\n\n  Don't  PANIC\t\r\n x",
    'def f(x):\n    return x ** 2  # 漢字かな交じり文 100%\n' * 3,
    '', ' ', '\n', 'a', '<think>a</think>', 'x<think>y', '  <think>  ', 'Ångström e\u0323\u0301 각']


def train():
    with open('docs', 'w') as f:
        for t in TEXTS:
            print(json.dumps({'text': t}), file=f)
    subprocess.run(['bpe-train', '-q', '-n', '2000', '-p', '(?m:.+)', '-o', 'base.json', 'docs'],
                   check=True)
    with open('base.json') as f:
        return json.load(f)


BASE = train()
LEVEL = {'type': 'ByteLevel', 'add_prefix_space': False, 'trim_offsets': True, 'use_regex': False}
REGEX = dict(LEVEL, use_regex=True)
PREFIX = dict(REGEX, add_prefix_space=True)
NFC = {'type': 'NFC'}


def split(pattern, behavior='Isolated', invert=False, kind='Regex'):
    return {'type': 'Split', 'pattern': {kind: pattern}, 'behavior': behavior, 'invert': invert}


def seq(*steps):
    return {'type': 'Sequence', 'pretokenizers': list(steps)}


def token(content, special=False, **flags):
    row = {'single_word': False, 'lstrip': False, 'rstrip': False, 'normalized': False}
    return dict(row, content=content, special=special, **flags)


def file(pre=REGEX, norm=None, added=(), vocab=None, **model):
    d = json.loads(json.dumps(BASE))
    d['pre_tokenizer'], d['normalizer'] = pre, norm
    d['model'].update(model)
    size = len(d['model']['vocab'])
    for a in added:
        if a['content'] in d['model']['vocab']:
            a['id'] = d['model']['vocab'][a['content']]
        else:
            a['id'] = size
            size += 1
        d['added_tokens'].append(a)
    if vocab:
        vocab(d)
    return d


def lack(*chars):
    """Removes bytes, given as characters, from a vocabulary."""
    def change(d):
        m = d['model']
        gone = {t for t in m['vocab'] if any(c in t for c in chars)}
        m['merges'] = [p for p in m['merges'] if not any(x in gone for x in (*p, ''.join(p)))]
        for t in gone:
            del m['vocab'][t]
    return change


CL100K = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
          r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
QWEN = CL100K.replace('{1,3}', '')
O200K = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
         r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
TIKTOKEN = (r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"
            r"|\s++$|\s*[\r\n]|\s+(?!\S)|\s")
DEEPSEEK3 = (r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
             r"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
KIMI = (r"[\p{Han}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+"
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
RUNS = [token(' ' * n, normalized=True) for n in range(24, 1, -1)]

WORLD = {
    'gpt2': lambda: file(vocab=lambda d: d['model'].pop('type')),
    'xenova gpt-4': lambda: file(seq(split(CL100K, 'Removed', True), LEVEL)),
    'llama 3': lambda: file(seq(split(CL100K), LEVEL), ignore_merges=True, added=[
        token('<|begin_of_text|>', True), token('<|eot_id|>', True)]),
    'qwen 2': lambda: file(seq(split(QWEN), LEVEL), NFC, added=[
        token('<|im_start|>', True), token('<think>'), token('</think>'), token('<x>')]),
    'gpt-4o': lambda: file(seq(split(O200K), LEVEL)),
    'o200k, removed': lambda: file(seq(split(O200K, 'Removed', True), LEVEL)),
    'deepseek coder': lambda: file(seq(
        split(r'[\r\n]'), split(r'\s?\p{L}+'), split(r'\s?\p{P}+'), split('[一-龥ࠀ-一가-퟿]+'),
        {'type': 'Digits', 'individual_digits': True}, LEVEL),
        {'type': 'Sequence', 'normalizers': []}, added=[token('õ', normalized=True), token('<x>')]),
    'deepseek 3': lambda: file(seq(split(r'\p{N}{1,3}'), split('[一-龥\u3040-ゟ゠-ヿ]+'), split(DEEPSEEK3), LEVEL),
                               {'type': 'Sequence', 'normalizers': []}, added=[token('<think>')]),
    'falcon': lambda: file(seq({'type': 'Punctuation', 'behavior': 'Contiguous'}, REGEX,
                               {'type': 'Digits', 'individual_digits': False}, split('[0-9][0-9][0-9]'))),
    'gpt-neox': lambda: file(norm=NFC, added=RUNS + [token('<|padding|>', True)]),
    'bloom': lambda: file(seq(split(' ?[^(\\s|[.,!?…。，、।۔،])]+'), LEVEL)),
    'starcoder': lambda: file(seq({'type': 'Digits', 'individual_digits': True}, REGEX)),
    'smollm': lambda: file(seq({'type': 'Digits', 'individual_digits': True}, REGEX), vocab=lack('ñ', 'ð')),
    'roberta': lambda: file(PREFIX, added=[token('<mask>', True, lstrip=True)]),
    'kimi': lambda: file(seq(split(KIMI), LEVEL)),
    'tiktoken\'s cl100k': lambda: file(seq(split(TIKTOKEN), LEVEL)),
    'jais': lambda: file(seq(REGEX)),
}

KINDS = {
    'spaces before each piece': lambda: file(seq(split(r'\d'), PREFIX)),
    'spaces and added tokens': lambda: file(PREFIX, added=[token('<think>'), token('land')]),
    'single words': lambda: file(added=[token('the', single_word=True), token('x', single_word=True)]),
    'left and right': lambda: file(added=[token('<x>', lstrip=True), token('<think>', rstrip=True),
                                          token('land', lstrip=True, rstrip=True)]),
    'white space that strips': lambda: file(added=[token('  ', lstrip=True, rstrip=True), token('\n', rstrip=True)]),
    'longest, overlapping': lambda: file(added=[token('<th'), token('<think>'), token('ink'), token('the')]),
    'behind a special one': lambda: file(added=[token('<thi', True), token('think>'), token('nk')]),
    'in normal form': lambda: file(norm=NFC, added=[token('e\u0301', normalized=True), token('\u212b'),
                                                    token('K', normalized=True), token('한', normalized=True)]),
    'ordinary and added': lambda: file(added=[token('the'), token('12'), token('a')]),
    'ordinary and special': lambda: file(added=[token('the', True), token('1', True)]),
    'NFC in a sequence': lambda: file(norm={'type': 'Sequence', 'normalizers': [NFC]}),
    'unk': lambda: file(unk_token='<|endoftext|>', vocab=lack('ñ', 'ð', 'x')),
    'unk, fused': lambda: file(unk_token='<|endoftext|>', fuse_unk=True, vocab=lack('ñ', 'ð', 'x')),
    'lacking, whole words': lambda: file(ignore_merges=True, vocab=lack('ñ', 'a')),
    'merges as strings': lambda: file(vocab=lambda d: d['model'].update(
        merges=[' '.join(m) for m in d['model']['merges']])),
    'byte level alone': lambda: file(LEVEL),
    'digits together': lambda: file(seq({'type': 'Digits', 'individual_digits': False}, LEVEL)),
    'a string': lambda: file(seq(split('.*', kind='String'), split(' ', 'MergedWithNext', kind='String'), LEVEL)),
    'nested': lambda: file(seq(seq(split(r'\d+'), seq(split('x'))), seq(LEVEL))),
    'mapped': lambda: file(seq(REGEX, split('Ġ', 'MergedWithNext'), split('[^a-z]', 'Removed'))),
    **{f'punctuation {b}': (lambda b: lambda: file(seq({'type': 'Punctuation', 'behavior': b}, LEVEL)))(b)
       for b in ('Isolated', 'Removed', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous')},
    **{f'{p} {b} {i}': (lambda p, b, i: lambda: file(seq(split(p, b, i), LEVEL)))(p, b, i)
       for p in (r'\d', r'\s+|x', 'x*', r'(?=[A-Z])', r'(?<=\d)(?=\D)', r'\b', r'\w+')
       for b in ('Isolated', 'Removed', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous')
       for i in (False, True)},
}

PATTERNS = r'''
\h+|\H+
[\h]+
[^\h\s]+
[a-z&&[^aeiou]]+
[^a-z&&[^aeiou]]+
[a-z&&[a-m]&&[^c]]+
[a[bc]d]+
[a[^bc]]+
[^a[bc]]+
[^a[^bc]]+
[\w&&[^\d_]]+
[[a-f]&&\p{Lower}]+
\p{^L}+
\P{^L}+
\p{Letter}+
\p{uppercase_letter}+
\p{Lu}\p{Ll}*
\p{Han}+
\p{Hiragana}+|\p{Katakana}+
\p{Greek}+|\p{Latin}+|\p{Cyrillic}+
\p{Common}+
\p{Inherited}
\p{Arabic}+
\p{Alpha}+
\p{Alnum}+
\p{Upper}+
\p{Lower}+
\p{Punct}+
\p{Space}+
\p{Digit}+
\p{Word}+
\p{XDigit}+
\p{Blank}+
\p{Cntrl}+
\p{ASCII}+
\p{Any}
\p{Emoji}+
\p{M}+
\p{Mn}
\p{N}+|\p{Nl}|\p{No}
\p{P}
\p{Sc}|\p{Sm}
\p{Z}+
\p{Cf}
[[:alpha:]]+
[[:^alpha:]]+
[[:punct:]]+
[[:space:][:digit:]]+
[^[:word:]]+
[[:word:]]+
[\w]+
[\w.]+
[\p{Word}]+
\P{Word}
\p{^Word}
[^\w]
[[:^word:]]
\d+|\D
\w+|\W
\s+|\S+
[\S\d]+
[\W]+
[^\W]+
[^\S\n]+
[\D&&\S]+
.
.+
(?m:.)+
(?m:.{1,7})
^.*$
^\w
\w$
\A.|.\z
x\Z|\n\Z
\R
\b\w
\B.
\bt
a++b|a
x?+x
(?>a+)b
[0-9]{1,3}+
[0-9]{2}{2}
[0-9]{,2}
a{,2}b
[0-9]{2,}?
x{
a{b
{1}
(?i:the|land)
(?i)the|LAND
a(?i)b|c
(?i:[a-d]+)
(?i:k+)
(?i:[^x])+
(?i)[st]
(?i:'(?:[sdmt]|ll|ve|re))
(?-i:a)(?i:E)?
(?x: a b | \s # blanks
 )
(?#note)a
(?<name>a)|(b)
(?<=a)e
(?<!a)e
(?<=\d|x).
e(?=\d)
e(?!\d)
\x41|\x{4e2d}|\u6587
\t|\n|\r|\f|\v|\e|\a
[\t\n\x20-\x2f]+
[\-\]\[\\^]+
[a\-z]+
[-a]+|[a-]
[+--]
\.|\*|\/|\-
\é
[é-ü]
a**
(?:a|e)*?x
(?:a*)+x
(?:(?:a|e)+x?)+
|a
a|
(?:)
[a-z]+?(?=[A-Z]|$)
\Kx
\Gx
\Xx
(a)\1
\ka
\g<1>
(?~abc)
(?(1)a)
(?{a})
(*FAIL)
(?s:.)
(?P<n>a)
(?i:ss)
(?i:é)
(?i:\p{Lu})
(?i)[[:upper:]]+
(?i)[[:^upper:]]
(?i)\p{Uppercase}
(?i)[[:ascii:]]+
(?i)[^\p{M}]+
\pL
\p{Nonsense}
\p{C}+
\p{Assigned}+
\p{InGreek}
\N
\O
\y
\012
\377
\xe9
[]a]
[a-\d]
[\d-a]
[z-a]
[a&&]
*a
a{3,1}
(a
a)
[a
\
'''.strip('\n').split('\n')
PATTERNS = [p for p in '\n'.join(PATTERNS).replace('blanks\n )', 'blanks\0 )').split('\n')]
SYNTAX = {p.replace('\0', '\n'): (lambda p: lambda: file(seq(split(p), LEVEL)))(p.replace('\0', '\n'))
          for p in PATTERNS}
# What must work, rather than be either right or refused.
MAY_REFUSE = set(PATTERNS[PATTERNS.index(r'\Kx'):])


def ours(path, docs):
    r = subprocess.run(['tokenize', '-q', '-t', path, '-a', docs], capture_output=True, text=True)
    if r.returncode:
        assert r.returncode == 1 and path in r.stderr and " -h'" not in r.stderr, r.stderr
        return None, r.stderr.strip()
    return [[int(x) for x in line.split()] for line in r.stdout.split('\n')[:-1]], r.stderr


def digest(ids):
    return hashlib.sha1(json.dumps(ids).encode()).hexdigest()


def theirs(path):
    """Ids of the library, or None if it does not accept the file."""
    import tokenizers
    try:
        t = tokenizers.Tokenizer.from_file(path)
        t.encode_special_tokens = True
        return [t.encode(x, add_special_tokens=False).ids for x in TEXTS]
    except Exception:           # pyo3 raises nothing more specific
        return None


def put(make):
    with open('p.json', 'w') as f:
        json.dump(make(), f)


def rewritten(want, library):
    """What our programs write for a file means the same, including its hash."""
    unit = os.path.join(os.environ['BUILD'], 'unit', 'vocab')
    hashes = [subprocess.run([unit, *files], capture_output=True, text=True).stdout
              for files in (('p.json', 'q.json'), ('q.json', 'r.json'))]
    if hashes[0] != hashes[1] or not hashes[0]:
        return 'written, it has another hash'
    if ours('q.json', 'docs')[0] != want or (library and theirs('q.json') != want):
        return 'written, it has other ids'
    return None


def check(name, make, facts):
    put(make)
    got, err = ours('p.json', 'docs')
    if facts is None:
        want = theirs('p.json')
        refused = want is None
        same = got == want
    else:
        refused = facts[name] == '-'
        same = got is not None and digest(got) == facts[name]
    if got is None:
        return None if refused or name in MAY_REFUSE else err
    if refused:
        return 'taken, while tokenizers refuses it'
    if same:
        return rewritten(got, facts is None)
    if facts is not None:
        return 'other ids'
    bad = [i for i in range(len(TEXTS)) if got[i] != want[i]]
    i = min(bad, key=lambda i: len(TEXTS[i]))
    return f'{len(bad)} texts differ: {TEXTS[i]!r}: {got[i]} not {want[i]}'


PARTS = {'world': WORLD, 'kinds': KINDS, 'syntax': SYNTAX}


def write():
    for part in PARTS.values():
        for name, make in part.items():
            put(make)
            want = theirs('p.json')
            print('-' if want is None else digest(want), json.dumps(name))


def main():
    if sys.argv[1] == 'write':
        write()
        return
    facts = None
    if sys.argv[1] == 'facts':
        with open(os.path.join(os.path.dirname(__file__), 'tokenizers_facts.txt')) as f:
            facts = {json.loads(line.split(' ', 1)[1]): line.split(' ', 1)[0] for line in f}
    part, wrong = PARTS[sys.argv[2]], 0
    for name, make in part.items():
        why = check(name, make, facts)
        if why:
            wrong += 1
            print(f'{name!r}: {why}')
    print(f'{len(part)} tried, {wrong} wrong')
    sys.exit(wrong > 0)


main()
