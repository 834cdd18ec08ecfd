"""fasttext_models.py - models in fastText's format 12, and their output for texts

make DIR           models DIR/NAME.bin and .ftz with DIR/NAME.want, the output
                   of a plain implementation of the published algorithm for
                   the lines of DIR/texts; documents in DIR/docs
bad DIR            damaged models: DIR/NAME, the line "NAME REGEX" in DIR/list
flip MODEL COMMAND... flips every bit before the matrices in turn: COMMAND FILE
                   must exit with 0, or with 1 and a message
judge OUT          OUT, the documents of crawlclean --why -l xx with
                   language.bin and quality.ftz, agrees with the scores
compare GOT WANT   equal labels, scores to 1e-5
library MODEL TEXTS   the output of the library (needs its module fasttext)
top GOT WANT       equal first labels, their scores to 1e-5
"""
import json
import math
import os
import random
import re
import struct
import subprocess
import sys

EOS, PREFIX = b'</s>', b'__label__'
HS, NS, SOFTMAX, OVA = 1, 2, 3, 4
HEADER, DICTIONARY = 64, 28     # bytes: magic to t; the numbers of a dictionary
DOCUMENTS = 300
CUT = 'ends early|number of .* out of range|matrix size out of range'

WORDS = ['</s>', 'the', 'ship', 'harbour', 'wind', 'a', 'été', 'déjà', 'größer',
         'ветер', '船', '港口', '风', 'x', '😀', "don't"]
TEXTS = [
    '', ' ', 'the ship', 'the the the', 'The ship, the harbour.',
    'il a déjà été größer', 'ветер 船 风 港口', '如果风好,船明天一早就会离开港口。',
    'nothing of this is known', 'zzz', 'x', '😀 a', "don't", '\u200b\u00a0',
    'the\nship\n\nin the\tharbour\r\nwind ', 'one\\two', 'the \0 ship\0wind',
    'before </s> after the wind', '</s>', '</s>x', 'the __label__xx ship',
    '__label__unknown ship', 'plain ship', 'e\u0301te\u0301', 'длинное' * 60,
    'w' * 2000, 'the wind ' * 100, '<the> <ship>',
]


def f32(x, form=struct.Struct('<f')):
    return form.unpack(form.pack(x))[0]


def f32_sum(numbers):
    """In this order, like the library: a long sum of floats is not exact."""
    total = 0.0
    for x in numbers:
        total = f32(total + x)
    return total


def fnv(data):
    """FNV-1a whose bytes are signed: one of 128 and more flips upper bits."""
    h = 2166136261
    for byte in data:
        h ^= byte if byte < 128 else byte + 0xffffff00
        h = h * 16777619 & 0xffffffff
    return h


class Dense:
    quantised = False

    def __init__(self, rnd, m, n, scale=1.0):
        self.m, self.n = m, n
        self.rows = [[f32(rnd.gauss(0, scale)) for _ in range(n)]
                     for _ in range(m)]

    def row(self, i):
        return self.rows[i]

    def save(self):
        return struct.pack('<qq', self.m, self.n) + b''.join(
            struct.pack(f'<{self.n}f', *row) for row in self.rows)


class Quantiser:
    """256 centroids for each piece of dsub numbers; the last may be shorter."""

    def __init__(self, rnd, dim, dsub, scale=1.0):
        self.dim, self.dsub = dim, dsub
        self.pieces = [min(dsub, dim - at) for at in range(0, dim, dsub)]
        self.centroids = [[[f32(rnd.gauss(0, scale)) for _ in range(size)]
                           for _ in range(256)] for size in self.pieces]

    def decode(self, codes):
        return [x for piece, code in zip(self.centroids, codes)
                for x in piece[code]]

    def save(self):
        head = struct.pack('<4i', self.dim, len(self.pieces), self.dsub,
                           self.pieces[-1])
        return head + b''.join(struct.pack(f'<{len(c)}f', *c)
                               for piece in self.centroids for c in piece)


