"""Vocabularies of SentencePiece's family, and what encoding with them gives.

usage: spm.py write DIR         vocabularies, a model, texts
       spm.py bad DIR           files to be refused; prints the name, a regular expression
                                that the message matches and what is wrong, by tabs
       spm.py facts DIR NAME    tokenize against the rules, executed naively
       spm.py config DIR        a tokenizer_config.json; prints a conversation
       spm.py chat NAME         the output of t/unit/render for it, standard input, with
                                that file and NAME.json
       spm.py tokenizers DIR NAME...    the same against that library
       spm.py sentencepiece DIR         against that library, a vocabulary it trained

write makes DIR/NAME.json, files like those of released models: llama (a normalizer
puts the space), gemma (no space), and with the pre-tokenizer Metaspace always, first,
never, split; across, whose tokens contain spaces between words, and newlines; DIR/spm.gguf,
a small model with the tokens of llama and scores; DIR/plain.gguf, one without an added
token, and the same in llama2.c's format, DIR/llama2c/model.bin with tokenizer.bin; DIR/texts: texts, a file each.
"""
import json
import os
import random
import struct
import subprocess
import sys

SPACE = '\u2581'
SPECIAL = ['<unk>', '<s>', '</s>']
USER = '[tool]'
CORPUS = '''The quick brown fox jumps over the lazy dog; the dog doesn't mind, and the fox
is gone. A tokenizer merges the two adjacent pieces with the best score, then the next.
    if (x == 1) {
        return the_list[x + 1];    /* the other one */
    }
Über den Bäumen über die Brücke; où est le café? aaaa aaaaaaaa aaaaaaaaaaaaaaaa
2026-11-25, 12345 and 100000; the thing, the things, there, these, those, then, than
中文 文字 中中文文 日本語の文字 ... ---- ==== ####
'''

# ---- vocabularies ----


def train(words, count):
    """Merges, as pairs of strings, by byte-pair encoding of lists of characters."""
    merges = []
    while len(merges) < count:
        pairs = {}
        for w in words:
            for pair in zip(w, w[1:]):
                pairs[pair] = pairs.get(pair, 0) + 1
        best = max(pairs, key=lambda p: (pairs[p], p), default=None)
        if best is None:
            break
        merges.append(best)
        for w in words:
            i = 0
            while i + 1 < len(w):
                if (w[i], w[i + 1]) == best:
                    w[i:i + 2] = [best[0] + best[1]]
                i += 1
    return merges


def words_of(text):
    """Runs of spaces, and words with the space before them."""
    words, last = [], ''
    for c in text.replace(' ', SPACE):
        if not words or c == '\n' or last == '\n' or c == SPACE and last != SPACE:
            words.append([])
        words[-1].append(c)
        last = c
    return words


class Vocabulary:
    def __init__(self, across, letters=None):
        text = CORPUS.replace(' ', SPACE)
        self.merges = train([list(text)] if across else words_of(CORPUS), 250)
        made = list(dict.fromkeys(a + b for a, b in self.merges))
        chars = sorted(set(text) - set('\n#') | ({'\n'} if across else set()))
        self.tokens = SPECIAL + [f'<0x{b:02X}>' for b in range(256)] + made + chars
        # SentencePiece's rule merges wherever the result is a token.
        self.score = {t: -float(i) for i, t in enumerate(made + chars)}
        self.id = {t: i for i, t in enumerate(self.tokens)}
        assert len(self.id) == len(self.tokens)
        self.rank = {}
        for p in self.all_merges():
            self.rank.setdefault(p, len(self.rank))

    def all_merges(self):
        """As transformers converts scores: longer left parts first."""
        for t in sorted(self.score, key=lambda t: -self.score[t]):
            for i in range(len(t) - 1, 0, -1):
                if t[:i] in self.score and t[i:] in self.score:
                    yield t[:i], t[i:]


