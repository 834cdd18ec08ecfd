#!/bin/sh
# A stopped run resumes bit for bit as if it had never been stopped.
. "${0%/*}/lib.sh"

awk 'BEGIN { for (i = 0; i < 2000; i++)
	printf "{\"text\":\"Line %d of %d, that is all.\"}\n", i * 37 % 2000, 2000 }' >docs
bpe-train -n 300 -p gpt2 docs -o tok.json 2>/dev/null
tokenize -t tok.json -o s docs 2>/dev/null
tokenize -t tok.json docs >tokens 2>/dev/null
small="-q -j1 --layers 2 --width 48 --heads 4 --context 32 --batch 8 -t tok.json"
val="--val-file s_val_000000.bin --val-every 7"

same() {	# DIR DIR
	for f in model.safetensors training.safetensors trainlog.tsv; do
		cmp "$1/$f" "$2/$f" || return 1
	done
}
# Stops a run of 60 steps, 17 at a time, by killing it between checkpoints.
for how in "--arch llama --compute bf16 --optimizer adamw --moments bf16 --recompute full" "--arch gpt2 --optimizer muon"; do
	ok "stopped and resumed at every tenth step: $how" "
		rm -rf whole part
		pretrain -o whole \$small $how \$val --steps 40 s_train_000001.bin
		for n in 1 2 3 4; do
			pretrain -o part \$small $how \$val --steps 40 --resume --save-every 10 s_train_000001.bin &
			pid=\$!
			while [ ! -e part/training.safetensors ] && kill -0 \$pid 2>/dev/null; do sleep .01; done
			sleep .0\$n
			kill -TERM \$pid 2>/dev/null || true
			wait \$pid || true
		done
		pretrain -o part \$small $how \$val --steps 40 --resume s_train_000001.bin
		same whole part
	"
done
ok 'SIGTERM finishes the step, writes the checkpoint, exits 1' '
	rm -rf t
	pretrain -o t $small --steps 100000 s_train_000001.bin 2>err &
	pid=$!
	while [ ! -d t ]; do sleep .01; done
	sleep .3
	kill -TERM $pid
	status=0; wait $pid || status=$?
	[ $status = 1 ]
	grep -q "stopped by a signal after step [0-9]*; --resume continues" err
	[ "$(sed 1d t/trainlog.tsv | wc -l)" -gt 0 ]
	ckpt info t >/dev/null
'
ok 'a killed run is resumed from its last checkpoint' '
	pretrain -o k1 $small --steps 30 s_train_000001.bin
	pretrain -o k2 $small --steps 30 --save-every 3 s_train_000001.bin &
	pid=$!
	while [ ! -e k2/training.safetensors ]; do sleep .01; done
	kill -KILL $pid
	wait $pid 2>/dev/null || true
	pretrain -o k2 $small --steps 30 --resume s_train_000001.bin
	same k1 k2
'
ok '--keep: the last checkpoints are whole, can be resumed, and are those of this run' '
	kept() { ls "$1" | grep "^step-" | sort -t - -k 2n | tr "\n" " "; }
	pretrain -o all $small --optimizer muon --steps 24 --save-every 5 --keep 3 \
		--sample-every 5 --stats-every 5 s_train_000001.bin
	[ "$(kept all)" = "step-15 step-20 step-24 " ]
	same all all/step-24
	cp -r all/step-15 from15
	pretrain -q -o from15 --resume
	same all from15
	cmp all/samples.jsonl from15/samples.jsonl
	cmp all/layers.tsv from15/layers.tsv
	# A resumed run goes on, one that starts anew begins with none.
	pretrain -q -o all --resume --steps 26
	[ "$(kept all)" = "step-24 step-25 step-26 " ]
	echo mine >all/step-24/notes
	pretrain -o all $small --force --steps 4 --save-every 3 --keep 3 s_train_000001.bin
	[ "$(kept all)" = "step-3 step-4 step-24 " ]
	[ "$(ls all/step-24)" = notes ]
	pretrain -o none $small --steps 2 s_train_000001.bin
	[ -z "$(kept none)" ]
'
ok 'killed between the renames of model and state: the matching state is used' '
	pretrain -o r $small --steps 6 s_train_000001.bin
	pretrain -o r6 $small --steps 12 --resume -o r s_train_000001.bin
	pretrain -o w $small --steps 6 s_train_000001.bin
	cp -r w x
	pretrain -o x $small --steps 12 --resume s_train_000001.bin
	# The new model is beside the old state; the new state is .next.
	cp x/training.safetensors w/training.safetensors.next
	cp x/model.safetensors w/
	pretrain -o w $small --steps 15 --resume s_train_000001.bin
	pretrain -o x $small --steps 15 --resume s_train_000001.bin
	cmp w/model.safetensors x/model.safetensors
