# reference_parity.py REFERENCE OURS [TOLERANCE [MEAN]]: compares generate's JSON
# lines (--jsonl --greedy --top 5) with reference lines {"prompt_ids","top5",
# "greedy_ids"} of the same prompts: logits must be close, and on average within
# MEAN; without MEAN, ids must be identical.
import json
import sys

tolerance = float(sys.argv[3]) if len(sys.argv) > 3 else 1e-3
mean = float(sys.argv[4]) if len(sys.argv) > 4 else None
apart = []
pairs = list(zip(open(sys.argv[1]), open(sys.argv[2]), strict=True))
for number, (want, got) in enumerate(pairs, 1):
    want, got = json.loads(want), json.loads(got)
    assert mean or got["ids"] == want["greedy_ids"], f"line {number}: {got['ids']}"
    assert got["prompt_ids"] == want["prompt_ids"], f"line {number}"
    logits = dict(map(tuple, got["top"]))
    apart += [abs(logits[token] - logit) for token, logit in want["top5"]]
worst, average = max(apart), sum(apart) / len(apart)
assert worst <= tolerance, f"a logit differs by {worst}"
assert not mean or average <= mean, f"logits differ by {average} on average"
print(f"{len(pairs)} prompts, logits within {worst:.2g}, on average {average:.2g}")