def json_file(v, normalizer, pre, added=()):
    rows = [dict(id=i, content=t, special=True) for i, t in enumerate(SPECIAL)]
    rows += [dict(id=len(v.tokens) + i, content=t, special=False) for i, t in enumerate(added)]
    for r in rows:
        r.update(single_word=False, lstrip=False, rstrip=False, normalized=False)
    prefix = 'Prepend' in str(normalizer) or pre and pre['type'] == 'Metaspace' and \
        pre['prepend_scheme'] != 'never'
    decoders = [{'type': 'Replace', 'pattern': {'String': SPACE}, 'content': ' '},
        {'type': 'ByteFallback'}, {'type': 'Fuse'}]
    if prefix:
        decoders.append({'type': 'Strip', 'content': ' ', 'start': 1, 'stop': 0})
    bos = {'SpecialToken': {'id': '<s>', 'type_id': 0}}
    a, b = ({'Sequence': {'id': x, 'type_id': i}} for i, x in enumerate('AB'))
    return {'version': '1.0', 'truncation': None, 'padding': None, 'added_tokens': rows,
        'normalizer': normalizer, 'pre_tokenizer': pre,
        'post_processor': {'type': 'TemplateProcessing', 'single': [bos, a], 'pair': [a, b],
            'special_tokens': {'<s>': {'id': '<s>', 'ids': [1], 'tokens': ['<s>']}}},
        'decoder': {'type': 'Sequence', 'decoders': decoders},
        'model': {'type': 'BPE', 'dropout': None, 'unk_token': '<unk>',
            'continuing_subword_prefix': None, 'end_of_word_suffix': None, 'fuse_unk': True,
            'byte_fallback': True, 'ignore_merges': False,
            'vocab': dict(v.id, **{t: len(v.tokens) + i for i, t in enumerate(added)}),
            'merges': [list(p) for p in v.rank]}}


REPLACE = {'type': 'Replace', 'pattern': {'String': ' '}, 'content': SPACE}
BOTH = {'type': 'Sequence', 'normalizers': [{'type': 'Prepend', 'prepend': SPACE}, REPLACE]}


def metaspace(scheme, split=False):
    return {'type': 'Metaspace', 'replacement': SPACE, 'prepend_scheme': scheme, 'split': split}


# NAME: across words, normalizer, pre_tokenizer
FILES = {'llama': (False, BOTH, None),
    'gemma': (False, REPLACE, {'type': 'Split', 'pattern': {'String': ' '},
        'behavior': 'MergedWithPrevious', 'invert': False}),
    'always': (False, None, metaspace('always')), 'first': (False, None, metaspace('first')),
    'never': (False, None, metaspace('never')), 'split': (True, None, metaspace('always', True)),
    'across': (True, BOTH, None)}


def write_others(top):
    """Less usual files: NFC, ignore_merges, added tokens that merges make too, or that are
    matched in normalized text."""
    def put(name, d, added=(), **flags):
        for t in added:
            d['added_tokens'].append(dict(d['added_tokens'][-1], content=t, **flags))
            d['added_tokens'][-1]['id'] = d['model']['vocab'].setdefault(t,
                len(d['model']['vocab']))
        with open(f'{top}/{name}.json', 'w') as f:
            json.dump(d, f)

    v, across = Vocabulary(False), Vocabulary(True)
    put('made', json_file(v, REPLACE, FILES['gemma'][2], [USER]),
        ['\n', '\n\n', SPACE * 2, SPACE * 4, 'the', 'a'])
    put('normalized', json_file(v, BOTH, None, [USER]), ['dog', 'the dog'], normalized=True)
    put('late', json_file(v, None, metaspace('first'), [USER]), ['dog', 'the dog'],
        normalized=True)
    nfc = {'type': 'Sequence', 'normalizers': [{'type': 'NFC'}] + BOTH['normalizers']}
    put('nfc', json_file(v, nfc, None, [USER]))
    for name, how in (('whole', metaspace('always', True)), ('wholetext', None)):
        d = json_file(across, None if how else BOTH, how, [USER])
        d['model']['ignore_merges'] = True
        for t in ('lamp', 'the' + SPACE + 'lamp'):
            d['model']['vocab'][SPACE + t] = len(d['model']['vocab'])
        put(name, d)


