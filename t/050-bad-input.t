#!/bin/sh
# Bad input of every kind to every program: a message with the program's name,
# exit status 1 or 2, no partial file, no crash.
. "${0%/*}/lib.sh"
sh "$TOP/t/samples.sh" s >log 2>&1 || skip_all 'no samples: see t/samples.sh'
cd s || exit 1

# Runs each program on the file $1; its output is out or out.*.
on() {
	case $1 in
	crawlclean) crawlclean -q -i docs -o out "$2" ;;
	dedup) dedup -q -o out "$2" ;;
	bpe-train) bpe-train -q -n 300 -o out.json "$2" ;;
	tokenize) tokenize -q -t tok.json -o out "$2" ;;
	shard) shard cat -o out.tok "$2" ;;
	pretrain) pretrain -q -o out -t tok.json --layers 1 --width 32 --heads 2 \
		--context 32 --batch 2 --steps 1 "$2" ;;
	sft) sft -q -m base -o out --steps 1 "$2" ;;
	rlsample) rlsample -q -m chat -n 4 -N 1 -o out "$2" ;;
	grade) grade -q --number -o out "$2" ;;
	rltrain) rltrain -q -m chat -o out "$2" ;;
	rmtrain) rmtrain -q -m chat -o out --steps 1 "$2" ;;
	generate) generate -q -m base -n 4 --jsonl -o out "$2" ;;
	chat) chat -q -m chat -n 4 -o out <"$2" ;;
	score) score -q -m base -o out "$2" ;;
	ckpt) ckpt convert "$2" out.safetensors ;;
	curves) curves -q --html out "$2" ;;
	esac
}
programs='crawlclean dedup bpe-train tokenize shard pretrain sft rlsample grade
rltrain rmtrain generate chat score ckpt curves'
# A valid input for each.
sample() {
	case $1 in
	crawlclean | dedup | bpe-train | tokenize | score) echo docs.jsonl ;;
	shard | pretrain) echo shard_train_000001.bin ;;
	sft) echo conv.jsonl ;;
	rlsample) echo prompts.jsonl ;;
	grade) echo rollouts.jsonl ;;
	rltrain) echo graded.jsonl ;;
	rmtrain) echo pairs.jsonl ;;
	generate) echo gen.jsonl ;;
	chat) echo turns ;;
	ckpt) echo base ;;
	curves) echo base/trainlog.tsv ;;
	esac
}
echo '{"prompt":"What is"}' >gen.jsonl
echo Hello >turns

