#!/bin/sh
# rltrain: objectives on graded rollouts and on preference pairs.
. "${0%/*}/lib.sh"

# A model that answers at random from few tokens, and prompts for it.
awk 'BEGIN { split("red green blue black", w); for (i = 0; i < 5000; i++)
	printf "{\"text\":\"Pick one: %s\"}\n", w[1 + i * 7 % 4] }' >docs
bpe-train -n 300 -p gpt2 docs -o tok.json 2>/dev/null
tokenize -t tok.json docs >tokens 2>/dev/null
pretrain -q -j1 -o base --optimizer adamw --schedule cosine --last-lr .1 --layers 2 --width 48 --heads 4 --context 64 --batch 8 \
	--steps 60 -t tok.json <tokens
awk 'BEGIN { for (i = 0; i < 200; i++) { split("red green blue black", w)
	printf "{\"messages\":[{\"role\":\"user\",\"content\":\"Pick one:\"},{\"role\":\"assistant\",\"content\":\"%s\"}]}\n", w[1 + i * 7 % 4] } }' >conv
sft -q -j1 -m base -o chat --steps 150 --batch 4 conv
for i in 1 2 3 4; do
	printf '{"id":"p%d","messages":[{"role":"user","content":"Pick one:"}],"answer":"blue"}\n' $i
done >prompts

# The reward is 1 for "blue"; other answers get OTHERS, or 0.
reward() {	# [OTHERS]
	awk -v other="${1:-0}" '{ r = index($0, "\"text\":\"blue\"") ? 1 : other
		sub(/}$/, ",\"reward\":" r "}"); print }'
}
share() {	# DIR SEED: the share of answers that are blue, of 400
	rlsample -q -j1 -s "$2" -m "$1" -N 100 -n 8 <prompts |
		awk '/"text":"blue"/ { n++ } END { print n / NR }'
}
preferred() {	# DIR: the share of blue among answers that name a colour
	rlsample -q -j1 -s 9 -m "$1" -N 100 -n 8 <prompts |
		awk '/"text":"(red|green|black)"/ { other++ } /"text":"blue"/ { n++ }
			END { print n / (n + other) }'
}
rlsample -q -j1 -m chat -N 32 -n 8 <prompts >rollouts
reward <rollouts >graded
before=$(share chat 9)

ok 'sampler and trainer compute the same logprobs' '
	rltrain -j1 -m chat -o check --check-logprobs 0 graded 2>err
	grep -q "logprobs: largest difference" err
'
nohash() { sed 's/"model_hash":"[^"]*",//; s/"tokenizer_hash":"[^"]*",//' "$@"; }
fails 1 'those of another model are refused' '
	rltrain -q -j1 -m base -o no --any-model --check-logprobs 1e-5 graded; ls no
' 'logprobs are off by .*, more than 1e-05'
ok 'or reported if nothing else tells' '
	nohash graded >nameless
	not grep hash nameless
	rltrain -q -j1 -m base --force -o no nameless 2>err
	grep -q "the answers are far from the model.s own, [0-9.]* nats a token" err
	rltrain -q -j1 -m chat --force -o no nameless 2>err
	[ ! -s err ]
	rltrain -q -j1 -m base --force -o no --any-model nameless 2>err
	[ ! -s err ]
'
hash() { sed -n "1s/.*\"$1_hash\":\"\([0-9a-f]*\)\".*/\1/p" "$2"; }
ok 'a rollout names its model, which a copy is and an update is not' '
	cp -r chat twin
	rlsample -q -j1 -m twin -N 1 -n 2 <prompts >of_twin
	rltrain -q -j1 -m chat -o updated graded
	rlsample -q -j1 -m updated -N 1 -n 2 <prompts >of_updated
	ckpt convert -q chat chat.gguf
	rlsample -q -j1 -m chat.gguf -N 1 -n 2 <prompts >of_file
	hash model rollouts | grep -Ex "[0-9a-f]{16}"
	hash tokenizer rollouts | grep -Ex "[0-9a-f]{16}"
	test $(hash model of_twin) = $(hash model rollouts)
	test $(hash model of_updated) != $(hash model rollouts)
	test $(hash model of_file) != $(hash model rollouts)
	for f in of_twin of_updated of_file; do
		test $(hash tokenizer $f) = $(hash tokenizer rollouts)
	done
'
ok 'so does a change of one number of one tensor, or of the configuration' '
	cp -r chat bit; cp -r chat theta
	python3 -c "
