# reference_parity.py REFERENCE OURS [TOLERANCE]: compares generate's JSON lines
# (--jsonl --greedy --top 5) with reference lines {"prompt_ids","top5",
# "greedy_ids"} of the same prompts: ids must be identical, logits close.
import json
import sys

tolerance = float(sys.argv[3]) if len(sys.argv) > 3 else 1e-3
worst = 0
pairs = list(zip(open(sys.argv[1]), open(sys.argv[2]), strict=True))
for number, (want, got) in enumerate(pairs, 1):
    want, got = json.loads(want), json.loads(got)
    assert got["ids"] == want["greedy_ids"], f"line {number}: {got['ids']}"
    assert got["prompt_ids"] == want["prompt_ids"], f"line {number}"
    logits = dict(map(tuple, got["top"]))
    for token, logit in want["top5"]:
        worst = max(worst, abs(logits[token] - logit))
assert worst <= tolerance, f"a logit differs by {worst}"
print(f"{len(pairs)} prompts, logits within {worst:.2g}")