def some_texts():
    r = random.Random(11)
    parts = list('abcdefxyzABü é中文日\u2581\n\t#"<>/0139 ') + [' ', '  ', '    ', 'the ', ' the',
        'aaaa', 'dog', '==', '----', '\n\n', '\r\n', '<s>', '</s>', '<unk>', '<0x0A>', '<0x41>',
        USER, '😀', '👩\u200d💻', 'e\u0301', '\u00a0', '\u3000', '\u0000', '\uffff', '\U0010ffff']
    texts = [CORPUS, CORPUS.replace('\n', ' ') * 3, '', ' ', '  ', '\n', 'a', ' a', 'a ', '   a',
        'aaaaaaaaaaaaaaaaaaaaaaa' * 9, '<s>', '<0x0A>', '<s> the </s>', SPACE, SPACE + 'the',
        'the' + SPACE + 'dog', '\tthe\tdog', ' \n ', '😀', ' 😀😀', 'x' * 3000, '中' * 999]
    return texts + [''.join(r.choice(parts) for _ in range(1 + r.randrange(60)))
        for _ in range(300)]


def model_keys(v, user=USER, **more):
    from gguf_file import ARRAY, BOOL, F32, I32, TEXT, U32
    types = [2, 3, 3] + [6] * 256 + [1] * (len(v.tokens) - 259)
    scores = [0.0] * 259 + [v.score[t] for t in v.tokens[259:]]
    tokens = list(v.tokens)
    if user:
        tokens, types, scores = tokens + [user], types + [4], scores + [0.0]
    t = 'tokenizer.ggml.'
    keys = {'model': (TEXT, 'llama'), 'pre': (TEXT, 'default'),
        'tokens': ((ARRAY, TEXT), tokens), 'scores': ((ARRAY, F32), scores),
        'token_type': ((ARRAY, I32), types), 'bos_token_id': (U32, 1),
        'eos_token_id': (U32, 2), 'unknown_token_id': (U32, 0),
        'add_bos_token': (BOOL, 1), 'add_eos_token': (BOOL, 0), 'add_space_prefix': (BOOL, 1)}
    keys.update(more)
    return [(t + k, *x) for k, x in keys.items() if x]


def model_file(keys):
    """A small model with these tokens."""
    import gguf_file
    import gguf_models
    gguf_models.TOKENS = len(dict((k[0], k[2]) for k in keys).get('tokenizer.ggml.tokens', [0]))
    m = gguf_models.Model(random.Random(3), 'F32', 4, 2, 8)
    m.family(32, 32, 1, pairs=True, tied=True)
    shape = gguf_models.family_keys('llama', m, 32, 32, 1, 256, 1e-5, 10000.0)
    return gguf_file.file(shape + keys, m.gguf)


def write_llama2c(top, v):
    import gguf_models
    gguf_models.TOKENS = len(v.tokens)
    m = gguf_models.Model(random.Random(3), 'F32', 4, 2, 8)
    m.family(32, 32, 1, pairs=True, tied=True)
    found = {t[0]: t[3] for t in m.gguf}
    names = ['attn_norm', 'attn_q', 'attn_k', 'attn_v', 'attn_output', 'ffn_norm', 'ffn_gate',
        'ffn_down', 'ffn_up']
    names = ['token_embd.weight'] + [f'blk.0.{n}.weight' for n in names] + ['output_norm.weight']
    os.makedirs(top)
    with open(top + '/model.bin', 'wb') as f:
        f.write(struct.pack('<7i', 32, 32, 1, 4, 2, len(v.tokens), 256))
        f.write(b''.join(found[n] for n in names) + bytes(4 * 256 * 8))
    texts = ['<unk>', '\n<s>\n', '\n</s>\n'] + [t.replace(SPACE, ' ') for t in v.tokens[3:]]
    with open(top + '/tokenizer.bin', 'wb') as f:
        f.write(struct.pack('<i', max(len(t.encode()) for t in texts)))
        for t, name in zip(texts, v.tokens):
            f.write(struct.pack('<fi', v.score.get(name, 0), len(t.encode())) + t.encode())