f = open(\"bit/model.safetensors\", \"r+b\")
f.seek(-4, 2); b = f.read(1); f.seek(-4, 2); f.write(bytes([b[0] ^ 1]))"
	sed "s/\"rope_theta\": *[0-9.]*/\"rope_theta\": 20000/" chat/config.json >theta/config.json
	differ chat/config.json theta/config.json
	for m in bit theta; do
		rlsample -q -j1 -m $m -N 1 -n 2 <prompts >of_$m
		test $(hash model of_$m) != $(hash model rollouts)
	done
'
ok 'the hash of an adapter is of its configuration and its tensors' '
	mkdir adapter changed renamed
	for d in adapter changed renamed; do
		echo "{\"base_model_name_or_path\":\"chat\"}" >$d/adapter_config.json
		cp chat/model.safetensors $d/adapter_model.safetensors
	done
	cp bit/model.safetensors changed/adapter_model.safetensors
	echo "{\"base_model_name_or_path\":\"base\"}" >renamed/adapter_config.json
	cp -r adapter copied
	for d in adapter copied; do unit modelhash $d; done | uniq -c | grep "^ *2 "
	for d in adapter changed renamed; do unit modelhash $d; done | sort -u >hashes
	test $(wc -l <hashes) = 3
	test $(unit modelhash chat) = $(hash model rollouts)
'
fails 1 'rollouts of another model are refused, with their line and both hashes' '
	reward <of_updated | cat graded - | rltrain -q -j1 -m chat -o no2 --strict
' "standard input:129: sampled from another model than chat: model_hash is [0-9a-f]{16}, not [0-9a-f]{16} .--any-model"
ok 'nothing is written then, and --any-model trains on them' '
	[ ! -e no2 ]
	reward <of_updated | cat graded - >both
	rltrain -q -j1 -m chat -o no2 --any-model both
'
fails 1 'even then they have to be of the same tokenizer' '
	sed "3s/\"tokenizer_hash\":\"[0-9a-f]*/\"tokenizer_hash\":\"0123456789abcdef/" graded >foreign
	rltrain -q -j1 -m chat -o no3 --any-model foreign
' 'foreign:3: sampled with another tokenizer than that of chat: tokenizer_hash is 0123456789abcdef, not [0-9a-f]{16}'
fails 1 'a hash that is a number' '
	sed "s/\"model_hash\":\"[0-9a-f]*\"/\"model_hash\":7/" graded | rltrain -q -j1 -m chat -o no3 --strict
' "'model_hash' is not a string"
ok 'another model is replaced only with --force, its own always' '
	cp -r base other
	s=0; rltrain -q -j1 -m chat -o other graded 2>err || s=$?
	test $s = 1
	grep "other: holds a model already: .*--force replaces it" err
	cmp base/model.safetensors other/model.safetensors
	cp -r chat itself
	rltrain -q -j1 -m itself -o itself graded
	not cmp -s chat/model.safetensors itself/model.safetensors
	rltrain -q -j1 -m chat --force -o other graded
	cmp itself/model.safetensors other/model.safetensors
'
fails 1 'an output that cannot be written is reported before the work' '
	rltrain -j1 -m chat -o nowhere/x graded
' 'nowhere/x: cannot make the directory'
ok 'before training, about one answer in four is right' '
	awk "BEGIN { exit !($before > 0.1 && $before < 0.5) }"
'
for loss in expert reinforce rloo grpo dr-grpo dapo gspo cispo ppo; do
	ok "$loss: a few rounds of updates make the right answer more likely" "
		cp -r chat \$PWD/rl_$loss
		for round in 1 2 3 4 5 6 7 8; do
			rlsample -q -j1 -s \$round -m rl_$loss -N 32 -n 8 <prompts | reward |
			rltrain -q -j1 -m rl_$loss -o rl_$loss --loss $loss --lr 0.002
		done
		after=\$(share rl_$loss 9)
		echo before $before after \$after
		awk \"BEGIN { exit !(\$after > $before + 0.25) }\"
	"
done
ok 'fractional and negative rewards of a second grader count' '
	reward -0.5 <rollouts >shades
	rltrain -q -j1 -m chat -o shades.d --lr 0.002 --epochs 4 shades
	after=$(share shades.d 9)
	awk "BEGIN { exit !($after > $before + 0.1) }"
'
ok 'two runs give equal bytes, with one thread or two and any order of groups' '
	rltrain -q -m chat -o d1 -j1 --batch 20 graded
	rltrain -q -m chat -o d2 -j2 --batch 20 graded
	cmp d1/model.safetensors d2/model.safetensors
'
ok 'optimizer moments carry over from round to round, except with --fresh' '
	cp -r chat m; cp -r chat f
	for r in 1 2; do
		rltrain -q -j1 -m m -o m --any-model graded
		rltrain -q -j1 -m f -o f --any-model --fresh graded
	done
	[ "$(sed 1d m/trainlog.tsv | wc -l)" = 2 ]
	[ "$(sed 1d f/trainlog.tsv | wc -l)" = 1 ]
	differ m/model.safetensors f/model.safetensors
'
# ---- a round as a run: what is kept during it ----
same() {	# DIR DIR
	for f in model.safetensors training.safetensors trainlog.tsv; do
		cmp "$1/$f" "$2/$f" || return 1
	done
}
long="-q -j1 --lr 0.001 --batch 8 --epochs 12"
killed() {	# SIGNAL COMMAND...: sends the signal once there is a checkpoint
	signal=$1; shift
	"$@" &
	pid=$!
	n=0
	while [ $n -lt 1000 ] && [ ! -e run/training.safetensors ]; do
		sleep .01; n=$((n + 1)); done
	kill -$signal $pid
	wait $pid 2>/dev/null || true
}
for how in "" "--optimizer muon --loss ppo" "--ref base --kl 0.1"; do
	ok "a killed round is resumed bit for bit: ${how:-grpo}" "
		rm -rf whole run
		rltrain $long $how -m chat -o whole graded
		killed KILL rltrain $long $how --save-every 1 -m chat -o run graded
		[ \$(sed 1d run/trainlog.tsv | wc -l) -lt 192 ]
		rltrain --resume -o run
		same whole run
	"
done
ok 'SIGTERM finishes the step and writes the checkpoint' '
	rm -rf run
	killed TERM rltrain $long --save-every 1 -m chat -o run graded 2>err
	grep -q "stopped by a signal after step [0-9]*; --resume continues" err
'
ok 'a round on standard input resumes when given its rollouts again' '
	rltrain $long --epochs 2 -m chat -o stream <graded
	rltrain --resume --epochs 12 -o stream <graded
	rltrain $long -m chat -o file graded
	same stream file
'
ok 'so does a second round in the directory of the first, with its own steps' '
	mkdir first second
	rltrain $long --epochs 1 -m chat -o first/m graded
	cp -r first/m second/m
	steps=$(sed 1d first/m/trainlog.tsv | wc -l)
	cp graded first; cp graded second
	cd first
	rltrain $long -m m -o m --any-model graded
	cd ../second
	rltrain $long -m m -o m --any-model --save-every 1 graded &
	pid=$!
	until [ "$(sed 1d m/trainlog.tsv | wc -l)" -gt $((steps + 3)) ]; do sleep .01; done
	kill -KILL $pid
	wait $pid 2>/dev/null || true
	rltrain --resume -o m
	same m ../first/m
	[ "$(sed 1d m/trainlog.tsv | wc -l)" = $((13 * steps)) ]
	rltrain --resume -o m 2>err
	grep -q "the run is complete; more --epochs continue it" err
'
fails 1 'a round cannot be resumed with other rollouts' '
	sed "s/\"reward\":1/\"reward\":2/" graded >better
	rltrain -q --resume -o whole better
' 'the run was trained on other data: it cannot resume'
fails 1 'nor dpo against the initial model after that has been replaced' '
	cp -r chat dpoself
	printf "{\"prompt\":\"Pick one:\",\"chosen\":\"blue\",\"rejected\":\"red\"}\n" >onepair
	rltrain -q -j1 -m dpoself -o dpoself --loss dpo onepair
	rltrain -q -j1 -o dpoself --resume --epochs 3
' 'resume: dpo.s frozen model was the one in dpoself, which the run has replaced'
ok 'in another directory it is resumed against the model of -m' '
	rltrain -q -j1 -m chat -o dpo6 --loss dpo --epochs 6 onepair
	rltrain -q -j1 -m chat -o dpo3 --loss dpo --epochs 3 onepair
	rltrain -q -j1 -o dpo3 --resume --epochs 6
	same dpo3 dpo6
'
fails 1 'a frozen model of another tokenizer is refused' '
	sed "s/Pick one/Take any/" docs >docs2
	bpe-train -q -n 300 -p gpt2 docs2 -o other.json
	tokenize -q -t other.json docs | pretrain -q -j1 -o strange -t other.json \
		--layers 1 --width 32 --context 64 --steps 1 --batch 2
	rltrain -q -j1 -m chat -o x --kl 1 --ref strange graded
' 'strange/tokenizer.json: not the tokenizer that the model was trained'
ok 'groups with equal rewards are skipped; nothing to learn is reported' '
	awk "{ sub(/}\$/, \",\\\"reward\\\":1}\"); print }" <rollouts >flat
	rltrain -j1 -m chat -o flat.d flat 2>err
	grep -q "nothing to learn" err
	grep -q "flat=4" err
	ckpt compare chat flat.d --tolerance 0
'
ok 'a sample without a reward is ignored' '
	{ sed 40q graded; sed 1,40d rollouts; } >partly
	rltrain -j1 -m chat -o partly.d partly 2>err
	grep -q "ungraded=88" err
'
fails 1 'rollouts without rewards' 'rltrain -q -j1 -m chat -o x rollouts' 'grade'
ok 'KL to a reference holds the model back' '
	cp -r chat k0; cp -r chat k1
	for r in 1 2 3 4; do
		rltrain -q -j1 -m k0 -o k0 --any-model --lr 0.002 graded
		rltrain -q -j1 -m k1 -o k1 --any-model --lr 0.002 --ref chat --kl 3 graded
	done
	a=$(share k0 9) b=$(share k1 9)
	awk "BEGIN { exit !($a > $b) }"
	rltrain -q -j1 -m chat -o k2 --ref chat --kl-reward 0.1 graded
'
ok 'the entropy bonus keeps other answers likely' '
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
	rltrain -j1 -m chat -o dpo.d --loss dpo --epochs 5 --lr 0.002 pairs 2>err
	close "$(column loss dpo.d/trainlog.tsv | head -1)" "log(2)" 1e-6
	grep -q "accuracy=1.000" err
	after=$(preferred dpo.d) before=$(preferred chat)
	awk "BEGIN { exit !($after > $before + 0.2) }"
'
# pair WORD WORD: the first is the better one
pair() { printf '{"prompt":"Pick one:","chosen":"%s","rejected":"%s"}\n' "$@"; }
# The opposite of the order in which the first alone would move the words.
pair blue red >pair1; pair green blue >pair2; pair black green >pair3
cat pair1 pair2 pair3 >chain
cp -r chat bent; rltrain -q -j1 -m chat --force -o bent --loss expert --lr 0.003 graded
loss() { column loss "$1/trainlog.tsv"; }
ok 'dpo: the loss is the mean over pairs, computed from the losses of sft' '
	nats() {	# MODEL WORD: the sum of nats over the answer, as sft computes it
		printf "{\"messages\":[{\"role\":\"user\",\"content\":\"Pick one:\"},{\"role\":\"assistant\",\"content\":\"%s\"}]}\n" $2 >one
		rm -rf nats.d
		sft -q -j1 -m $1 -o nats.d --lr 0 --steps 1 --batch 1 one
		awk "NR == 2 { printf \"%.9g\", \$2 * \$6 }" nats.d/trainlog.tsv
	}
	sum=0
	while read -r better worse; do
		x="($(nats bent $worse) - $(nats chat $worse) - $(nats bent $better) + $(nats chat $better))"
		sum="$sum + log(1 + exp(-0.1 * $x))"
	done <<-END
	blue red
	green blue
	black green
	END
	rltrain -q -j1 -m bent --fresh -o mean.d --loss dpo --ref chat --lr 0 chain
	close "$(loss mean.d)" "($sum) / 3" 1e-5
	not close "$(loss mean.d)" "log(2)" 1e-3
'
# The log-probabilities of the first pair, and the tokens of its answers.
answers() {	# MODEL: sets c and r, nc and nr
	set -- "$1" $(for word in blue red; do
		printf "{\"messages\":[{\"role\":\"user\",\"content\":\"Pick one:\"},{\"role\":\"assistant\",\"content\":\"$word\"}]}\n" >one
		rm -rf nats.d
		sft -q -j1 -m $1 -o nats.d --lr 0 --steps 1 --batch 1 one
		awk "NR == 2 { printf \"%.9g %d \", -\$2 * \$6, \$6 }" nats.d/trainlog.tsv
	done)
	c=$2 nc=$3 r=$4 nr=$5
}
answers chat; cref=$c rref=$r
answers bent
while read -r how want; do
	ok "$how: the loss, by hand" "
		ref='--ref chat'
		case '$how' in simpo* | orpo*) ref= ;; esac
		rltrain -q -j1 -m bent --fresh --force -o one.d --loss $(echo "$how" | tr , ' ') \$ref --lr 0 pair1
		got=\$(loss one.d)
		want=\$(awk 'function s(x) { return 1 / (1 + exp(-x)) }
			function l(x) { return log(1 + exp(-x)) }
			function odds(x) { return log(exp(x) / (1 - exp(x))) }
			BEGIN { c = $c; r = $r; nc = $nc; nr = $nr; C = $c - $cref; R = $r - $rref
			printf \"%.9g\", $want }')
		echo \$got \$want
		close \$got \$want 1e-5
		close \$(column chosen one.d/trainlog.tsv) $c 1e-4
		close \$(column rejected one.d/trainlog.tsv) $r 1e-4
		test \$(column accuracy one.d/trainlog.tsv) = 1
		test \$(column entropy one.d/trainlog.tsv) = nan
	"
done <<'END'
dpo l(.1 * (C - R))
dpo,--beta,0.5,--smoothing,0.2 .8 * l(.5 * (C - R)) + .2 * l(-.5 * (C - R))
dpo,--nll,0.5 l(.1 * (C - R)) - .5 * c / nc
dpo,--margin,0.4 l(.1 * (C - R) - .4)
ipo (C / nc - R / nr - 5) ^ 2
hinge 1 - .1 * (C - R)
robust (.9 * l(.1 * (C - R)) - .1 * l(-.1 * (C - R))) / .8
dpo-norm l(5 * (C / nc - R / nr))
simpo l(2.5 * (c / nc - r / nr) - 1.375)
apo-zero 1 - s(.1 * C) + s(.1 * R)
orpo -c / nc + .1 * l(odds(c / nc) - odds(r / nr))
END
ok 'margins in the log are beta times the difference of the scores' '
	rltrain -q -j1 -m bent --fresh --force -o one.d --loss dpo --beta 0.5 --ref chat --lr 0 pair1
	close $(column margin one.d/trainlog.tsv) "0.5 * ($c - $cref - $r + $rref)" 1e-5
'
for loss in ipo hinge robust dpo-norm simpo apo-zero orpo; do
	ok "$loss makes the chosen answers likelier than the rejected" "
		rltrain -j1 -m chat --force -o loved.d --loss $loss --epochs 8 --lr 0.002 pairs 2>err
		grep -q 'accuracy=1.000' err
		after=\$(preferred loved.d) before=\$(preferred chat)
		awk \"BEGIN { exit !(\$after > \$before + 0.2) }\"
	"
done
ok 'dpo: each pair once per epoch, in smaller, larger and incomplete last batches' '
	for i in 1 2 3; do
		rltrain -q -j1 -m bent --fresh --force -o one.d --loss dpo --ref chat --lr 0 pair$i
		loss one.d
	done | sort >want
	rltrain -q -j1 -m bent --fresh -o b1.d --loss dpo --ref chat --lr 0 --batch 1 --epochs 2 chain
	loss b1.d | sed 3q | sort | cmp - want
	loss b1.d | sed 1,3d | sort | cmp - want
	mean=$(awk "{ s += \$1 } END { printf \"%.9g\", s / NR }" want)
	for batch in 3 7 0; do
		rltrain -q -j1 -m bent --fresh --force -o b.d --loss dpo --ref chat --lr 0 --batch $batch chain
		test $(loss b.d | wc -l) = 1
		close "$(loss b.d)" $mean 1e-6
	done
	rltrain -q -j1 -m bent --fresh -o b2.d --loss dpo --ref chat --lr 0 --batch 2 chain
	test $(loss b2.d | wc -l) = 2
	set -- $(loss b2.d)
	close "(2 * $1 + $2) / 3" $mean 1e-6
	grep -qx -e "$2" want
'
ok 'dpo: the margin of each pair grows' '
	rltrain -q -j1 -m chat --force -o chain.d --loss dpo --epochs 20 --lr 0.001 chain
	for i in 1 2 3; do
		rltrain -q -j1 -m chain.d --fresh --force -o one.d --loss dpo --ref chat --lr 0 pair$i
		after=$(loss one.d)
		awk "BEGIN { exit !($after < log(2) - 0.02) }"
	done
'
ok 'dpo: an update of one pair scores that pair alone' 'unit dpo chat'
ok 'dpo on the best and worst of graded rollouts' '
	for i in $(seq 24); do
		printf "{\"id\":%d,\"messages\":[{\"role\":\"user\",\"content\":\"Pick one:\"}]}\n" $i
	done | rlsample -q -j1 -s 5 -m chat -N 8 -n 8 | reward >many
	rltrain -q -j1 -m chat -o bw.d --loss dpo --best-worst --epochs 5 --lr 0.001 many
	after=$(preferred bw.d) before=$(preferred chat)
	awk "BEGIN { exit !($after > $before + 0.15) }"
'
ok 'each sample or pair is in one update per epoch' 'unit epochs'
ok 'groups by id in any spelling, otherwise by prompt; pairs of them' 'unit groups'

# line ID PROMPT TOKEN REWARD [KEYS]: a handmade rollout
line() {
	printf '{"id":%s,"prompt_ids":[%s],"ids":[%s],"logprobs":[-2],"reward":%s%s}\n' "$@"
}
{ line 1 6 40 1; line 2 7 41 0; line 1 8 42 0; } >mixed
fails 1 'a group with different prompts is refused; the message names both places' '
	rltrain -q -m chat -o x mixed
' 'mixed:3: id 1 has another prompt than at mixed:1: a group is one prompt'
ok 'rollouts without ids are grouped by prompt' '
	{ line 1 6 40 1; line 1 6 41 1; line 1 7 40 0; line 1 7 41 0; } |
		sed "s/\"id\":1,//" >anonymous
	rltrain -m chat -o anonymous.d anonymous 2>err
	grep -q "groups=2 flat=2" err
'
ok 'prompts without ids, from two files or among given ids, are separate groups' '
	printf "{\"prompt\":\"red\"}\n" >p1; printf "{\"prompt\":\"blue\"}\n" >p2
	printf "{\"id\":1,\"prompt\":\"green\"}\n{\"prompt\":\"black\"}\n" >p3
	rlsample -q -j1 -m chat -N 2 -n 2 p1 p2 p3 p1 2>err |
		awk "{ sub(/}\$/, \",\\\"reward\\\":1}\"); print }" >r
	rltrain -m chat -o ids.d r 2>err
	grep -q "groups=5 flat=5" err
'
ok 'expert learns the best of a group even if no reward is positive' '
	{ line 1 6 40 -1; line 1 6 41 -0.5; line 2 6 42 0; line 2 6 43 -1
	line 3 6 44 0; line 3 6 45 0; } >below
	rltrain -m chat -o below.d --loss expert below 2>err
	grep -q "groups=3 flat=1 samples=6 used=2" err
'
for r in 1e400 -1e400 1e39; do
	fails 1 "a reward of $r is refused" "
		line 1 6 40 $r | rltrain -m chat -o x --strict" "'reward' is not a finite number"
done
for key in logprobs sample_logprobs; do
	fails 1 "$key of -1e400 or beyond the range of float" "
		line 1 6 40 1 ',\"$key\":[-1e39]' | rltrain -m chat -o x --strict" "'$key' is not a finite number"
done
fails 1 'a temperature of 1e400' '
	line 1 6 40 1 ",\"temperature\":1e400" | rltrain -m chat -o x --strict' "'temperature' is not a finite"
ok 'the logged loss includes the entropy bonus' '
	for x in 0 0.5; do
		rltrain -j1 -m chat -o entropy$x --fresh --lr 0 --loss dapo --entropy $x graded 2>err
	done
	entropy=$(sed "s/.* entropy=//; s/ .*//" err)
	close "$(loss entropy0) - $(loss entropy0.5)" "0.5 * $entropy" 0.001
	test $entropy != 0.000
'
# Every third answer is right, so that no group's rewards are equal.
rlsample -q -j1 -m chat -N 32 -n 8 --temp 2 --top-k 50 <prompts |
	awk '{ sub(/}$/, ",\"reward\":" (NR % 3 == 0) "}"); print }' >elsewhere
for o in grpo dr-grpo rloo ppo; do
	ok "$o: answers sampled elsewhere have importance weights, up to a cap" "
		printf '%s\n' 'elsewhere $o' 'elsewhere $o is-cap=1.1' 'elsewhere $o is-cap=0' |
			python3 \"\$TOP/t/rl_loss.py\" | cut -d ' ' -f 1 >want
		for cap in 2 1.1 0; do
			rltrain -j1 -m chat --force -o is.d --fresh --lr 0 --loss $o --is-cap \$cap elsewhere 2>err
			loss is.d
			test \$cap = 0 || grep -q 'importance=[0-9.]* outside=0.[0-9]*[1-9]' err
		done >got
		cat want got
		test \$(sort -u want | wc -l) = 3
		for i in 1 2 3; do
			close \"\$(sed -n \${i}p got)\" \"\$(sed -n \${i}p want)\" 2e-5
		done
	"
done
# The sampler's logprobs changed so that ratios of all sizes occur, far from 1 and
# around it; "now" is what the model says.
python3 -c 'import json, sys
shift = [.3, -.4, .0001, -.0005, -2, .05, -.0003, 2.5]
for n, line in enumerate(sys.stdin):
	r = json.loads(line)
	r["now"] = r["logprobs"]
	r["logprobs"] = [min(x + shift[(n + i) % 8], 0) for i, x in enumerate(r["now"])]
	print(json.dumps(r, separators=(",", ":")))' <elsewhere >shifted
while read -r loss options; do
	keys=$(echo " $options" | sed 's/ --\([a-z-]*\) \([^ ]*\)/ \1=\2/g')
	ok "$loss $options: the loss is that of the formula, far from the sampler" "
		echo 'shifted $loss $keys' | python3 \"\$TOP/t/rl_loss.py\" | cut -d ' ' -f 1 >want
		rltrain -q -j1 -m chat --any-model --force -o far.d --fresh --lr 0 --loss $loss $options shifted
		cat want
		loss far.d
		close \$(loss far.d) \$(cat want) 2e-5
		not close \$(loss far.d) 0 1e-4
	"
done <<END
expert
reinforce
rloo
grpo
dr-grpo
dapo
gspo
cispo
ppo
gspo --clip-low 0.1 --clip-high 0.3
cispo --ratio sequence
grpo --ratio sequence --average tokens
grpo --is-mode mask
dapo --is-mode mask --is-low 0.5 --is-cap 1.2
grpo --is-low 0.5 --is-cap 1.2
gspo --is-mode sequence-truncate --clip-low 0.5
rloo --is-mode sequence-mask --is-low 0.2
END
ok 'every option of the importance weights changes the loss' '
	for how in "" "--is-mode mask" "--is-mode sequence-truncate" "--is-mode sequence-mask" \
		"--is-low 0.9" "--is-cap 1.1"; do
		rltrain -j1 -m chat --any-model --force -o far.d --fresh --lr 0 --loss rloo $how shifted 2>err
		grep -q "outside=0.[0-9]*[1-9]" err
		loss far.d
	done | sort -u >losses
	test $(wc -l <losses) = 6
'
ok 'a second epoch has the ratio to the sampler, not to the model before it' '
	for loss in ppo gspo; do
		rltrain -q -j1 -m chat --force -o one.d --fresh --lr 1e-3 --loss $loss graded
		rltrain -q -j1 -m chat --force -o two.d --fresh --lr 1e-3 --epochs 2 --loss $loss graded
		rltrain -q -j1 -m one.d --any-model --force -o next.d --fresh --lr 0 --loss $loss graded
		test $(loss two.d | wc -l) = 2
		close $(loss two.d | tail -n 1) $(loss next.d) 1e-6
		not close $(loss two.d | tail -n 1) $(loss two.d | head -n 1) 1e-3
	done
'
# ---- the log ----
field() { column "$1" "$2/trainlog.tsv" | tail -n 1; }
ok 'the log has reward, length, entropy, KL and clipped tokens of each objective' '
	want=$(awk "{ n = split(\$0, a, /\"mask\":\\[|\\],\"logprobs/); gsub(/[^1]/, \"\", a[2]); t += length(a[2]) }
		END { print t / NR }" shifted)
	reward=$(awk "/\"reward\":1/ { n++ } END { print n / NR }" shifted)
	for loss in expert reinforce rloo grpo dr-grpo dapo gspo cispo ppo; do
		rltrain -j1 -m chat --any-model --force -o log.d --fresh --lr 0 --loss $loss shifted 2>err
		close $(field length log.d) $want 1e-4
		close $(field reward log.d) $reward 1e-6
		test $(field flat log.d) = 0
		for f in entropy kl; do
			test "$(field $f log.d)" != nan
			close "$(field $f log.d)" 0 5
		done
		close "$(field entropy log.d)" "$(sed "s/.* entropy=//; s/ .*//" err)" 0.001
		close "$(field kl log.d)" "$(sed "s/.* kl=//; s/ .*//" err)" 0.002
		case $loss in
		expert | reinforce | rloo) test $(field clipped log.d) = nan ;;
		*) close "$(field clipped log.d)" "$(sed "s/.* clipped=//; s/ .*//" err)" 0.001
			not close "$(field clipped log.d)" 0 0.01 ;;
		esac
		case $loss in
		expert) test $(field importance log.d)$(field outside log.d) = nannan ;;
		*) close "$(field importance log.d)" "$(sed "s/.* importance=//; s/ .*//" err)" 0.001
			close "$(field outside log.d)" "$(sed "s/.* outside=//; s/ .*//" err)" 0.001 ;;
		esac
		test $(field ref_kl log.d)$(field chosen log.d)$(field accuracy log.d) = nannannan
	done
