"""rules.py GOLD.jsonl docs|compare [OURS.jsonl] - decisions of the rules

docs: the texts of GOLD as documents. compare: compares the documents of
`crawlclean --why` with the decisions in GOLD, prints how many agree on keeping
or dropping, and how many give the same reason; differing texts go to standard
error.
"""
import json
import sys

SAME = {    # name in the reference: name in our table
    'gopher_rep:dup_line_frac': 'gopher-dup-lines',
    'gopher_rep:dup_para_frac': 'gopher-dup-paragraphs',
    'gopher_rep:dup_line_char_frac': 'gopher-dup-line-chars',
    'gopher_rep:dup_para_char_frac': 'gopher-dup-paragraph-chars',
    'gopher_rep:top_2_gram': 'gopher-top-2-gram',
    'gopher_rep:top_3_gram': 'gopher-top-3-gram',
    'gopher_rep:top_4_gram': 'gopher-top-4-gram',
    'gopher_qual:gopher_short_doc': 'gopher-min-words',
    'gopher_qual:gopher_long_doc': 'gopher-max-words',
    'gopher_qual:gopher_below_avg_threshold': 'gopher-min-word-length',
    'gopher_qual:gopher_above_avg_threshold': 'gopher-max-word-length',
    'gopher_qual:gopher_too_many_hashes': 'gopher-hashes',
    'gopher_qual:gopher_too_many_ellipsis': 'gopher-ellipses',
    'gopher_qual:gopher_too_many_bullets': 'gopher-bullets',
    'gopher_qual:gopher_too_many_end_ellipsis': 'gopher-ellipsis-lines',
    'gopher_qual:gopher_below_alpha_threshold': 'gopher-letters',
    'gopher_qual:gopher_enough_stop_words': 'gopher-stop-words',
    'c4_fineweb:lorem_ipsum': 'c4-lorem-ipsum',
    'c4_fineweb:curly_bracket': 'c4-curly-bracket',
    'c4_fineweb:too_few_sentences': 'c4-sentences',
    'fineweb_qual:line_punct_ratio': 'fineweb-line-ends',
    'fineweb_qual:short_line_ratio': 'fineweb-short-lines',
    'fineweb_qual:char_dup_ratio': 'fineweb-dup-line-chars',
    'fineweb_qual:list_ratio': 'fineweb-newlines',
}
for n in range(5, 11):
    SAME[f'gopher_rep:duplicated_{n}_n_grams'] = f'gopher-dup-{n}-grams'

gold = [json.loads(line) for line in open(sys.argv[1], encoding='utf-8')]
if sys.argv[2] == 'docs':
    for g in gold:
        print(json.dumps({'text': g['text'], 'id': g['id']}))
    sys.exit()
ours = {}
for line in open(sys.argv[3], encoding='utf-8'):
    d = json.loads(line)
    ours[d['id']] = d.get('metadata', {}).get('drop')
keep = reason = 0
for g in gold:
    want = g['decisions']['fineweb_chain']
    name = None if want['keep'] else SAME.get(want['reason'], want['reason'])
    have = ours[g['id']]
    keep += (name is None) == (have is None)
    reason += name == have
    if name != have:
        print(g['id'], 'wanted', name, 'is', have, file=sys.stderr)
print(f'{keep} of {len(gold)} decisions, {reason} reasons')
