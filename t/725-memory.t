#!/bin/sh
# For decoding a model is in memory only once: its weights are packed straight
# from the mapped file, whatever their type, and the mapping is released. -M bounds
# the whole process.
. "${0%/*}/lib.sh"
needs_command python3

case $BUILD in *san*) skip_all 'sanitizers take memory of their own' ;; esac

# peak DIR: the peak memory of generate, in bytes
peak() {
	python3 - "$1" <<'END'
import resource, subprocess, sys
subprocess.run(["generate", "-q", "-j1", "-m", sys.argv[1], "--ids", "--parallel", "1",
    "--greedy", "-n", "1", "1 2 3"], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
END
}
unit mkmodel small layers=1 width=32
unit mkmodel llama layers=6 width=512 tokens=900
unit mkmodel gpt2 arch=gpt2 layers=6 width=512 tokens=900
base=$(peak small)
for model in llama gpt2; do
	ok "$model: at most 1.15 times the weights plus 20 MB of working memory, fp32 or bf16" "
		n=\$(ckpt info $model | awk '\$1 == \"parameters\" { print 4 * \$2 }')
		ckpt convert --type bf16 $model half.$model
		for m in $model half.$model; do
			got=\$(peak \$m)
			echo \"\$got of \$n and $base\"
			[ \$((got - $base)) -gt \$((n / 2)) ]
			[ \$((got - $base)) -lt \$((n * 115 / 100 + 20000000)) ]
		done
	"
done
ok 'a file in fp32 whose numbers are all of BF16 takes half its size, with the same results' '
	ckpt convert --type bf16 gpt2 half.gguf
	ckpt convert --type f32 half.gguf whole.gguf
	n=$(ckpt info gpt2 | awk "\$1 == \"parameters\" { print 2 * \$2 }")
	got=$(peak whole.gguf)
	echo "$got of $n and '$base'"
	[ $((got - '$base')) -lt $((n * 115 / 100 + 20000000)) ]
	echo "{\"prompt_ids\":[1,2,3]}" >prompt
	for m in half whole; do
		generate -q -m $m.gguf --greedy -n 20 --top 5 --jsonl prompt >$m.got
	done
	cmp half.got whole.got
'
ok 'training holds a model only once while reading it' '
	n=$(ckpt info llama | awk "\$1 == \"parameters\" { print 4 * \$2 }")
	python3 - >got <<-END
	import resource, subprocess
	subprocess.run(["ckpt", "info", "llama"], check=True, stdout=subprocess.DEVNULL)
	print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
	END
	[ $(($(cat got) - base)) -lt $((n * 115 / 100)) ]
'

# ---- -M ----

unset MALLOC_PERTURB_	# it would write what segments leave unused

unit mkmodel deep layers=4 width=256 context=4096 tokens=900 scale=3
python3 - <<'END' >prompts
for i in range(50):
    n = 2900 if i == 23 else 200 + i * 37 % 600
    print('{"id":"p%d","prompt":"%s"}' % (i, chr(97 + i % 26) + "x" * n))
END
grep -v '"p23"' prompts >short

# peak_of OUT COMMAND...: writes the output to OUT; prints the peak in MiB, rounded up
peak_of() {
	python3 - "$@" <<'END'
import resource, subprocess, sys
with open(sys.argv[1], "w") as out:
    subprocess.run(sys.argv[2:], check=True, stdout=out)
print(-(-resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024))
END
}
# too_little COMMAND...: how many MiB are needed, which the command says
too_little() {
	"$@" 2>err >nothing && return 1
	[ ! -s nothing ]
	sed -n 's/.*: -M: \([0-9]*\) MiB are needed for .*/\1/p' err
}
for program in generate rlsample; do
	run="$program -q -m deep -N 3 -n 40 --parallel 48"
	[ $program = rlsample ] || run="$run --jsonl"
	ok "$program -M: SIZE bounds the process, which takes more without, and no byte changes" "
		all=\$(peak_of $program.ref $run prompts)
		need=\$(too_little $run -M 1M prompts)
		grep -q 'for one answer of up to 40 tokens: more memory, or a smaller -n' err
		long=\$(too_little $run -M \$((need + 10))M prompts)
		grep -q 'for a prompt of 1[0-9]* tokens with an answer of up to 40' err
		got=\$(peak_of got $run -M \${long}M prompts)
		echo \"needs \$need, long \$long: \$got, \$all without\"
		cmp got $program.ref
		[ \$got -le \$long ]
		[ \$long -lt \$all ]
		least=\$((need + 10))
		[ \$(peak_of got $run -M \${least}M short) -le \$least ]
		grep -v '\"id\":\"p23\"' $program.ref | cmp - got
	"
done
python3 - <<'END' >alike
for i in range(40):
    print('{"prompt":"%s%d and %d"}' % ("no two words are alike here, " * 70, i, i * i))
END
ok 'prompts that begin alike have their beginning in memory once' '
	one=$(head -n 1 alike | generate -q -m deep --jsonl -n 20 | sed "s/.*\"prompt_ids\":\[\([^]]*\)\].*/\1/" |
		tr , "\n" | wc -l)
	[ $one -gt 1000 ]
	peak_of ref generate -q -m deep --jsonl -n 20 --parallel 1 alike >few
	peak_of got generate -q -m deep --jsonl -n 20 --parallel 40 alike >many
	cmp got ref
	echo "$one tokens of 8 KB: $(cat few) for one, $(cat many) MiB for 40"
	[ $(cat many) -lt $(($(cat few) + one * 8 * 4 / 1024)) ]
	peak_of got generate -q -m deep --jsonl -n 20 --parallel 40 -M $(($(cat many) + 50))M alike >within
	cmp got ref
'
ok '-M with --kv bf16, -N and one prompt, and a prompt cache' '
	text=$(printf "%01500d" 0)
	generate -q -m deep --kv bf16 -N 20 -n 40 "$text" >ref
	need=$(too_little generate -q -m deep --kv bf16 -N 20 -n 40 -M 1M "$text")
	set -- $((need + 40))
	for _ in write read; do
		got=$(peak_of got generate -q -m deep --kv bf16 -N 20 -n 40 -M $1M \
			--prompt-cache cache "$text")
		echo "$got of $1"
		cmp got ref
		[ $got -le $1 ]
	done
'
fails 2 '-M is a size' 'generate -m deep -M much x' 'much'
done_testing
