# llamacpp_parity.py THEIRS OURS [TOLERANCE]: the last line of logits of
# t/llamacpp.c against the "top" of generate's JSON line for the same ids, with
# every token of the vocabulary.
import json
import sys

tolerance = float(sys.argv[3]) if len(sys.argv) > 3 else 1e-3
theirs = [float(x) for x in open(sys.argv[1]).read().splitlines()[-1].split()]
ours = dict(map(tuple, json.loads(open(sys.argv[2]).read())["top"]))
assert len(ours) >= 200, f"only {len(ours)} logits"
scale = max(map(abs, theirs))
worst = max(abs(theirs[i] - x) for i, x in ours.items())
assert scale > 0.1, f"the logits are at most {scale}"
assert worst <= tolerance, f"a logit differs by {worst} of {scale}"
print(f"{len(ours)} logits up to {scale:.3g} within {worst:.2g}")