def write(top):
    os.makedirs(top + '/texts')
    for name, (across, normalizer, pre) in FILES.items():
        with open(f'{top}/{name}.json', 'w') as f:
            json.dump(json_file(Vocabulary(across), normalizer, pre, [USER]), f)
    write_others(top)
    with open(top + '/spm.gguf', 'wb') as f:
        f.write(model_file(model_keys(Vocabulary(False))))
    with open(top + '/plain.gguf', 'wb') as f:
        f.write(model_file(model_keys(Vocabulary(False), user=None)))
    write_llama2c(top + '/llama2c', Vocabulary(False))
    for i, t in enumerate(some_texts()):
        with open(f'{top}/texts/{i:04}', 'w', newline='') as f:
            f.write(t)


# ---- files to be refused ----


def bad_json(top):
    v = Vocabulary(False)

    def put(name, regex, what, change, **more):
        d = json_file(v, more.get('normalizer', BOTH), more.get('pre'))
        change(d, d['model'])
        with open(f'{top}/{name}.json', 'w') as f:
            json.dump(d, f)
        print(f'{name}.json', regex, what, sep='\t')

    def nothing(d, m):
        pass

    put('unigram', "not BPE: type .Unigram", 'a Unigram model', lambda d, m: m.update(type='Unigram'))
    put('nobyte', "the token '<0x0A>' is missing", 'no token for a byte',
        lambda d, m: m['vocab'].pop('<0x0A>'))
    put('smallbyte', "the token '<0x0A>' is missing", 'a byte in small letters',
        lambda d, m: m['vocab'].update({'<0x0a>': m['vocab'].pop('<0x0A>')}))
    put('sameid', 'duplicate', 'an id of two tokens', lambda d, m: m['vocab'].update({'zz': 300}))
    put('bytemerge', 'not in the vocabulary: merge', 'a merge of byte tokens',
        lambda d, m: (m['vocab'].update({'<0x41><0x42>': 900}),
            m['merges'].append(['<0x41>', '<0x42>'])))
    put('lower', "normalizer: .Lowercase. is not supported", 'another normalizer', nothing,
        normalizer={'type': 'Sequence', 'normalizers': [{'type': 'Lowercase'}, REPLACE]})
    put('replace', "normalizer: .Replace. is not supported", 'another replacement', nothing,
        normalizer={'type': 'Replace', 'pattern': {'String': 'a'}, 'content': SPACE})
    put('regex', "normalizer: .Replace. is not supported", 'a pattern to be replaced', nothing,
        normalizer={'type': 'Replace', 'pattern': {'Regex': ' '}, 'content': SPACE})
    put('prepend', "'Prepend' is not supported without 'Replace'", 'Prepend alone', nothing,
        normalizer=BOTH['normalizers'][0], pre=metaspace('never'))
    put('nothing', 'unless a normalizer or pre_tokenizer replaces spaces', 'spaces as they are',
        nothing, normalizer=None)
    put('both', 'both normalizer and pre_tokenizer', 'spaces replaced twice', nothing,
        pre=metaspace('always'))
    put('scheme', "prepend_scheme .sometimes. is not supported", 'an unknown scheme', nothing,
        normalizer=None, pre=metaspace('sometimes'))
    put('underscore', "pre_tokenizer: .*Metaspace. is not supported", 'another character', nothing,
        normalizer=None, pre=dict(metaspace('first'), replacement='_'))
    put('level', "pre_tokenizer: .ByteLevel. is not supported with 'byte_fallback'",
        'byte_fallback of byte-level BPE', nothing, normalizer=None, pre={'type': 'ByteLevel'})
    put('nofallback', "the type 'Metaspace' is not supported", 'Metaspace without byte_fallback',
        lambda d, m: m.update(byte_fallback=False), normalizer=None, pre=metaspace('first'))


