#!/bin/sh
# rltrain: objectives on graded rollouts and on pairs.
. "${0%/*}/lib.sh"

# A model that answers at random over few tokens, and prompts for it.
awk 'BEGIN { split("red green blue black", w); for (i = 0; i < 5000; i++)
	printf "{\"text\":\"Pick one: %s\"}\n", w[1 + i * 7 % 4] }' >docs
bpe-train -n 300 -p gpt2 docs -o tok.json 2>/dev/null
tokenize -t tok.json docs >tokens 2>/dev/null
pretrain -q -j1 -m base --layers 2 --width 48 --heads 4 --context 64 --batch 8 \
	--steps 60 -t tok.json <tokens
awk 'BEGIN { for (i = 0; i < 200; i++) { split("red green blue black", w)
	printf "{\"messages\":[{\"role\":\"user\",\"content\":\"Pick one:\"},{\"role\":\"assistant\",\"content\":\"%s\"}]}\n", w[1 + i * 7 % 4] } }' >conv
sft -q -j1 -m base -o chat --steps 150 --batch 4 conv
for i in 1 2 3 4; do
	printf '{"id":"p%d","messages":[{"role":"user","content":"Pick one:"}],"answer":"blue"}\n' $i
done >prompts

# The reward is 1 for "blue", or what the second argument gives others.
reward() {	# [OTHERS]
	awk -v other="${1:-0}" '{ r = index($0, "\"text\":\"blue\"") ? 1 : other
		sub(/}$/, ",\"reward\":" r "}"); print }'
}
share() {	# DIR SEED: the share of answers that are blue, of 400
	rlsample -q -j1 -s "$2" -m "$1" -N 100 -n 8 <prompts |
		awk '/"text":"blue"/ { n++ } END { print n / NR }'
}
rlsample -q -j1 -m chat -N 32 -n 8 <prompts >rollouts
reward <rollouts >graded
before=$(share chat 9)

ok 'log-probabilities of the sampler are those of the trainer, to 1e-5' '
	rltrain -j1 -m chat -o check --check-logprobs 1e-5 graded 2>err
	grep -q "logprobs: largest difference" err
'
fails 1 'those of another model are refused' '
	rltrain -q -j1 -m base -o no --check-logprobs 1e-5 graded; ls no
' 'logprobs are off by .*, more than 1e-05'
ok 'or told, where nothing asks for a check' '
	rltrain -q -j1 -m base -o no graded 2>err
	grep -q "the answers are far from the model.s own, [0-9.]* nats a token" err
	rltrain -q -j1 -m chat -o no graded 2>err
	[ ! -s err ]
'
fails 1 'an output that cannot be made is told before the work' '
	rltrain -j1 -m chat -o nowhere/x graded
' 'nowhere/x: cannot make the directory'
ok 'before, one answer of four or so is right' '
	awk "BEGIN { exit !($before > 0.1 && $before < 0.5) }"
'
for loss in expert reinforce rloo grpo dr-grpo dapo ppo; do
	ok "$loss: a few rounds of updates make the right answer likelier" "
		cp -r chat \$PWD/rl_$loss
		for round in 1 2 3 4 5 6; do
			rlsample -q -j1 -s \$round -m rl_$loss -N 32 -n 8 <prompts | reward |
			rltrain -q -j1 -m rl_$loss -o rl_$loss --loss $loss --lr 0.002
		done
		after=\$(share rl_$loss 9)
		echo before $before after \$after
		awk \"BEGIN { exit !(\$after > $before + 0.25) }\"
	"
done
ok 'rewards of the second graders count: fractions, below 0' '
	reward -0.5 <rollouts >shades
	rltrain -q -j1 -m chat -o shades.d --lr 0.002 --epochs 4 shades
	after=$(share shades.d 9)
	awk "BEGIN { exit !($after > $before + 0.1) }"
'
ok 'two runs give equal bytes, one thread or two; order of groups does not count' '
	rltrain -q -m chat -o d1 -j1 --batch 20 graded
	rltrain -q -m chat -o d2 -j2 --batch 20 graded
	cmp d1/model.safetensors d2/model.safetensors
'
ok 'the moments go on from round to round, unless --fresh' '
	cp -r chat m; cp -r chat f
	for r in 1 2; do
		rltrain -q -j1 -m m -o m graded
		rltrain -q -j1 -m f -o f --fresh graded
	done
	[ "$(sed 1d m/trainlog.tsv | wc -l)" = 2 ]
	[ "$(sed 1d f/trainlog.tsv | wc -l)" = 1 ]
	differ m/model.safetensors f/model.safetensors
'
ok 'groups without spread are passed over; nothing to learn is said' '
	awk "{ sub(/}\$/, \",\\\"reward\\\":1}\"); print }" <rollouts >flat
	rltrain -j1 -m chat -o flat.d flat 2>err
	grep -q "nothing is learned" err
	grep -q "flat=4" err
	ckpt compare chat flat.d --tolerance 0