class Quantised:
    quantised = True

    def __init__(self, rnd, m, n, dsub, norms, scale=1.0):
        self.m, self.n, self.norms = m, n, norms
        self.pq = Quantiser(rnd, n, dsub, scale)
        self.codes = [[rnd.randrange(256) for _ in self.pq.pieces]
                      for _ in range(m)]
        if norms:
            self.npq = Quantiser(rnd, 1, 1)
            self.norm_codes = [rnd.randrange(256) for _ in range(m)]

    def row(self, i):
        norm = self.npq.decode([self.norm_codes[i]])[0] if self.norms else 1
        return [f32(norm * x) for x in self.pq.decode(self.codes[i])]

    def save(self):
        codes = b''.join(bytes(c) for c in self.codes)
        data = struct.pack('<?qqi', self.norms, self.m, self.n, len(codes))
        data += codes + self.pq.save()
        if self.norms:
            data += bytes(self.norm_codes) + self.npq.save()
        return data


class Model:
    def __init__(self, seed, loss=SOFTMAX, dim=10, words=WORDS, labels=5,
                 word_ngrams=1, minn=0, maxn=0, bucket=0, kept=None,
                 quantised=False, norms=False, quantised_out=False):
        rnd = random.Random(seed)
        self.loss, self.dim, self.bucket = loss, dim, bucket
        self.word_ngrams, self.minn, self.maxn = word_ngrams, minn, maxn
        self.words = [w.encode() for w in words]
        names = ['xx', 'yy', 'été', 'zh', 'w5', 'w6', 'w7', 'w8', 'w9'][:labels]
        self.labels = [PREFIX + name.encode() for name in names]
        if labels > 2:
            self.labels[1] = b'plain'
        self.counts = sorted((rnd.choice([1, 2, 2, 3, 5, 50])
                              for _ in self.labels), reverse=True)
        self.kept = None            # the row of each bucket
        rows = bucket
        if kept is not None:
            self.kept = dict(zip(rnd.sample(range(bucket), kept),
                                 rnd.sample(range(kept), kept)))
            rows = kept
        rows += len(words)
        self.into = Quantised(rnd, rows, dim, 4, norms, 3) if quantised else \
            Dense(rnd, rows, dim, 3)
        self.out = Quantised(rnd, labels, dim, 3, norms) if quantised_out \
            else Dense(rnd, labels, dim)

    def save(self):
        """The file, and the offsets of its sections."""
        kept = -1 if self.kept is None else len(self.kept)
        entries = [(w, 7, 0) for w in self.words] + [
            (w, n, 1) for w, n in zip(self.labels, self.counts)]
        parts = [
            struct.pack('<2i12id', 793712314, 12, self.dim, 5, 5, 1, 5,
                        self.word_ngrams, self.loss, 3, self.bucket, self.minn,
                        self.maxn, 100, 1e-4),
            struct.pack('<3iqq', len(entries), len(self.words),
                        len(self.labels), 1000, kept),
            b''.join(w + b'\0' + struct.pack('<qb', n, label)
                     for w, n, label in entries),
            b''.join(struct.pack('<ii', *pair)
                     for pair in (self.kept or {}).items()),
            struct.pack('<?', self.into.quantised), self.into.save(),
            struct.pack('<?', self.out.quantised), self.out.save()]
        starts = [sum(map(len, parts[:i])) for i in range(len(parts))]
        return b''.join(parts), starts

    # ---- a text as rows of the input matrix ----

    def tokens(self, text):
        for token in re.split(b'[ \n\r\t\v\f\0]+', text):
            if token == EOS:
                break
            if token:
                yield token
        yield EOS

    def hashed(self, h):
        h %= self.bucket
        if self.kept is None:
            return [len(self.words) + h]
        return [len(self.words) + self.kept[h]] if h in self.kept else []

    def subwords(self, word):
        # A character is a byte and the continuation bytes after it.
        chars = re.findall(b'[^\x80-\xbf][\x80-\xbf]*', b'<' + word + b'>')
        rows = []
        for i in range(len(chars)):
            for n in range(max(self.minn, 1), self.maxn + 1):
                if i + n > len(chars):
                    break
                if n == 1 and i in (0, len(chars) - 1):
                    continue
                rows += self.hashed(fnv(b''.join(chars[i:i + n])))
        return rows

    def rows(self, text):
        rows, hashes = [], []
        for token in self.tokens(text):
            if token in self.labels or (token not in self.words
                                        and token.startswith(PREFIX)):
                continue
            if token in self.words:
                rows.append(self.words.index(token))
            if self.maxn and token != EOS:
                rows += self.subwords(token)
            h = fnv(token)
            hashes.append(h - (1 << 32) if h >> 31 else h)
        for i in range(len(hashes)):
            h = hashes[i]
            for other in hashes[i + 1:i + self.word_ngrams]:
                h = h * 116049371 + other & (1 << 64) - 1
                rows += self.hashed(h)
        return rows

    # ---- scores ----

    def dot(self, i, hidden):
        return sum(a * b for a, b in zip(self.out.row(i), hidden))

    def softmax(self, hidden):
        z = [self.dot(i, hidden) for i in range(len(self.labels))]
        powers = [math.exp(x - max(z)) for x in z]
        return [p / sum(powers) + 1e-5 for p in powers]

    def sigmoids(self, hidden):
        """From a table of 512 steps that are 1/32 apart."""
        scores = []
        for i in range(len(self.labels)):
            x = f32(self.dot(i, hidden))
            if abs(x) <= 8:
                step = math.floor(f32(x + 8) * 32) / 32 - 8
                p = 1 / (1 + math.exp(-step))
            else:
                p = float(x > 0)
            scores.append(p + 1e-5)
        return scores

    def tree(self, hidden):
        """Huffman's tree as word2vec builds it: leaves from the rarest label
        up, inner nodes in order of creation; a leaf is taken only if it is
        rarer than the node."""
        leaves = [(n, [i]) for i, n in enumerate(self.counts)]
        nodes, made = [], 0
        score = [0.0] * len(leaves)
        while len(leaves) + len(nodes) > 1:
            pair = []
            for _ in range(2):
                take_leaf = leaves and (not nodes or
                                        leaves[-1][0] < nodes[0][0])
                pair.append(leaves.pop() if take_leaf else nodes.pop(0))
            p = 1 / (1 + math.exp(-self.dot(made, hidden)))
            made += 1
            for (_, below), q in zip(pair, (1 - p, p)):
                for i in below:
                    score[i] += math.log(q + 1e-5)
            nodes.append((pair[0][0] + pair[1][0], pair[0][1] + pair[1][1]))
        return [math.exp(x) for x in score]

    def scores(self, text):
        """[(label, score)] in label order; None if nothing is known."""
        rows = self.rows(text)
        if not rows:
            return None
        hidden = [f32_sum(column) / len(rows)
                  for column in zip(*map(self.into.row, rows))]
        how = {SOFTMAX: self.softmax, HS: self.tree}.get(self.loss,
                                                         self.sigmoids)
        return list(zip(self.labels, how(hidden)))