'
ok 'groups that are skipped are counted in it, and the KL to a reference' '
	{ sed "s/\"id\":\"p1\"/\"id\":\"p9\"/; s/\"reward\":1/\"reward\":0/; 8q" graded; cat graded; } >partly
	rltrain -j1 -m chat --force -o log.d --fresh --lr 0 --ref bent --kl 0.1 partly 2>err
	grep "groups=5 flat=1 " err
	test $(field flat log.d) = 1
	not close $(field ref_kl log.d) 0 0.001
	rltrain -q -j1 -m chat --force -o log.d --fresh --lr 0 --loss dapo --is-cap 0 --ref bent --kl 1 --kl-estimator k3 graded
	rltrain -q -j1 -m chat --force -o log0.d --fresh --lr 0 --loss dapo --is-cap 0 graded
	close "$(field loss log.d) - $(field loss log0.d)" $(field ref_kl log.d) 1e-5
'
ok 'the log of an earlier version gets the new fields' '
	rm -rf early; cp -r chat early
	rltrain -q -j1 -m early -o early graded
	cut -f 1-6 early/trainlog.tsv >cut; cp cut early/trainlog.tsv
	rltrain -q -j1 -m early -o early --any-model graded
	test $(wc -l <early/trainlog.tsv) = 3
	awk -F "\t" "NF != 20 { exit 1 }" early/trainlog.tsv
	test "$(sed -n 2p early/trainlog.tsv | cut -f 1-6)" = "$(sed -n 2p cut)"
	test "$(column entropy early/trainlog.tsv | head -n 1)" = nan
	not close "$(column entropy early/trainlog.tsv | tail -n 1)" 0 0.001