'
ok 'a stream supplied again continues where it stopped' '
	pretrain -o s1 $small --steps 20 <tokens
	pretrain -o s2 $small --steps 8 --schedule constant <tokens
	pretrain -o s3 $small --steps 20 --schedule constant <tokens
	pretrain -o s2 $small --steps 20 --schedule constant --resume <tokens
	same s2 s3
'
ok '--resume without a state starts from the beginning' '
	pretrain -o n1 $small --steps 3 --resume s_train_000001.bin
	pretrain -o n2 $small --steps 3 s_train_000001.bin
	same n1 n2
'
fails 1 'a run cannot be resumed with another batch size, seed or optimizer' '
	pretrain -o n2 $small --batch 4 --steps 9 --resume s_train_000001.bin
' 'the run had .batch=8., this one has .batch=4.: it cannot resume'
ok 'a run in bf16 remembers that, and cannot be resumed in fp32, nor the reverse' '
	pretrain -o n3 $small --compute bf16 --steps 3 s_train_000001.bin
	pretrain -o n3 --resume --steps 5
	[ "$(column bits n3/trainlog.tsv | sort -u)" = 16 ]
	for other in "n3 --compute fp32" "n2 --compute bf16" "n2 --moments bf16"; do
		status=0
		pretrain -o $other --steps 9 --resume 2>err || status=$?
		[ $status = 1 ]
		grep -qE "the run has (another --compute|other --moments): it cannot resume" err
	done
'
ok 'other data are reported as such' '
	head -n 20 docs | tokenize -q -t tok.json --val-share 0 -o fewer
	status=0
	pretrain -o n2 $small --steps 9 --resume fewer_train_000001.bin 2>err || status=$?
	[ $status = 1 ]
	grep -q "n2/training.safetensors: the run was trained on other data: it cannot resume" err
'
fails 1 'a run cannot be resumed with another shape' '
	pretrain -o n2 -q --layers 3 --steps 9 --resume s_train_000001.bin
' 'n2: not the model that the options describe'
fails 1 'a state of another step than the model is refused' '
	cp whole/training.safetensors n2/
	pretrain -o n2 $small --steps 9 --resume s_train_000001.bin
' 'does not belong to model.safetensors'
ok 'a complete run is left unchanged' '
	pretrain -o c1 $small --steps 6 s_train_000001.bin
	cp -r c1 c2
	pretrain -o c1 ${small#-q} --resume --steps 6 s_train_000001.bin 2>err
	diff -r c1 c2
	grep -q "steps=6: the run is complete; more --steps continue it" err
'
fails 1 'the option that differs is named' '
	pretrain -o c1 $small --resume --steps 9 --layers 3 s_train_000001.bin
' 'c1: not the model that the options describe: it has --layers 2'
fails 1 'so is the optimizer' '
	pretrain -o c1 $small --resume --steps 9 --optimizer adamw s_train_000001.bin
' "had 'optimizer=muon', this one has 'optimizer=adamw'"
ok 'a second run in the same directory is refused' '
	pretrain -o lock $small --steps 100000 s_train_000001.bin 2>err &
	pid=$!
	while [ ! -d lock ]; do sleep .01; done
	sleep .3
	status=0
	pretrain -o lock $small --steps 1 s_train_000001.bin 2>two || status=$?
	kill -TERM $pid
	wait $pid || true
	[ $status = 1 ]
	grep -q "lock: another program is writing this model" two
	pretrain -o lock $small --steps 1 --force s_train_000001.bin
'
fails 1 'a model without a state is not overwritten by --resume' '
	cp -r c2 stateless
	rm stateless/training.safetensors
	pretrain -o stateless $small --resume --steps 9 s_train_000001.bin || {
		cmp stateless/model.safetensors c2/model.safetensors; exit 1; }
' 'stateless: a model without a training state to resume: -m and another -o'
fails 1 'a failing run keeps the existing model and its tokenizer' '
	cp -r c2 kept
	bpe-train -q -n 280 -p gpt2 docs -o other.json
	tokenize -q -t other.json docs | head -c 20000 |
		pretrain -o kept $small --force -t other.json --steps 100000 || {
			diff -r c2 kept >&2 && exit 1; exit 9; }
' 'the token stream ends early'
done_testing