def models():
    """Name: model."""
    sigmoids = Model(8, loss=OVA)
    # Products close to 0: both signs fall into the step of 0.
    sigmoids.out.rows[2] = [f32(x * 1e-9) for x in sigmoids.out.rows[2]]
    return {
        'words.bin': Model(1),
        'bare.bin': Model(2, words=WORDS[1:]),
        'bigrams.bin': Model(3, word_ngrams=2, bucket=50),
        'fivegrams.bin': Model(4, word_ngrams=5, bucket=97, words=WORDS[1:]),
        'characters.bin': Model(5, minn=2, maxn=4, bucket=200),
        'both.bin': Model(6, word_ngrams=3, minn=0, maxn=3, bucket=333),
        'tree.bin': Model(7, loss=HS, labels=9, minn=3, maxn=3, bucket=100),
        'onelabel.bin': Model(7, loss=HS, labels=1),
        'sigmoids.bin': sigmoids,
        'negative.bin': Model(9, loss=NS, minn=1, maxn=6, bucket=64),
        'quantised.ftz': Model(10, word_ngrams=2, bucket=50, quantised=True),
        'pruned.ftz': Model(11, word_ngrams=2, minn=2, maxn=4, bucket=2000,
                            kept=1500, quantised=True, norms=True,
                            quantised_out=True),
        'cut.ftz': Model(12, minn=2, maxn=4, bucket=2000, kept=0,
                         quantised=True),
        'tree.ftz': Model(13, loss=HS, labels=9, minn=2, maxn=3, bucket=300,
                          kept=200, quantised=True, quantised_out=True),
        'language.bin': Model(31, labels=2, minn=2, maxn=4, bucket=200),
        'quality.ftz': Model(131, loss=OVA, labels=2, minn=2, maxn=3,
                             bucket=300, kept=200, quantised=True,
                             quantised_out=True),
    }


