# logits_differ.py WANT GOT MEAN LARGEST: how much the logits of generate's JSON
# lines ("top" with every token) differ: on average and at most.
import json
import sys

mean, largest = map(float, sys.argv[3:])
all_, worst = [], 0
for want, got in zip(open(sys.argv[1]), open(sys.argv[2]), strict=True):
    want = dict(map(tuple, json.loads(want)["top"]))
    got = dict(map(tuple, json.loads(got)["top"]))
    assert want.keys() == got.keys()
    differences = [abs(want[i] - got[i]) for i in want]
    all_ += differences
    worst = max(worst, max(differences))
average = sum(all_) / len(all_)
print(f"{len(all_)} logits differ by {average:.2g}, at most {worst:.2g}")
assert 0 < average <= mean and worst <= largest