def bad_gguf(top):
    from gguf_file import ARRAY, F32, I32, TEXT
    v = Vocabulary(False)
    tokens, n = v.tokens, len(v.tokens)
    scores = [0.0] * 259 + [v.score[t] for t in tokens[259:]]
    types = [2, 3, 3] + [6] * 256 + [1] * (n - 259)

    def put(name, regex, what, **change):
        kinds = {'tokens': (ARRAY, TEXT), 'scores': (ARRAY, F32), 'token_type': (ARRAY, I32)}
        change = {k: (kinds[k], x) if isinstance(x, list) else x for k, x in change.items()}
        with open(f'{top}/{name}.gguf', 'wb') as f:
            f.write(model_file(model_keys(v, user=None, **change)))
        print(f'{name}.gguf', regex, what, sep='\t')

    def other(old, i, x):
        return old[:i] + [x] + old[i + 1:]

    put('twice', 'duplicate token', 'a duplicate token', tokens=other(tokens, 300, tokens[299]))
    put('twicebyte', 'duplicate token', 'a duplicate byte', tokens=other(tokens, 4, '<0x00>'))
    put('lacksbyte', "the token '<0x01>' is missing", 'no token for a byte',
        tokens=other(tokens, 4, 'zz'), token_type=other(types, 4, 1))
    put('unusedbyte', "the token '<0x01>' is missing", 'a byte that is unused',
        token_type=other(types, 4, 5))
    put('wrongbyte', "not spelled as a byte: .<0x1>", 'a byte spelled otherwise',
        tokens=other(tokens, 4, '<0x1>'))
    put('noscores', "'tokenizer.ggml.scores' is missing", 'no scores', scores=None)
    put('fewscores', f'{n - 1} scores of {n} tokens', 'a score less', scores=scores[1:])
    put('manyscores', f'{n + 1} scores of {n} tokens', 'a score more', scores=scores + [0.0])
    put('nan', 'the score of token 300 is not a number', 'a score that is not a number',
        scores=other(scores, 300, float('nan')))
    put('nanbyte', 'the score of token 3 is not a number', 'that of a byte too',
        scores=other(scores, 3, float('nan')))
    put('integers', "'tokenizer.ggml.scores' is not an array of reals", 'integers as scores',
        scores=((ARRAY, I32), [0] * n))
    put('types', f'{n} tokens with {n - 1} types', 'a type less', token_type=types[1:])
    put('type', 'token 300 has type 7', 'an unknown type', token_type=other(types, 300, 7))
    put('long', 'token 300 is too long', 'a very long token', tokens=other(tokens, 300, 'a' * 2000))
    put('wordpiece', "of the type 'bert', which is not supported", 'another kind',
        model=(TEXT, 'bert'))


def bad_llama2c(top):
    with open(top + '/good/tokenizer.bin', 'rb') as f:
        good = f.read()
    for name, regex, what, data in (
            ('cut', 'is not whole', 'cut off', good[:-1]),
            ('more', 'is not whole', 'with more at its end', good + b'xyz'),
            ('huge', 'is not whole', 'with a huge length', good + struct.pack('<fI', 0, 1 << 31)),
            ('none', "'<0xFF>' is missing", 'that ends too early', good[:good.index(b'<0xFF>') - 8]),
            ('nan', 'score of token 3 is', 'with an invalid score',
                good.replace(struct.pack('<fi', 0, 6) + b'<0x00>',
                    struct.pack('<fi', float('nan'), 6) + b'<0x00>'))):
        with open(f'{top}/{name}.bin', 'wb') as f:
            f.write(data)
        print(f'{name}.bin', regex, "llama2.c's, " + what, sep='\t')


