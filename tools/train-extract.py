#!/usr/bin/env python3
"""train-extract.py - train data/extract.bin, the trees that choose main text

usage: train-extract.py [--halves | --sites] [--seed N] [-o FILE] BUILD DATA

BUILD is the build directory; `make units` builds unit/features and unit/extract
there. DATA has directories article and mixed with pages NAME.html and their gold
text NAME.txt; mixed/types.tsv (NAME, tab, type) tells which pages in mixed are
articles. Needs lightgbm and rapidfuzz.

Without --halves it trains on all pages, writes FILE (data/extract.bin), and
prints its scores on the training pages. --halves trains on each
half of the pages (by hash of the name), --sites on four fifths (by hash of the
site), and prints the scores on the held-out pages.

A block is content when 60% of its words are in the longest common subsequence
of page and gold text, or else 60% of its 3-grams are among those of the gold
text not matched yet. Its weight is its share of the gold text, so that each page
counts the same.
"""
import argparse
import collections
import glob
import hashlib
import os
import re
import struct
import subprocess
import tempfile

import lightgbm
import numpy
from rapidfuzz.distance import LCSseq

# Monotonic constraints: content is more (less) likely for larger values.
RISING = """
    ends_sentence class_form class_footer class_popup class_nav land_footer
    land_nav land_aside land_dialog anc1_prose_density anc2_prose_density
    anc1_page_prose anc2_page_prose in_container path_block_sentences
    path_prose_rank
    """.split()
FALLING = """
    boilerplate hard_boilerplate repeated_5grams land_main anc1_link_density
    anc2_link_density levels_to_30_prose levels_to_50_prose container_levels
    near_popup around3_link_density title_levels
    """.split()
# Page features also used for block scores; the others only recognise articles.
SHARED = ['page.' + name for name in """
    og_type ld_article url_listing url_article forum_engine body_archive
    body_single tag_p tag_form tag_button tag_li class_article class_comment
    class_product blocks link_density dates longest_prose long_blocks
    container_words container_prose largest_article siblings_prose_density
    comment_words
    """.split()]

BLOCK = dict(learning_rate=.08, num_leaves=8, feature_fraction=.4,
             bagging_fraction=.7, min_data_in_leaf=40, lambda_l2=20, max_bin=63)
PAGE = dict(learning_rate=.1, num_leaves=5, feature_fraction=.3,
            bagging_fraction=.8, min_data_in_leaf=8, lambda_l2=5, max_bin=31)
BLOCK_TREES, PAGE_TREES = 200, 60
SAME = .6           # the share of a block's words that must be in the gold text
REPEAT_WEIGHT = .1  # of the second and later copies of a block

WORD = re.compile(r'\w+')
Page = collections.namedtuple(
    'Page', 'set name file gold article features words rows texts')


def tokens(text):
    return WORD.findall(text.lower())


def grams(words, n=3):
    return collections.Counter(zip(*(words[i:] for i in range(n))))


# ---------------------------------------------------------------- reading

def dump_pages(build, files):
    """Yields (file, page features, rows, texts) of every page; names first."""
    with tempfile.NamedTemporaryFile('w') as names:
        names.write(''.join(f + '\n' for f in files))
        names.flush()
        data = subprocess.run([build + '/unit/features', names.name],
                              stdout=subprocess.PIPE, check=True).stdout
    end = data.index(b'\n')
    block_names = data[:end].decode().split()
    start, end = end + 1, data.index(b'\n', end + 1)
    page_names = data[start:end].decode().split()
    yield block_names, page_names
    at, width = end + 1, 1 + len(block_names)
    while at < len(data):
        end = data.index(b'\n', at)
        name, n = data[at:end].decode().rsplit(' ', 1)
        at, n = end + 1, int(n)
        page, rows, texts = None, None, []
        if n:
            page = numpy.frombuffer(data, 'f4', len(page_names), at)
            at += 4 * len(page_names)
            rows = numpy.frombuffer(data, 'f4', n * width, at)
            rows = rows.reshape(n, width)
            at += rows.nbytes
        for _ in range(n):
            size, = struct.unpack_from('I', data, at)
            texts.append(data[at + 4:at + 4 + size].decode('utf-8', 'replace'))
            at += 4 + size
        yield name, page, rows, texts


