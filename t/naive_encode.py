"""naive_encode.py TOKENIZER.json PATTERN <STRINGS - reference ids

STRINGS: one JSON string per line. Prints the ids of each on a line. Splits by
the published pattern (gpt2, cl100k, o200k, smollm), then merges the pair of the
earliest merge until none applies. Python's re lacks \\p, so each character is
first replaced by one that stands for its class, and ASCII patterns are applied
to that. With HF as third argument Hugging Face's tokenizers does all of this.
"""
import json
import re
import sys
import unicodedata

UPPER, LOWER, OTHER, MARK, NUMBER, SPACE, REST = 'Zz\1\0027\t!'
U, L, M = 'A-Z', 'a-z', '\1\2'
LETTER = 'A-Za-z\1'
SHORT = "'s|'t|'re|'ve|'m|'ll|'d"
PATTERNS = {
    'gpt2': rf" ?[{LETTER}]+| ?[0-9]+| ?[^\s{LETTER}0-9]+|\s+(?!\S)|\s+",
    'cl100k': rf"(?i:{SHORT})|[^\r\n{LETTER}0-9]?[{LETTER}]+|[0-9]{{1,3}}"
              rf"| ?[^\s{LETTER}0-9]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    'o200k': rf"[^\r\n{LETTER}0-9]?[{U}{M}]*[{L}{M}]+(?i:{SHORT})?"
             rf"|[^\r\n{LETTER}0-9]?[{U}{M}]+[{L}{M}]*(?i:{SHORT})?"
             rf"|[0-9]{{1,3}}| ?[^\s{LETTER}0-9]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
}
PATTERNS['gpt2'] = SHORT + '|' + PATTERNS['gpt2']
SPACES = '\u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000'


def klass(c):
    if ord(c) < 128:
        return c
    if c in SPACES or '\u2000' <= c <= '\u200a':
        return SPACE
    kind = unicodedata.category(c)
    if kind in ('Lu', 'Lt'):
        return UPPER
    if kind == 'Ll':
        return LOWER
    return {'L': OTHER, 'M': MARK, 'N': NUMBER}.get(kind[0], REST)


def words(text, name):
    if name == 'smollm':    # each digit alone, the rest as in gpt2
        digits = re.split(r'([0-9])', ''.join(map(klass, text)))
        at = 0
        for part in digits:
            if re.fullmatch('[0-9]', part):
                yield text[at:at + 1]
            else:
                yield from words(text[at:at + len(part)], 'gpt2')
            at += len(part)
        return
    for m in re.finditer(PATTERNS[name], ''.join(map(klass, text)), re.ASCII):
        yield text[m.start():m.end()]


def letters():
    """The characters that stand for bytes in tokenizer.json."""
    seen = [b for b in range(256) if 33 <= b < 127 or 161 <= b and b != 173]
    table = {b: chr(b) for b in seen}
    for i, b in enumerate(b for b in range(256) if b not in table):
        table[b] = chr(256 + i)
    return table


def main():
    lines = [json.loads(line) for line in sys.stdin]
    if sys.argv[3:] == ['HF']:
        from tokenizers import Tokenizer
        t = Tokenizer.from_file(sys.argv[1])
        for s in lines:
            print(*t.encode(s, add_special_tokens=False).ids)
        return
    model = json.load(open(sys.argv[1], encoding='utf-8'))['model']
    merges = [m if isinstance(m, list) else m.split(' ') for m in model['merges']]
    rank = {tuple(m): i for i, m in enumerate(merges)}
    table = letters()
    for s in lines:
        ids = []
        for w in words(s, sys.argv[2]):
            parts = [table[b] for b in w.encode()]
            while len(parts) > 1:
                best = min(zip(parts, parts[1:]), key=lambda p: rank.get(p, 1 << 30))
                if best not in rank:
                    break
                i = next(i for i in range(len(parts)) if tuple(parts[i:i + 2]) == best)
                parts[i:i + 2] = [parts[i] + parts[i + 1]]
            ids += [model['vocab'][p] for p in parts]
        print(*ids)


main()