def bad(top):
    bad_json(top)
    bad_gguf(top)
    write_llama2c(top + '/good', Vocabulary(False))
    bad_llama2c(top)


# ---- the rules ----


def merge(v, text, by_score):
    symbols = list(text)

    def better(i):
        a, b = symbols[i], symbols[i + 1]
        if by_score:
            return -v.score[a + b] if a + b in v.score else None
        return v.rank.get((a, b))

    while True:
        found = [(better(i), i) for i in range(len(symbols) - 1) if better(i) is not None]
        if not found:
            break
        i = min(found)[1]
        symbols[i:i + 2] = [symbols[i] + symbols[i + 1]]
    ids = []
    for s in symbols:
        ids += [v.id[s]] if s in v.score else [3 + b for b in s.encode()]
    return ids


def pieces(text, how, start):
    """What is merged as a whole."""
    text = text.replace(' ', SPACE)
    if how == 'llama' or how in ('always', 'split') and text[:1] != SPACE or \
            how == 'first' and start and text[:1] != SPACE:
        text = SPACE + text
    if how != 'split':
        return [text]
    parts = []
    for c in text:
        if c == SPACE or not parts:
            parts.append('')
        parts[-1] += c
    return parts


def encode(v, text, how, by_score):
    ids = []
    for i, part in enumerate(text.split(USER)):
        if i:
            ids.append(len(v.tokens))
        for piece in pieces(part, how, not i) if part else []:
            ids += merge(v, piece, by_score)
    return ids


def texts(top):
    found = {}
    for name in sorted(os.listdir(top + '/texts')):
        with open(f'{top}/texts/{name}', newline='') as f:
            found[f'{top}/texts/{name}'] = f.read()
    return found


def tokenize(file, names):
    out = subprocess.run(['tokenize', '-q', '-t', file, '-r', '-a', *names], check=True,
        capture_output=True, text=True).stdout
    return [[int(x) for x in line.split()] for line in out.split('\n')[:-1]]


def decode(file, rows):
    """The bytes of rows of ids, joined."""
    lines = '\n'.join(' '.join(map(str, ids)) for ids in rows) + '\n'
    return subprocess.run(['tokenize', '-t', file, '-d', '-'], check=True, capture_output=True,
        input=lines.encode()).stdout


def check_decoding(file, rows, wants):
    if decode(file, rows) == ''.join(wants).encode():
        return
    for ids, want in zip(rows, wants):
        assert decode(file, [ids]) == want.encode(), (file, ids, want, decode(file, [ids]))
    assert False, (file, 'lines')


def facts(top, name):
    by_score = name in ('spm', 'llama2c')
    file = f'{top}/{name}.json'
    if by_score:
        file = f'{top}/spm.gguf' if name == 'spm' else f'{top}/llama2c/tokenizer.bin'
    v = Vocabulary(name in FILES and FILES[name][0])
    how = {'across': 'llama', 'spm': 'llama', 'llama2c': 'llama', 'gemma': 'never'}.get(name, name)
    all_texts = texts(top)
    if name == 'llama2c':   # it has no user-defined token
        all_texts = {k: t for k, t in all_texts.items() if USER not in t}
    ours = tokenize(file, all_texts)
    for text, ids in zip(all_texts.values(), ours):
        want = encode(v, text, how, by_score)
        assert ids == want, (name, text, ids, want)
    # Only what is the same in all texts is lost: U+2581, and a space in front.
    lossy = how in ('always', 'split', 'first')
    wants = [t.replace(SPACE, ' ') for t in all_texts.values()]
    if lossy:
        wants = [USER.join(p[1:] if p[:1] == ' ' and (how != 'first' or not k) else p
            for k, p in enumerate(want.split(USER))) for want in wants]
    check_decoding(file, ours, wants)


