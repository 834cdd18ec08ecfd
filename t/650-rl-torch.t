#!/bin/sh
# rltrain's objectives in PyTorch: loss of an update, and the gradient of every
# tensor, which the first moment of AdamW's first step holds.
. "${0%/*}/lib.sh"
needs_long
needs_command python3
venv torch transformers safetensors
export HF_HUB_OFFLINE=1

unit mkmodel sampler scale=3 kv=2 layers=2
unit mkmodel other scale=3 kv=2 layers=2 seed=2
# A model close to the sampling one, so that ratios are not 1 and some are clipped.
ckpt average -o now sampler sampler sampler sampler sampler sampler sampler other
for i in 1 2 3 4; do printf '{"id":%d,"prompt":"%d times"}\n' $i $i; done >prompts
reward() { awk '{ sub(/}$/, ",\"reward\":" (NR * 7 % 5) / 4 "}"); print }'; }
rlsample -q -m sampler -N 4 -n 7 prompts | reward >plain
rlsample -q -m sampler -N 4 -n 7 --temp .6 --top-p .9 --repeat-penalty 1.3 prompts |
	reward >elsewhere
# The same with answers of several lengths, as means over tokens differ.
awk '{ n = NR % 4 + 3; print $0, n }' plain | python3 -c 'import json, sys
for line in sys.stdin:
	r, n = json.loads(line[:line.rindex("}") + 1]), int(line.split()[-1])
	for key in "ids", "mask", "logprobs", "sample_logprobs":
		r[key] = r[key][:n]
	print(json.dumps(r))' >uneven

# Each line: rollouts, loss, options of rltrain.
for loss in expert reinforce rloo grpo dr-grpo dapo gspo cispo ppo; do
	echo "plain $loss"
	echo "uneven $loss"
	echo "elsewhere $loss"
	echo "elsewhere $loss --ref other --kl .1 --kl-reward .05 --entropy .3"
done >cases
cat >>cases <<-END
	plain cispo --clip-high .1 --clip-low .05
	uneven gspo --clip-low .05 --clip-high .05
	uneven cispo --ratio sequence
	elsewhere gspo --clip-low .5 --clip-high .5
	elsewhere grpo --ref other --kl .1 --kl-estimator k1
	uneven dapo --ref other --kl .1 --kl-estimator k2
	elsewhere grpo --is-cap 1.1
	elsewhere rloo --is-cap 0
	elsewhere grpo --is-low .5 --is-cap 1.5
	elsewhere dapo --is-mode mask --is-cap 1.5 --is-low .3
	elsewhere ppo --is-mode sequence-truncate
	elsewhere cispo --is-mode sequence-mask --is-low .01
	elsewhere gspo --is-mode mask --is-cap 1.5 --clip-low .5 --clip-high .5
	uneven dpo --best-worst --ref sampler
	uneven dpo --best-worst --ref other --beta .5 --smoothing .2
	uneven ipo --best-worst --ref other
	uneven hinge --best-worst --ref other --margin .1
	uneven robust --best-worst --ref other
	uneven dpo-norm --best-worst --ref other
	uneven simpo --best-worst
	uneven simpo --best-worst --beta 1 --margin .3 --smoothing .1
	uneven apo-zero --best-worst --ref other
	uneven orpo --best-worst
	uneven dpo --best-worst --ref other --nll .7
END
n=0
while read -r data loss options; do
	n=$((n + 1))
	echo "$data $loss model=now save=want.$n $(echo " $options" |
		sed 's/--best-worst//; s/ --\([a-z-]*\) \([^ ]*\)/ \1=\2/g')"
done <cases | "$venv/bin/python" "$TOP/t/rl_loss.py" >want 2>err
ok 'PyTorch computes all of them' '
	cat err
	test $(wc -l <want) = $(wc -l <cases)
'
n=0
while read -r data loss options; do
	n=$((n + 1))
	rltrain -q -m now --any-model --force -o got --fresh --lr 0 --clip 0 --loss $loss \
		$options $data
	column loss got/trainlog.tsv
	mv got/training.safetensors got.$n
done <cases >losses 2>errors
ok 'rltrain trains all of them' '
	cat errors
	test $(wc -l <losses) = $(wc -l <cases)
'
"$venv/bin/python" - $n >distances <<'END'
import sys
from safetensors.torch import load_file
for i in range(1, int(sys.argv[1]) + 1):
    want, got = load_file(f"want.{i}"), load_file(f"got.{i}")
    pairs = [(10 * got["optimizer.m." + name].double(), w) for name, w in want.items()]
    print(max(float((g - w).norm() / w.norm()) for g, w in pairs))
END
paste -d ' ' want losses distances cases >all
while read -r loss _ got distance data name options; do
	ok "$name on $data $options" "
		echo $got $loss $distance
		close $got $loss 1e-5
		close $distance 0 1e-5
	"
done <all
# The same with a wide clip for gspo, whose own leaves no gradient after a step.
for how in 'ppo' 'gspo --clip-low .5 --clip-high .5'; do
	echo "plain ${how%% *} model=one$(echo "${how#[a-z]*o}" |
		sed 's/ --\([a-z-]*\) \([^ ]*\)/ \1=\2/g')" >line
	ok "$how: a second epoch has the ratio of the model after the first" "
		rltrain -q -m sampler -o one --force --fresh --lr 1e-3 --loss $how plain
		rltrain -q -m sampler -o two --force --fresh --lr 1e-3 --loss $how --epochs 2 plain
		want=\$('$venv/bin/python' '$TOP/t/rl_loss.py' <line)
		got=\$(column loss two/trainlog.tsv | tail -n 1)
		cat line
		echo \$got \$want
		close \$got \${want% *} 1e-5
		not close \$got \$(column loss two/trainlog.tsv | head -n 1) 1e-3
	"
done
done_testing
