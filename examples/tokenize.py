#!/usr/bin/env python3
"""tokenize.py - documents in, a shard(5) of their tokens out, as tokenize does

usage: tokenize.py RANKS <docs.jsonl >mine.bin

RANKS is what bpe-train -p gpt2 -o FILE.tiktoken writes: a token and its id per
line. Within a word, the pair of neighbours that makes the token with the lowest
id is merged until no pair makes a token. The next free id ends a document.
"""
import json, re, struct, sys
from base64 import b64decode

WORD = r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+"

rank, ids = {b64decode(t): int(r) for t, r in map(str.split, open(sys.argv[1]))}, []
for line in sys.stdin:
    for word in re.findall(WORD, json.loads(line)['text']):
        w = [bytes([b]) for b in word.encode()]
        for _ in w[1:]:
            r, i = min((rank.get(w[i] + w[i + 1], len(rank)), i) for i in range(len(w) - 1))
            w[i:i + 2] = [w[i] + w[i + 1]] if r < len(rank) else w[i:i + 2]
        ids += [rank[token] for token in w]
    ids.append(len(rank))
sys.stdout.buffer.write(struct.pack('<256i%dH' % len(ids), 20240520, 1, len(ids), *[0] * 253, *ids))