# Whether the output exists and is complete. chat without input leaves no file.
wrote() {	# PROGRAM FILE
	case $1 in
	bpe-train) tokenize -q -t out.json -r -a turns >turns.ids && test -s turns.ids ;;
	tokenize) shard check out_*.bin ;;
	shard) shard check out.tok ;;
	pretrain | sft | rltrain | rmtrain) ckpt info out ;;
	ckpt) ckpt compare base out.safetensors --tolerance 0 ;;
	chat) test -s out || test ! -s "$2" ;;
	*) test -f out ;;
	esac >/dev/null
}
# The exit status is documented. On success the output exists; otherwise the
# message has the program's name, and no output exists, complete or partial.
sound() {	# PROGRAM FILE
	rm -rf out out.* out_* ./*.tmp.*
	s=0
	(export PIPELM_FAIL_ALLOC="${fail-}"; on "$@") >stdout 2>stderr || s=$?
	ls -d ./*.tmp.* out/*.tmp.* 2>/dev/null && { echo 'half a file' >&2; return 1; }
	case $s in
	0) wrote "$@" || { echo 'no output' >&2; return 1; } ;;
	1 | 2) grep -q "^$1: " stderr || { echo 'no message' >&2; return 1; }
		not ls -d out out.* out_* 2>/dev/null ||
			{ echo 'output of a failed run' >&2; return 1; } ;;
	*) echo "status $s" >&2; cat stderr >&2; return 1 ;;
	esac
	return 0
}
refused() { sound "$1" "$2" && { [ "$s" = 1 ] || [ "$s" = 2 ]; }; }

for p in $programs
do
	ok "$p accepts valid input" "sound $p $(sample $p); cat stderr >&2; test \$s = 0"
done

: >empty
printf '\377\376\200 \303( \355\240\200\n' >invalid
head -c 20 docs.jsonl >cutline
head -c 100000000 /dev/zero | tr '\0' x >longline
printf 'GGUF\003\000\000\000 and so on, a magic of another kind' >magic
mkdir directory
for p in $programs
do
	[ $p = chat ] || ok "$p: no such file" "refused $p nowhere; grep -q nowhere stderr"
	[ $p = chat ] || [ $p = ckpt ] ||
		ok "$p: a directory" "refused $p directory; grep -q directory stderr"
	ok "$p: an empty file" "sound $p empty"
	ok "$p: invalid UTF-8" "sound $p invalid; test \$s != 0 || test -s stderr || [ $p = chat ]"
	case $p in
	shard | pretrain | ckpt | chat) ;;
	*)	ok "$p: a truncated line" "refused $p cutline; grep -q cutline:1 stderr" ;;
	esac
	ok "$p: an invalid line of 100 MB" "sound $p longline; [ $p = chat ] || test -s stderr"
	case $p in
	chat) ;;
	*)	ok "$p: the magic of another format" "sound $p magic; test -s stderr" ;;
	esac
	f=$(sample $p)
	case $p in
	shard | pretrain | ckpt | chat) ;;
	*)	gzip -nc $f >whole.gz
		head -c $(($(wc -c <whole.gz) * 2 / 3)) whole.gz >cut.$p.gz
		ok "$p: truncated gzip" "refused $p cut.$p.gz; grep -q 'cut.$p.gz' stderr" ;;
	esac
done
rm longline

# flip FILE OFFSET: FILE.flip is FILE with one bit changed
flip() {
	{ head -c "$2" "$1"; tail -c "+$(($2 + 1))" "$1" | head -c 1 |
		od -An -tu1 | awk '{ printf "%c", ($1 + 64) % 128 + 1 }'
	tail -c "+$(($2 + 2))" "$1"; } >"$1.flip"
}
ok 'a shard with a bit flipped anywhere in its header is refused' '
	for at in 0 1 2 3 4 8 9 12 16 20 24 32 36 40 41; do
		flip shard_train_000001.bin $at
		for p in shard pretrain; do
			refused $p shard_train_000001.bin.flip || { echo $p $at >&2; exit 1; }
		done
	done
'
ok 'a model with a bit flipped in its header is refused, or still complete' '
	cp -r base flipped
	cp base/model.safetensors w
	for at in 0 1 5 8 9 20 60 100 200 300; do
		flip w $at
		cp w.flip flipped/model.safetensors
		sound ckpt flipped || exit 1
		s=0
		generate -q -m flipped -n 2 x >stdout 2>stderr || s=$?
		case $s in 0 | 1) ;; *) cat stderr >&2; exit 1 ;; esac
	done
'
ok 'a model truncated anywhere is refused' '
	for n in 0 4 8 100 1000 10000; do
		head -c $n base/model.safetensors >flipped/model.safetensors
		refused ckpt flipped
		not generate -q -m flipped -n 2 x 2>stderr
		grep -q "^generate: " stderr
	done
'

# Standard output and input.
to_stdout() {
	case $1 in
	crawlclean) crawlclean -q -x page.html ;;
	dedup) dedup -q docs.jsonl ;;
	tokenize) tokenize -q -t tok.json docs.jsonl ;;
	shard) shard cat shard_train_000001.bin ;;
	rlsample) rlsample -q -m chat -n 4 -N 1 prompts.jsonl ;;
	grade) grade -q --number rollouts.jsonl ;;
	generate) generate -q -m base -n 9 What ;;
	chat) chat -q -m chat -n 9 -p Hello ;;
	score) score -q -m base docs.jsonl ;;
	ckpt) ckpt info base ;;
	docs) docs -q text.txt ;;
	curves) curves -q base ;;
	report) report -q text.txt ;;
	esac
}
for p in crawlclean dedup tokenize shard rlsample grade generate chat score ckpt \
	docs report curves
do
	fails 1 "$p: a full disk" "to_stdout $p >/dev/full" "^$p: .*: No space left"
	fails 1 "$p: standard output is closed" "to_stdout $p >&-" "^$p: .*clos|^$p: .*Bad file"
done
from_stdin() {
	case $1 in
	crawlclean) crawlclean -q -i docs ;;
	dedup) dedup -q ;;
	bpe-train) bpe-train -q -n 300 -o out.json ;;
	tokenize) tokenize -q -t tok.json -o out ;;
	shard) shard cat - -o out.tok ;;
	pretrain) pretrain -q -o out -t tok.json --steps 1 ;;
	sft) sft -q -m base -o out --steps 1 ;;
	rlsample) rlsample -q -m chat ;;
	grade) grade -q --number ;;
	rltrain) rltrain -q -m chat -o out ;;
	rmtrain) rmtrain -q -m chat -o out ;;
	generate) generate -q -m base --jsonl ;;
	chat) chat -q -m chat ;;
	score) score -q -m base ;;
	docs) docs -q ;;
	curves) curves -q ;;
	report) report -q ;;
	esac
}
for p in crawlclean dedup bpe-train tokenize shard pretrain sft rlsample grade \
	rltrain rmtrain generate chat score docs report curves
do
	fails 1 "$p: standard input is closed" "from_stdin $p <&- >stdout" "^$p: .*clos"
done
ok 'an upstream that dies causes an error downstream' '
	for n in 10 100 1000 5000; do
		head -c $n tokens.tok >cut.tok
		for p in shard tokenize pretrain; do
			case $p in
			shard) c="shard cat -" ;;
			tokenize) c="tokenize -q -t tok.json -d" ;;
			pretrain) c="pretrain -q -o out -t tok.json --layers 1 --width 32 \
				--heads 2 --context 16 --batch 1" ;;
			esac
			rm -rf out
			if $c <cut.tok >stdout 2>stderr; then
				echo "$p took $n bytes" >&2; exit 1
			fi
			grep -q "^$p: .*standard input" stderr
			test ! -e out/model.safetensors
		done
	done
'
# Short inputs, so that each allocation of a run can be made to fail.
head -n 12 docs.jsonl >few.jsonl
head -n 6 conv.jsonl >few.conv
short() {
	case $1 in
	crawlclean | dedup | bpe-train | tokenize | score) echo few.jsonl ;;
	shard | pretrain) echo shard_val_000000.bin ;;
	sft) echo few.conv ;;
	*) sample "$1" ;;
	esac
}
# One in five where a process starts slowly, under the sanitizers.
case $BUILD in *san*) step=5 ;; *) step=1 ;; esac
for p in $programs
do
	ok "$p: any failing allocation gives a message and no partial output" "
		fail=0 s=1
		while [ \$s != 0 ]; do
			fail=\$((fail + $step))
			sound $p $(short $p) || { echo \"allocation \$fail\" >&2; exit 1; }
			[ \$s = 0 ] || { [ \$s = 1 ] && grep -q 'out of memory' stderr; } ||
				{ echo \"allocation \$fail: \$s\" >&2; cat stderr >&2; exit 1; }
		done
		# A run allocates more often than this; otherwise the fault never fired.
		[ \$fail -gt 10 ]
	"
done
done_testing
