#!/bin/sh
# For decoding a model is in memory only once: its weights are packed straight
# from the mapped file, whatever their type, and the mapping is released.
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
ok 'training holds a model only once while reading it' '
	n=$(ckpt info llama | awk "\$1 == \"parameters\" { print 4 * \$2 }")
	python3 - >got <<-END
	import resource, subprocess
	subprocess.run(["ckpt", "info", "llama"], check=True, stdout=subprocess.DEVNULL)
	print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
	END
	[ $(($(cat got) - base)) -lt $((n * 115 / 100)) ]
'
done_testing
