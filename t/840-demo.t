#!/bin/sh
# The demo at the smallest sizes, from existing pages; with T_LONG=1 also as
# `make demo QUICK=1` runs it.
. "${0%/*}/lib.sh"

ok 'sample pages' '
	sh "$TOP/t/samples.sh" samples 2>log || { tail log >&2; false; }
	mkdir -p demo/pages
	for i in 1 2 3 4 5 6 7 8 9; do
		sed "s/the old wall/& of house $i$i$i/; s/garden/$i garden/" \
			samples/page.html >demo/pages/$i.html
	done
'
ok 'every stage of the script runs' '
	QUICK=tiny sh "$TOP/examples/demo.sh" demo >out 2>err ||
		{ tail out err >&2; false; }
'
ok 'the report is complete' '
	sed -n "/^== Report/,\$p" out >report
	for line in "pages read" "documents kept" "web text" "validation loss" pretraining \
		"sums before RL" "sums after RL" "commonest answer" time; do
		grep -q "^$line  *[^ ]" report
	done
	not grep -iE "nan|not found" report
	awk "/^pretraining/ { exit !(\$2 > 0) }" report
'
ok 'every intermediate file is left, in its format' '
	cd demo
	test -s clean.jsonl && test -s web.jsonl && test -s conv.jsonl
	shard check tokens_train_000001.bin tokens_val_000000.bin
	for m in base chat rl; do ckpt info $m; done
	grep -q reward round.jsonl
'
if [ -n "${T_LONG:-}" ]
then
	ok 'the quick demo' '
		QUICK=1 sh "$TOP/examples/demo.sh" quick >out 2>err ||
			{ tail out err >&2; false; }
	'
	ok 'its reinforcement learning raises the held-out accuracy by half' '
		awk "/^sums before RL/ { before = \$4 } /^sums after RL/ { after = \$4 }
			END { exit !(before > .1 && after > 1.5 * before) }" out
	'
	venv torch transformers safetensors
	ok 'its models load in transformers, with our logits and gradients' '
		for m in base chat rl; do
			unit gradients quick/$m 2 64 $m.grad
			HF_HUB_OFFLINE=1 "$venv/bin/python" "$TOP/t/parity.py" \
				quick/$m $m.grad
		done
	'
fi
done_testing