def read_pages(build, data):
    files, types = {}, {}
    for part in 'article', 'mixed':
        for f in sorted(glob.glob(os.path.join(data, part, '*.html'))):
            files[f] = part
    table = os.path.join(data, 'mixed', 'types.tsv')
    for line in open(table, encoding='utf-8'):
        name, kind = line.rstrip('\n').split('\t')
        types[name] = kind
    dump = dump_pages(build, files)
    names, pages = next(dump), []
    for file, features, rows, texts in dump:
        name = os.path.basename(file)[:-5]
        gold = open(file[:-5] + '.txt', encoding='utf-8').read()
        article = files[file] == 'article' or types[name] == 'article'
        words = None if rows is None else rows[:, 0]
        pages.append(Page(files[file], name, file, gold, article, features,
                          words, None if rows is None else rows[:, 1:], texts))
    return names, pages, types


# ---------------------------------------------------------------- labels

def in_sequence(blocks, gold):
    """Share of each block's words in the longest common subsequence."""
    number = {}
    gold = [number.setdefault(w, len(number)) for w in gold]
    page = [number.setdefault(w, len(number)) for b in blocks for w in b]
    hit = numpy.zeros(len(page) + 1, int)
    if len(page) * len(gold) < 4e9:
        for op in LCSseq.opcodes(page, gold):
            if op.tag == 'equal':
                hit[op.src_start + 1:op.src_end + 1] = 1
    total = numpy.cumsum(hit)
    ends = numpy.cumsum([len(b) for b in blocks])
    return [(total[e] - total[e - len(b)]) / max(1, len(b))
            for b, e in zip(blocks, ends)]


def label(page):
    """Whether each block is content, and its weight."""
    gold = tokens(page.gold)
    blocks = [tokens(t) for t in page.texts]
    share = in_sequence(blocks, gold)
    left = grams(gold)
    for s, b in zip(share, blocks):
        if s >= SAME:
            left.subtract(grams(b))
    for i, b in enumerate(blocks):      # content in another order
        if share[i] >= SAME or len(b) < 4:
            continue
        mine = grams(b)
        found = sum(min(n, max(0, left[g])) for g, n in mine.items())
        if found > SAME * (len(b) - 2):
            share[i] = found / (len(b) - 2)
            left.subtract(mine)
    weight = numpy.minimum(page.words / max(len(gold), 60), 1) + 1e-4
    first = {}
    for i, b in enumerate(blocks):      # the first of equal blocks counts
        j = first.setdefault(tuple(b), i)
        if len(b) >= 4 and j != i:
            share[j], share[i] = max(share[i], share[j]), min(share[i], share[j])
            weight[i] *= REPEAT_WEIGHT
    return numpy.array(share) >= SAME, weight


# ---------------------------------------------------------------- training

def fit(x, y, weight, rounds, params, signs, seed):
    params = dict(params, objective='binary', verbose=-1, num_threads=1,
                  seed=seed, bagging_freq=1, extra_trees=True,
                  monotone_constraints=signs)
    data = lightgbm.Dataset(x, y, weight=weight, params=params)
    return lightgbm.train(params, data, rounds)


def train(names, pages, labels, seed):
    """Returns the ensembles: [(name, feature names, model)]."""
    block_names, page_names = names
    used = [p for p in pages if p.rows is not None]
    page_model = fit(
        numpy.array([p.features for p in used]),
        [float(p.article) for p in used],
        [.5 if p.set == 'article' else 1. for p in used],
        PAGE_TREES, PAGE, [0] * len(page_names), seed)
    shared = [page_names.index(n) for n in SHARED]
    x = numpy.vstack([numpy.hstack([
        p.rows, numpy.tile(p.features[shared], (len(p.rows), 1))])
        for p in used])
    y = numpy.concatenate([labels[p.file][0] for p in used])
    w = numpy.concatenate([labels[p.file][1] for p in used])
    signs = [(n in RISING) - (n in FALLING) for n in block_names]
    block_model = fit(x, y.astype(float), w / w.mean(), BLOCK_TREES, BLOCK,
                      signs + [0] * len(SHARED), seed)
    return [('page', page_names, page_model),
            ('block', block_names + SHARED, block_model)]


# ---------------------------------------------------------------- writing

def flatten(node, splits, leaves):
    """Appends the tree below node in the format of common/extract/trees.h."""
    if 'leaf_value' in node:
        leaves.append(node['leaf_value'])
        return
    assert node['decision_type'] == '<='
    mine = len(splits)
    splits.append(None)
    first = len(leaves)
    flatten(node['left_child'], splits, leaves)
    splits[mine] = (node['threshold'], node['split_feature'], first,
                    len(leaves))
    flatten(node['right_child'], splits, leaves)


def pad(data):
    return data + b'\0' * (-len(data) % 4)