def line(scores):
    if not scores:
        return 'none'
    return '\t'.join(f'{label.decode()}\t{score:.9g}'
                     for label, score in scores)


def escape(text):
    return text.replace('\\', '\\\\').replace('\n', '\\n').replace('\t', '\\t')


def unescape(text):
    return re.sub(r'\\(.)', lambda m: {'n': '\n', 't': '\t'}.get(
        m[1], m[1]), text)


def write(path, lines):
    with open(path, 'w', encoding='utf-8', newline='\n') as f:
        f.writelines(s + '\n' for s in lines)


def read(path):
    """The lines, which only \\n ends."""
    with open(path, encoding='utf-8', newline='\n') as f:
        return f.read().split('\n')[:-1]


def make(folder):
    write(f'{folder}/texts', map(escape, TEXTS))
    write(f'{folder}/docs', (json.dumps({'text': t, 'id': str(i)})
                             for i, t in enumerate(make_documents())))
    for name, model in models().items():
        with open(f'{folder}/{name}', 'wb') as f:
            f.write(model.save()[0])
        write(f'{folder}/{name}.want',
              (line(model.scores(t.encode())) for t in TEXTS))


def make_documents():
    rnd = random.Random(1)
    return [' '.join(rnd.choices(WORDS[1:], k=rnd.randint(1, 9)))
            for _ in range(DOCUMENTS)]


def verdict(language, quality, text):
    """The metadata of a text, for language xx and quality label yy."""
    score, label = max((score, label)
                       for label, score in language.scores(text))
    label = label[len(PREFIX):].decode()
    d = {'language': label, 'language_score': score}
    if label != 'xx':
        d['drop'] = 'language'
    elif score <= .65:
        d['drop'] = 'language-score'
    else:
        d['quality'] = dict(quality.scores(text))[b'__label__yy']
        if d['quality'] < .5:
            d['drop'] = 'quality'
    return d


def judge(out):
    made = models()
    documents = map(json.loads, read(out))
    count = {}
    for text, d in zip(make_documents(), documents):
        want = verdict(made['language.bin'], made['quality.ftz'],
                       text.encode())
        got = d['metadata']
        if d['text'] != text or got.keys() != want.keys() or any(
                abs(got[k] - v) > 6e-5 if isinstance(v, float)
                else got[k] != v for k, v in want.items()):
            sys.exit(f'{d} is not {text}, {want}')
        drop = want.get('drop', 'kept')
        count[drop] = count.get(drop, 0) + 1
    print(*(f'{n} {drop}' for drop, n in count.items()), sep=', ')
    if len(count) < 4 or sum(count.values()) != DOCUMENTS:
        sys.exit('not all, or not all kinds')