'
ok 'a round with moments of another type begins with none' '
	for pair in "bf16 fp32" "fp32 bf16"; do
		rm -rf turns; cp -r chat turns
		rltrain -q -j1 -m turns -o turns --moments ${pair% *} graded
		rltrain -q -j1 -m turns -o turns --moments ${pair#* } --any-model graded
		rltrain -q -j1 -m turns -o turns --moments ${pair#* } --any-model graded
	done
'
ok 'rollouts from elsewhere without sample_logprobs are reported' '
	sed "s/\"sample_logprobs\":\[[^]]*\],//" elsewhere >silent
	rltrain -q -j1 -m chat --force -o is.d silent 2>err
	grep "128 rollouts have a temperature other than 1 and no sample_logprobs" err
	rltrain -q -j1 -m chat --force -o is.d elsewhere 2>err
	not grep "sample_logprobs" err
'
ok 'if nothing is learned, no loss is printed' '
	rltrain -m chat --force -o flat.d flat 2>err
	grep "used=0 ungraded=0 length=[0-9.]* reward=1.0000$" err
'
while read -r options; do
	fails 2 "out of range: $options" "
		rltrain -m chat -o x $options graded" ": (-?[0-9.e+]+ is not |.nan. is no)"
done <<END
--loss dpo --beta 0
--loss dpo --beta -1
--loss dpo --beta nan
--loss dpo --beta 1e31
--loss dpo --smoothing 0.5
--loss dpo --smoothing -0.1
--loss grpo --clip-low 1
--loss grpo --clip-low -0.1
--loss grpo --clip-high -1
--loss grpo --kl -1 --ref base
--loss grpo --entropy 1e31
--loss grpo --is-cap -1
--loss grpo --is-low 3
--loss grpo --is-low -1
--loss grpo --epochs 0
--loss simpo --margin -1
--loss dpo --nll -1
END
while read -r options; do
	fails 2 "an option without effect: $options" "
		rltrain -m chat -o x $options graded" 'has no effect'
done <<END
--beta 0.5
--smoothing 0.1
--margin 0.1
--nll 1
--best-worst
--ref base
--kl-estimator k1
--is-cap 0 --is-mode mask
--loss rloo --ratio sequence
--loss dpo --kl 1 --ref base
--loss dpo --entropy 1
--loss dpo --clip-low 0.1
--loss dpo --average tokens
--loss dpo --is-cap 3
--loss dpo --check-logprobs 1
--loss dpo --any-model
--loss dpo --group prompt
--loss dpo --ratio token
--loss ipo --smoothing 0.1
--loss apo-zero --margin 0.1
--loss simpo --ref base
--loss orpo --ref base
--loss expert --is-cap 3
--loss expert --is-mode mask
--momentum 0.9
--matrix-lr 0.1
END
# ---- what takes part ----
ok 'an answer with the reason why it is not graded takes no part, whatever its reward' '
	{ line 1 6 40 null; line 1 6 41 0 ",\"ungraded\":\"timeout\""; line 1 6 42 1
	line 1 6 43 0; line 2 6 40 0 ",\"ungraded\":{\"judge\":\"crashed\"}"; line 2 6 41 1; } >some
	rltrain -j1 -m chat --force -o some.d some 2>err
	grep "groups=2 flat=1 samples=6 used=2 ungraded=3 length=1.0 reward=0.6667" err
	sed "s/\"ungraded\":{[^}]*}/\"ungraded\":{}/; s/\"timeout\"/null/" some >others
	rltrain -j1 -m chat --force -o some.d others 2>err
	grep "groups=2 flat=0 samples=6 used=5 ungraded=1 " err
'
ok 'a group cut in two over files is one group' '
	head -n 45 graded >half1; sed 1,45d graded >half2
	rltrain -q -j1 -m chat --force -o whole.d graded
	rltrain -q -j1 -m chat --force -o halves.d half1 half2
	cmp whole.d/model.safetensors halves.d/model.safetensors
'
ok 'with --group prompt all answers to a prompt are a group, whatever their ids' '
	{ line 1 6 40 1; line 2 6 41 0; line 3 7 40 1; line 1 7 41 1; } >moves
	rltrain -m chat --force -o moves.d --group prompt moves 2>err
	grep "groups=2 flat=1 samples=4 used=2" err
	nohash graded | sed "s/\"id\":\"[^\"]*\",//" >anonymous
	rltrain -q -j1 -m chat --force -o moves.d --group prompt graded
	rltrain -q -j1 -m chat --force -o anonymous.d anonymous
	cmp moves.d/model.safetensors anonymous.d/model.safetensors
'
for r in NaN Infinity '"1"' '[1]' true; do
	fails 1 "a reward of $r is refused" "
		line 1 6 40 '$r' | rltrain -m chat -o x --strict" 'standard input:1: '
done
ok 'without --strict such lines and half lines are skipped and counted' '
	{ head -n 40 graded; line 1 6 40 NaN; head -n 1 graded | head -c 200; echo; sed 1,40d graded; } |
		rltrain -j1 -m chat --force -o most.d 2>err
	grep "skipped 2 invalid rollouts of 130 " err
	cmp whole.d/model.safetensors most.d/model.safetensors
'
ok 'missing logprobs are named' '
	sed "2s/\"logprobs\":[^]]*],//" graded >without
	not rltrain -q -j1 -m chat -o x --strict without 2>err
	grep "without:2: .*no logprobs" err
'
fails 2 'a negative weight' 'rltrain -m chat -o x --ref base --kl -1 graded' '--kl: -1 is not'
ok 'one clip option alone leaves the other side unclipped' '
	rltrain -j1 -m bent --any-model --fresh -o high.d --lr 0 --loss rloo --clip-high 0.1 graded 2>err
	grep "clipped=0.[0-9]*[1-9]" err
	rltrain -j1 -m bent --any-model --fresh -o both.d --lr 0 --loss rloo --clip-high 0.1 --clip-low 0.999999 graded
	test $(loss high.d) = $(loss both.d)
'
ok 'the chat files are copied' '
	cmp chat/tokenizer.json d1/tokenizer.json
	cmp chat/tokenizer_config.json d1/tokenizer_config.json
	grep -q "^rltrain" d1/provenance.txt
	grep -q "^sft" d1/provenance.txt
'
fails 1 'empty input' 'rltrain -m chat -o x' 'no rollouts to learn from'
fails 1 'no file' 'rltrain -m chat -o x nothere' 'nothere: cannot open'
fails 1 'a directory' 'rltrain -m chat -o x .' 'directory'
fails 1 'no model' 'rltrain -m nothere -o x graded' 'nothere: not a model directory'
fails 1 'a truncated line' 'head -c 700 graded | rltrain -m chat -o x' 'standard input:[1-9]'
fails 1 'ids that the model does not have' '
	sed "s/\"prompt_ids\":\[/\"prompt_ids\":[99999,/" graded |
	rltrain -m chat -o x --strict' 'an id outside the vocabulary of the model'
ok 'the last id of the model is valid, the next one is not' '
	n=$(ckpt info chat | sed -n "s/^vocab	//p")
	for id in $((n - 1)) "$n"; do
		head -n 32 graded | sed "s/\"ids\":\[[0-9]*/\"ids\":[$id/" >edge
		status=0
		rltrain -q -j1 -m chat --force -o edge.d --strict edge 2>err || status=$?
		[ $status = $((id - n + 1)) ]
	done
	grep -q "an id outside the vocabulary of the model" err
	rm -rf edge.d
'
fails 1 'ids, mask and logprobs of different lengths' '
	sed "s/\"ids\":\[/\"ids\":[5,/" graded | rltrain -m chat -o x --strict' 'standard input:1'
fails 1 'a conversation instead of a rollout' 'rltrain -m chat -o x conv' 'none of 200 lines .*conv:1: .*no prompt_ids'
ok 'answers without a sampled token are not reported as equal rewards' '
	sed "s/\"mask\":[^]]*]/\"mask\":null/; s/\"ids\":\[\([0-9]*\)[^]]*]/\"ids\":[\1]/; s/\"logprobs\":\[\([-0-9.e]*\)[^]]*]/\"logprobs\":[\1]/g; s/\"sample_logprobs\":[^]]*]/\"sample_logprobs\":null/; s/\"mask\":null/\"mask\":[0]/" graded |
		head -n 16 >undrawn
	rltrain -m chat --force -o undrawn.d --strict undrawn 2>err
	grep -q "no answer has a token whose mask is 1: nothing to learn" err
	rm -rf undrawn.d
'
fails 1 'a pair without one of its answers' '
	echo "{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":null}" | rltrain -m chat -o x --loss dpo
' "none of 1 lines is a preference pair: .*one of 'chosen' and 'rejected' is missing$"
fails 2 'no -m' 'rltrain -o x graded' 'no model: give -m'
fails 2 'no -o' 'rltrain -m chat graded' 'no output directory: give -o'
fails 2 'KL without a reference' 'rltrain -m chat -o x --kl 1 graded' 'need a frozen model'
fails 2 'an unknown objective' 'rltrain -m chat -o x --loss magic graded' 'is not one of expert'
ok 'none of these leaves a partial file' '[ ! -e x ] && [ -z "$(find . -name "*.tmp.*")" ]'
done_testing
