#!/bin/sh
# rltrain's objectives in PyTorch: loss and gradient norm of an update.
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

# Each line: rollouts, loss, options of rltrain, a bar, keys of rl_loss.py.
for loss in expert reinforce rloo grpo dr-grpo dapo ppo; do
	echo "plain $loss |"
	echo "elsewhere $loss |"
	echo "elsewhere $loss --ref other --kl .1 --kl-reward .05 --entropy .3 |" \
		"ref=other kl=.1 kl_reward=.05 entropy=.3"
done >cases
cat >>cases <<-END
	elsewhere grpo --is-cap 1.1 | cap=1.1
	elsewhere rloo --is-cap 0 | cap=0
	plain dpo --best-worst --ref sampler | ref=sampler
	plain dpo --best-worst --ref other --beta .5 --smoothing .2 | ref=other beta=.5 smoothing=.2
END
while read -r data loss options; do
	echo "$data $loss model=now ${options#*|}"
done <cases | "$venv/bin/python" "$TOP/t/rl_loss.py" >want 2>err
ok 'PyTorch computes all of them' '
	cat err
	test $(wc -l <want) = $(wc -l <cases)
'
paste -d " " want cases >both
while read -r loss norm data name options; do
	ok "$name on $data ${options%|*}" "
		rltrain -q -m now --force -o got --fresh --lr 0 --loss $name ${options%|*} $data
		echo \$(column loss got/trainlog.tsv) $loss, \$(column grad_norm got/trainlog.tsv) $norm
		close \$(column loss got/trainlog.tsv) $loss 1e-5
		close \$(column grad_norm got/trainlog.tsv) $norm \"1e-4 * $norm\"
	"
done <both
done_testing