'
ok 'a sample without a reward takes no part' '
	{ sed 40q graded; sed 1,40d rollouts; } >partly
	rltrain -j1 -m chat -o partly.d partly 2>err
	grep -q "ungraded=88" err
'
fails 1 'no reward at all' 'rltrain -q -j1 -m chat -o x rollouts' 'grade'
ok 'KL to a reference holds the model back' '
	cp -r chat k0; cp -r chat k1
	for r in 1 2 3 4; do
		rltrain -q -j1 -m k0 -o k0 --lr 0.002 graded
		rltrain -q -j1 -m k1 -o k1 --lr 0.002 --ref chat --kl 3 graded
	done
	a=$(share k0 9) b=$(share k1 9)
	awk "BEGIN { exit !($a > $b) }"
	rltrain -q -j1 -m chat -o k2 --ref chat --kl-reward 0.1 graded
'
ok 'the entropy bonus keeps other answers alive' '
	cp -r chat e0; cp -r chat e1
	for r in 1 2 3 4 5 6; do
		for d in e0 e1; do
			bonus=0; [ $d = e1 ] && bonus=0.5
			rlsample -q -j1 -s $r -m $d -N 32 -n 8 <prompts | reward |
			rltrain -q -j1 -m $d -o $d --lr 0.002 --entropy $bonus
		done
	done
	a=$(share e0 9) b=$(share e1 9)
	awk "BEGIN { exit !($a > $b) }"
'
printf '{"prompt":"Pick one:","chosen":"blue","rejected":"red"}\n{"prompt":"Pick one:","chosen":"blue","rejected":"green"}\n{"prompt":"Pick one:","chosen":"blue","rejected":"black"}\n' >pairs
ok 'dpo on pairs' '
	rltrain -j1 -m chat -o dpo.d --loss dpo --epochs 30 --lr 0.003 pairs 2>err
	close "$(column loss dpo.d/trainlog.tsv | head -1)" "log(2)" 1e-6
	grep -q "accuracy=1.000" err
	after=$(share dpo.d 9)
	awk "BEGIN { exit !($after > $before + 0.2) }"
'
ok 'dpo on the best and worst of graded rollouts' '
	for i in $(seq 24); do
		printf "{\"id\":%d,\"messages\":[{\"role\":\"user\",\"content\":\"Pick one:\"}]}\n" $i
	done | rlsample -q -j1 -s 5 -m chat -N 8 -n 8 | reward >many
	rltrain -q -j1 -m chat -o bw.d --loss dpo --best-worst --epochs 10 --lr 0.002 many
	after=$(share bw.d 9)
	awk "BEGIN { exit !($after > $before + 0.1) }"
'
ok 'the chat files come along' '
	cmp chat/tokenizer.json d1/tokenizer.json
	cmp chat/tokenizer_config.json d1/tokenizer_config.json
	grep -q "^rltrain" d1/provenance.txt
	grep -q "^sft" d1/provenance.txt
'
fails 1 'empty input' 'rltrain -m chat -o x' 'no rollouts'
fails 1 'no file' 'rltrain -m chat -o x nothere' 'nothere: cannot open'
fails 1 'a directory' 'rltrain -m chat -o x .' 'directory'
fails 1 'no model' 'rltrain -m nothere -o x graded' 'nothere: not a model directory'
fails 1 'a line that is cut off' 'head -c 700 graded | rltrain -m chat -o x' 'standard input:[1-9]'
fails 1 'ids that the model does not have' '
	sed "s/\"prompt_ids\":\[/\"prompt_ids\":[99999,/" graded |
	rltrain -m chat -o x --strict' 'an id that the model does not have'
ok 'the last id of the model is one, the next is none' '
	n=$(ckpt info chat | sed -n "s/^vocab	//p")
	for id in $((n - 1)) "$n"; do
		head -n 32 graded | sed "s/\"ids\":\[[0-9]*/\"ids\":[$id/" >edge
		status=0
		rltrain -q -j1 -m chat -o edge.d --strict edge 2>err || status=$?
		[ $status = $((id - n + 1)) ]
	done
	grep -q "an id that the model does not have" err
	rm -rf edge.d
'
fails 1 'ids, mask and logprobs of different lengths' '
	sed "s/\"ids\":\[/\"ids\":[5,/" graded | rltrain -m chat -o x --strict' 'standard input:1'
fails 1 'a conversation instead of a rollout' 'rltrain -m chat -o x conv' 'conv|bad'
fails 2 'no -m' 'rltrain -o x graded' 'which model'
fails 2 'no -o' 'rltrain -m chat graded' 'where to'
fails 2 'KL without a reference' 'rltrain -m chat -o x --kl 1 graded' 'need the frozen model'
fails 2 'an unknown objective' 'rltrain -m chat -o x --loss magic graded' 'is not one of expert'
ok 'nothing half was left by any of these' '[ ! -e x ] && [ -z "$(find . -name "*.tmp.*")" ]'
done_testing