TEMPLATE = "{% for m in messages %}{% if m.role == 'user' %}<s>[INST] {{ m.content }} [/INST]" \
    "{% else %} {{ m.content }} </s>{% endif %}{% endfor %}"
CHAT = [('user', 'the <s> dog'), ('assistant', 'the fox')]


def write_config(top):
    with open(top + '/tokenizer_config.json', 'w') as f:
        json.dump({'bos_token': '<s>', 'eos_token': '</s>', 'chat_template': TEMPLATE}, f)
    print(json.dumps({'messages': [{'role': r, 'content': c} for r, c in CHAT]}))


def chat(name):
    """Special tokens in a message are text, and text between special tokens a piece."""
    v = Vocabulary(FILES[name][0])
    got = json.load(sys.stdin)
    text = '[INST] the <s> dog [/INST] the fox '
    want = [1] + [i for p in pieces(text, name, False) for i in merge(v, p, False)] + [2]
    assert got['ids'] == want, (name, got, want)
    learned = [v.tokens[i] for i, m in zip(got['ids'], got['mask']) if m]
    assert ''.join(learned).replace(SPACE, ' ').strip() in ('the fox </s>', 'the fox</s>'), learned


# ---- the libraries ----


def with_tokenizers(top, names):
    import tokenizers
    all_texts = texts(top)
    for name in names:
        t = tokenizers.Tokenizer.from_file(f'{top}/{name}.json')
        t.encode_special_tokens = True
        rows = tokenize(f'{top}/{name}.json', all_texts)
        for text, ours in zip(all_texts.values(), rows):
            theirs = t.encode(text, add_special_tokens=False).ids
            assert ours == theirs, (name, text, ours, theirs)
        # After an added token the library keeps the space; one that was matched in
        # normalized text has it itself.
        rows = [ids for ids, text in zip(rows, all_texts.values()) if USER not in text]
        if name == 'normalized':
            continue
        check_decoding(f'{top}/{name}.json', rows, [t.decode(ids) for ids in rows])


def with_sentencepiece(top):
    import sentencepiece
    with open(top + '/corpus', 'w') as f:
        f.write(CORPUS * 20)
    sentencepiece.SentencePieceTrainer.train(input=top + '/corpus', model_prefix=top + '/trained',
        vocab_size=420, model_type='bpe', byte_fallback=True, normalization_rule_name='identity',
        remove_extra_whitespaces=False, split_digits=True, allow_whitespace_only_pieces=True,
        character_coverage=.999, minloglevel=2)
    s = sentencepiece.SentencePieceProcessor(model_file=top + '/trained.model')
    v = Vocabulary(False)
    v.tokens = [s.id_to_piece(i) for i in range(s.vocab_size())]
    assert v.tokens[:3] == SPECIAL and s.is_byte(3) and s.is_byte(258)
    v.score = {t: s.get_score(i) for i, t in enumerate(v.tokens)}
    with open(top + '/trained.gguf', 'wb') as f:
        f.write(model_file(model_keys(v, user=None)))
    # SentencePiece itself takes NUL for the end of a text.
    all_texts = {k: t for k, t in texts(top).items() if '\0' not in t}
    rows = tokenize(top + '/trained.gguf', all_texts)
    for text, ours in zip(all_texts.values(), rows):
        assert ours == s.encode(text), (text, ours, s.encode(text))
    check_decoding(top + '/trained.gguf', rows, [s.decode(ids) for ids in rows])


if __name__ == '__main__':
    command, top, *names = sys.argv[1:]
    if command == 'write':
        write(top)
    elif command == 'bad':
        bad(top)
    elif command == 'chat':
        chat(top)
    elif command == 'config':
        write_config(top)
    elif command == 'facts':
        facts(top, *names)
    elif command == 'tokenizers':
        with_tokenizers(top, names)
    else:
        with_sentencepiece(top)
