"""randomjson.py - random JSON lines, compared with Python's json

values            20,000 valid lines on standard output
damaged           4,000 lines with one or two bytes changed
compare IN OUT    OUT ("ok VALUE" a line) has the values of IN
verdicts IN OUT   OUT has "ok" for exactly the lines of IN that Python accepts
"""
import json
import random
import sys

PIECES = ['a', '"', '\\', '\n', '\x00', '\x1f', 'é', '€', '😀', '\x7f', '/',
          'longer than a word of eight bytes']
SEPARATORS = [(',', ':'), (', ', ': '), (' , ', '\t: ')]


def value(rnd, depth=0):
    kind = rnd.randrange(8 if depth < 4 else 6)
    if kind == 0:
        return rnd.choice([None, True, False])
    if kind == 1:
        most = 10 ** rnd.randint(0, 20)
        return rnd.randint(-most, most)
    if kind == 2:
        return rnd.choice([rnd.random(), -0.0, 5e-324,
                           rnd.gauss(0, 1) * 10.0 ** rnd.randint(-300, 300)])
    if kind < 6:
        return ''.join(rnd.choice(PIECES) for _ in range(rnd.randint(0, 30)))
    if kind == 6:
        return [value(rnd, depth + 1) for _ in range(rnd.randint(0, 6))]
    return {str(value(rnd, 9)): value(rnd, depth + 1)
            for _ in range(rnd.randint(0, 6))}


def lines(n, seed):
    rnd = random.Random(seed)
    for _ in range(n):
        yield json.dumps(value(rnd), ensure_ascii=rnd.random() < .5,
                         separators=rnd.choice(SEPARATORS)).encode()


def damaged(n, seed):
    rnd = random.Random(seed)
    for line in lines(n, seed):
        line = bytearray(line)
        for _ in range(rnd.randint(1, 2)):
            at, byte = rnd.randrange(len(line) + 1), rnd.choice(
                b'{}[]",:\\0e.-u\x80\xff 1\x01t')
            line[at:at + rnd.randint(0, 1)] = [byte] * rnd.randint(0, 1)
        line = bytes(line).replace(b'\n', b' ').replace(b'\r', b' ')
        yield line if line.strip(b' \t') else b'0'


def same(a, b):
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if type(a) in (int, float):
        return float(a) == float(b)
    return a == b and type(a) == type(b)


def reads(line):
    def refuse(_):
        raise ValueError
    try:
        json.loads(line.decode(), parse_constant=refuse)
        return True
    except ValueError:
        return False


def rows(name):
    return open(name, 'rb').read().split(b'\n')[:-1]


def main():
    mode = sys.argv[1]
    if mode in ('values', 'damaged'):
        made = lines(20000, 1) if mode == 'values' else damaged(4000, 2)
        sys.stdout.buffer.write(b''.join(x + b'\n' for x in made))
        return 0
    pairs = list(zip(rows(sys.argv[2]), rows(sys.argv[3]), strict=True))
    if mode == 'compare':
        wrong = [a for a, b in pairs if not b.startswith(b'ok ') or
                 not same(json.loads(a), json.loads(b[3:]))]
    else:
        wrong = [a for a, b in pairs if reads(a) != b.startswith(b'ok ')]
    for line in wrong[:5]:
        print(line)
    return len(wrong) > 0 or not pairs


sys.exit(main())