def bad(folder):
    dense, starts = models()['both.bin'].save()
    packed, packed_starts = models()['pruned.ftz'].save()
    tree, tree_starts = models()['tree.bin'].save()
    cases = {}

    def patch(name, why, data, at, form, *values):
        new = bytearray(data)
        struct.pack_into('<' + form, new, at, *values)
        cases[name] = bytes(new), why

    for data, where, kind in (dense, starts, 'bin'), (packed, packed_starts,
                                                      'ftz'):
        for i, at in enumerate(where):
            for cut in {at, at + 3} - {0}:
                cases[f'{kind}-cut-{i}-{cut}'] = data[:cut], CUT
        cases[f'{kind}-cut-last'] = data[:-1], CUT
        cases[f'{kind}-longer'] = data + b'x', 'data after its end'
    entries, matrix = starts[2], starts[5]
    patch('magic', 'magic number', dense, 0, 'i', 793712315)
    patch('version', 'version is not 12', dense, 4, 'i', 11)
    patch('dim-2147483648', 'dimension out of range', dense, 8, 'I', 1 << 31)
    patch('dim-large', 'dimension out of range', dense, 8, 'i', (1 << 31) - 1)
    patch('dim-0', 'dimension out of range', dense, 8, 'i', 0)
    patch('dim-other', 'matrix size out of range', dense, 8, 'i', 11)
    patch('grams', 'argument out of range', dense, 28, 'i', 1000)
    patch('grams-negative', 'argument out of range', dense, 28, 'i', -1)
    patch('loss', 'unknown loss', dense, 32, 'i', 5)
    patch('skipgram', 'not a supervised model', dense, 36, 'i', 2)
    patch('bucket-negative', 'argument out of range', dense, 40, 'i', -1)
    patch('bucket-large', 'fewer rows than words', dense, 40, 'i',
          (1 << 31) - 1)
    patch('minn', 'argument out of range', dense, 44, 'i', -2)
    patch('maxn', 'argument out of range', dense, 48, 'i', 1 << 30)
    patch('maxn-negative', 'argument out of range', dense, 48, 'i', -3)
    patch('words-negative', 'number of words', dense, 64, '3i', -1, -6, 5)
    patch('words-many', 'number of words', dense, 64, '3i', (1 << 31) - 1,
          (1 << 31) - 6, 5)
    patch('words-other', 'number of words', dense, 68, 'i', 3)
    patch('words-shifted', 'are mixed', dense, 68, '2i', 15, 6)
    patch('labels-none', 'number of words', dense, 64, '3i', 16, 16, 0)
    patch('kept-negative', 'number of kept', dense, 84, 'q', -2)
    patch('kept-dense', 'with a matrix of floats', dense, 84, 'q', 0)
    patch('kept-many', 'number of kept', packed, 84, 'q', 1 << 60)
    patch('kept-bucket', 'kept n-gram out of range', packed, packed_starts[3], 'i', 2000)
    patch('kept-below', 'kept n-gram out of range', packed, packed_starts[3], 'i', -1)
    patch('kept-row', 'kept n-gram out of range', packed, packed_starts[3] + 4, 'i', 1500)
    patch('count-negative', 'negative word or label count', dense, entries + 5, 'q', -1)
    patch('type', 'neither 0 nor 1', dense, entries + 13, 'b', 2)
    patch('label-count', 'label count out of range', tree, tree_starts[3] - 9, 'q',
          1 << 62)
    patch('label-utf8', 'not valid UTF-8', dense, starts[3] - 11, 'B', 255)
    patch('matrix-flag', 'neither 0 nor 1', dense, starts[4], 'B', 3)
    patch('rows-negative', 'matrix size out of range', dense, matrix, 'q', -1)
    patch('rows-many', 'matrix size out of range', dense, matrix, 'q', 1 << 62)
    patch('columns', 'matrix size out of range', dense, matrix + 8, 'q', 1 << 40)
    patch('rows-out', 'row for each label|ends early', dense, starts[7], 'q', 4)
    codes = packed_starts[5] + 1
    patch('codes', 'matrix size out of range', packed, codes + 16, 'i', -3)
    patch('codes-many', 'ends early', packed, codes + 16, 'i', (1 << 31) - 1)
    size = struct.unpack_from('<i', packed, codes + 16)[0]
    pq = codes + 20 + size
    patch('codes-other', 'number of codes', packed, codes, 'q',
          size // 3 + 1)
    for i, value in (0, 11), (1, 4), (1, 0), (2, 1 << 30), (2, -4), (3, 3), (3, -2):
        patch(f'quantiser-{i}-{value}', 'invalid quantiser', packed, pq + 4 * i,
              'i', value)
    # Detected while a text is scored.
    patch('nan', 'not finite', dense, starts[7] + 16, 'f', math.nan)
    cases['empty'] = b'', 'ends early'
    for name, (data, _) in cases.items():
        with open(f'{folder}/{name}', 'wb') as f:
            f.write(data)
    write(f'{folder}/list', (f'{name} {why}'
                             for name, (_, why) in cases.items()))


def flip(path, command):
    with open(path, 'rb') as f:
        data = f.read()
    end = HEADER + DICTIONARY
    refused = 0
    for bit in range(8 * end):
        new = bytearray(data)
        new[bit // 8] ^= 1 << bit % 8
        with open('flipped', 'wb') as f:
            f.write(new)
        p = subprocess.run(command + ['flipped'], input=b'the ship\n',
                           capture_output=True)
        message = re.fullmatch(rb'[a-z]+: flipped: [^\n]*fastText model: [^\n]+\n',
                               p.stderr)
        if not (p.returncode == 1 and message or
                p.returncode == 0 and not p.stderr):
            sys.exit(f'bit {bit}: exit {p.returncode}: {p.stderr.decode()}')
        refused += p.returncode
    print(f'{refused} of {8 * end} flipped bits were refused')


def parse(s):
    if s == 'none':
        return {}
    fields = s.split('\t')
    return dict(zip(fields[::2], map(float, fields[1::2])))


def pairs(got, want):
    got, want = read(got), read(want)
    if len(got) != len(want) or not got:
        sys.exit(f'{len(got)} lines, not {len(want)}')
    return enumerate(zip(map(parse, got), map(parse, want)), 1)


def compare(got, want):
    most = 0
    for number, (g, w) in pairs(got, want):
        # The library omits labels of a tree whose score is below 1e-5.
        if not g.keys() >= w.keys() or bool(g) != bool(w):
            sys.exit(f'line {number}: {g} is not {w}')
        for label in g:
            d = abs(g[label] - w[label]) if label in w else g[label] - 1e-5
            most = max(most, d)
            if not d <= 1e-5:
                sys.exit(f'line {number}: {label} {g[label]}, not '
                         f'{w.get(label)}')
    print(f'scores differ by at most {most:.1e}')


def top(got, want):
    most, n = 0, 0
    for n, (g, w) in pairs(got, want):
        # Among equal scores the library takes the last.
        best = max(reversed(list(g)), key=g.get)
        label, score = next(iter(w.items()))
        most = max(most, abs(g[best] - score))
        if best != label or not abs(g[best] - score) <= 1e-5:
            sys.exit(f'line {n}: {best} {g[best]}, not {label} {score}')
    print(f'{n} labels are the same, scores differ by at most {most:.1e}')


def library(path, texts):
    import fasttext
    model = fasttext.load_model(path)
    for text in read(texts):
        # It refuses newlines, which we treat as spaces.
        found = model.predict(unescape(text).replace('\n', ' '), k=-1)
        print(line([(label.encode(), p) for label, p in zip(*found)]))


def main(action, *args):
    if action == 'flip':
        flip(args[0], list(args[1:]))
    elif action in ('make', 'bad'):
        os.makedirs(args[0], exist_ok=True)
        globals()[action](*args)
    elif action in ('judge', 'compare', 'top', 'library'):
        globals()[action](*args)
    else:
        sys.exit(__doc__)


main(*sys.argv[1:])