def pack(name, features, model):
    sizes, splits, leaves = [], [], []
    for tree in model.dump_model()['tree_info']:
        s, l = [], []
        flatten(tree['tree_structure'], s, l)
        sizes.append(len(s))
        splits += s
        leaves += l
    names = pad(b''.join(n.encode() + b'\0' for n in features))
    return (struct.pack('<8s4I', name.encode(), len(features), len(sizes),
                        len(splits), len(names)) + names +
            pad(struct.pack('<%dH' % len(sizes), *sizes)) +
            b''.join(struct.pack('<fHBB', *s) for s in splits) +
            struct.pack('<%df' % len(leaves), *leaves))


def write(file, ensembles):
    with open(file, 'wb') as out:
        out.write(b'plmtrees' + struct.pack('<2I', 1, len(ensembles)))
        for e in ensembles:
            out.write(pack(*e))


# ---------------------------------------------------------------- scoring

def extract(build, trees, pages):
    """Texts of pages extracted by the C program with these trees."""
    texts = {}
    with tempfile.TemporaryDirectory() as out:
        for part in 'article', 'mixed':
            files = [p.file for p in pages if p.set == part]
            if files:
                subprocess.run([build + '/unit/extract', '-w', trees, '-o',
                                out] + files, check=True)
            for f in files:
                name = os.path.basename(f)[:-5] + '.txt'
                texts[f] = open(os.path.join(out, name),
                                encoding='utf-8', errors='replace').read()
    return texts


def word_f1(gold, text):
    a, b = (collections.Counter(tokens(t)) for t in (gold, text))
    if not a or not b:
        return float(not a and not b)
    return 2 * sum((a & b).values()) / (sum(a.values()) + sum(b.values()))


def shingle_f1(pairs):
    """Harmonic mean of mean precision and mean recall of 4-word shingles."""
    precision, recall = [], []
    for gold, text in pairs:
        count = []
        for words in WORD.findall(gold), WORD.findall(text):
            c = grams(words, 4) if len(words) > 4 else \
                collections.Counter([tuple(words)] if words else [])
            count.append(c)
        both = sum((count[0] & count[1]).values())
        if count[1]:
            precision.append(both / sum(count[1].values()))
        if count[0]:
            recall.append(both / sum(count[0].values()))
    p, r = numpy.mean(precision), numpy.mean(recall)
    return 2 * p * r / (p + r)


def report(title, pages, texts, types):
    mixed = [p for p in pages if p.set == 'mixed']
    pairs = [(p.gold, texts[p.file]) for p in pages if p.set == 'article']
    f1 = {p.name: word_f1(p.gold, texts[p.file]) for p in mixed}
    kinds = collections.defaultdict(list)
    for name, f in f1.items():
        kinds[types[name]].append(f)
    print('%s: article shingle F1 %.4f, mixed word F1 %.4f (%s)' % (
        title, shingle_f1(pairs), numpy.mean(list(f1.values())),
        ', '.join('%s %.3f' % (k, numpy.mean(v))
                  for k, v in sorted(kinds.items()))), flush=True)


def site(page):
    found = re.search(r'(?:rel="?canonical|og:url)[^>]*?//([^/"\s>]+)',
                      open(page.file, errors='replace').read())
    return '.'.join(found.group(1).split('.')[-2:]) if found else page.name


def fold(key, n):
    return int(hashlib.md5(key.encode()).hexdigest(), 16) % n


def held_out(args, names, pages, labels, types):
    n = 5 if args.sites else 2
    of = {p.file: fold(site(p) if args.sites else p.name, n) for p in pages}
    texts = {}
    for k in range(n):
        with tempfile.NamedTemporaryFile() as trees:
            write(trees.name, train(names, [p for p in pages
                                            if of[p.file] != k],
                                    labels, args.seed))
            texts.update(extract(args.build, trees.name,
                                 [p for p in pages if of[p.file] == k]))
    report('held out', pages, texts, types)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--halves', action='store_true')
    parser.add_argument('--sites', action='store_true')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('-o', metavar='FILE', dest='out',
                        default='data/extract.bin')
    parser.add_argument('build')
    parser.add_argument('data')
    args = parser.parse_args()
    names, pages, types = read_pages(args.build, args.data)
    labels = {p.file: label(p) for p in pages if p.rows is not None}
    if args.halves or args.sites:
        held_out(args, names, pages, labels, types)
        return
    ensembles = train(names, pages, labels, args.seed)
    write(args.out, ensembles)
    gain = sorted(zip(ensembles[1][2].feature_importance('gain'),
                      ensembles[1][1]), reverse=True)
    print('gain:', ' '.join('%s %d' % (n, g) for g, n in gain))
    report('training pages', pages, extract(args.build, args.out, pages), types)


if __name__ == '__main__':
    main()
