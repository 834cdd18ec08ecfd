#!/bin/sh
# Ranks on several machines: the examples for mpirun and Slurm, and a network of limited
# bandwidth between two network namespaces.
. "${0%/*}/lib.sh"
needs_long
needs_command mpirun
ldd "$BUILD/bin/pretrain" 2>/dev/null | grep -q libmpi ||
	skip_all 'pretrain is built without MPI'
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
case $(mpirun --version) in
*'Open MPI'*) ;;
*) skip_all 'the options are those of Open MPI' ;;
esac

awk 'BEGIN { for (i = 0; i < 2000; i++)
	printf "{\"text\":\"Line %d of %d, that is all.\"}\n", i * 37 % 2000, 2000 }' >docs
bpe-train -q -n 300 -p gpt2 docs -o tok.json
tokenize -q -t tok.json -o s docs
shape='-q --layers 4 --width 128 --heads 4 --context 64 --batch 16 --schedule constant --warmup 0'
pretrain -j1 -o one -t tok.json $shape --steps 6 s_train_000001.bin

like_one() {	# DIR [BOUND]: the losses are those of one process
	column loss one/trainlog.tsv >one.loss
	column loss $1/trainlog.tsv >other.loss
	[ "$(wc -l <other.loss)" = 6 ]
	paste one.loss other.loss |
		awk -v b=${2:-3e-5} '{ d = $1 - $2; if (d > b * $1 || -d > b * $1) exit 1 }'
}

# ---- examples ----
ok 'mpirun.sh trains, and resumes' '
	echo "localhost slots=2" >hosts
	EACH=2 MPIRUN="--oversubscribe --bind-to none" sh "$TOP/examples/mpirun.sh" hosts many tok.json \
		s_train_000001.bin -- $shape -j1 --steps 4
	EACH=2 MPIRUN="--oversubscribe --bind-to none" sh "$TOP/examples/mpirun.sh" hosts many tok.json \
		s_train_000001.bin -- $shape -j1 --steps 6 2>err
	not grep "new run begins" err
	like_one many
'
fails 2 'mpirun.sh without shards' 'sh "$TOP/examples/mpirun.sh" hosts x tok.json' '^usage: mpirun.sh'
ok 'SIGUSR1 to mpirun: the checkpoint is written' '
	export EACH=2 MPIRUN="--oversubscribe --bind-to none"
	sh "$TOP/examples/mpirun.sh" hosts int tok.json s_train_000001.bin -- $shape -j1 \
		--steps 1000000 2>err &
	n=0
	while [ $n -lt 2000 ] && [ "$(wc -l 2>/dev/null <int/trainlog.tsv || echo 0)" -lt 4 ]
	do sleep .01; n=$((n + 1)); done
	kill -USR1 $!
	status=0; wait $! || status=$?
	[ $status != 0 ]
	grep -q "stopped by a signal after step .*; --resume continues" err
	ckpt info int >/dev/null
'
# Where there is no Slurm, mpirun starts the ranks instead of srun.
command -v srun >/dev/null || {
	mkdir stub
	cat >stub/srun <<-'END'
	#!/bin/sh
	while :; do case $1 in
		--mpi=* | --cpus-per-task=[1-9]* | --kill-on-bad-exit=1) shift ;;
		-*) echo "srun: $1" >&2; exit 1 ;;
		*) break ;;
	esac; done
	exec mpirun --oversubscribe -n "$SLURM_NTASKS" "$@"
	END
	chmod +x stub/srun
	PATH="$PWD/stub:$PATH"
}
ok 'slurm.sh: the job, and the next one, which goes on' '
	export OUTPUT=job TOKENIZER=tok.json SHARDS="s_train_0*.bin" SLURM_NTASKS=2 SLURM_CPUS_PER_TASK=1
	sh "$TOP/examples/slurm.sh" $shape --steps 4
	sh "$TOP/examples/slurm.sh" $shape --steps 6
	like_one job
'
ok 'slurm.sh: its lines for sbatch are options' '
	sed -n "s/^#SBATCH //p" "$TOP/examples/slurm.sh" >options
	[ "$(wc -l <options)" = 6 ]
	not grep -v "^--[a-z-]*=[^ ]*$" options
'

# ---- a network ----
a=pipelm-a-$$ b=pipelm-b-$$
unmake() { ip netns del $a; ip netns del $b; } 2>/dev/null
make_network() {	# RATE
	ip netns add $a && ip netns add $b &&
	ip link add eth-a netns $a type veth peer name eth-b netns $b &&
	ip -n $a addr add 10.77.0.1/24 dev eth-a && ip -n $b addr add 10.77.0.2/24 dev eth-b &&
	for n in a b; do
		eval ns=\$$n
		ip -n $ns link set lo up && ip -n $ns link set eth-$n up &&
		ip netns exec $ns tc qdisc add dev eth-$n root tbf rate $1 burst 64k latency 50ms ||
			return 1
	done
} >network.log 2>&1
if command -v ip >/dev/null && command -v tc >/dev/null && make_network 100mbit; then
# What mpirun has instead of ssh: the other machine is the other namespace.
cat >agent <<END
#!/bin/sh
while :; do case \$1 in -*) shift ;; *) break ;; esac; done
shift
exec ip netns exec $b unshare --uts sh -c "hostname other; \$*"
END
chmod +x agent
across() {	# COMMAND...
	timeout 120 ip netns exec $a mpirun --mca plm_rsh_agent "$PWD/agent" --bind-to none \
		--mca oob_tcp_if_include 10.77.0.0/24 --mca btl tcp,self \
		--mca btl_tcp_if_include 10.77.0.0/24 --host 10.77.0.1,10.77.0.2 -n 2 "$@"
}
sent() { ip netns exec $a cat /sys/class/net/eth-a/statistics/tx_bytes; }
# Each rank sends half of the gradient, and half of the parameters.
ok 'two machines: the losses of one, and no more bytes than ZeRO-1 needs' '
	for wire in fp32 bf16; do
		before=$(sent)
		across pretrain -j1 -o $PWD/net-$wire -t $PWD/tok.json $shape --wire $wire --steps 6 \
			$PWD/s_train_000001.bin
		echo $(($(sent) - before)) >bytes-$wire
	done
	like_one net-fp32
	like_one net-bf16 1e-2
	n=$(ckpt info one | sed -n "s/^parameters	//p")
	awk -v n=$n -v a=$(cat bytes-fp32) -v b=$(cat bytes-bf16) "BEGIN {
		exit !(a < 6 * n * 4 * 1.25 && b < 6 * n * 3 * 1.25 && b < a) }"
'
ok 'a machine that vanishes: the job ends, its checkpoint is resumed' '
	across pretrain -j1 -o $PWD/lost -t $PWD/tok.json $shape --save-every 2 --steps 10000000 \
		$PWD/s_train_000001.bin 2>err &
	n=0
	while [ $n -lt 2000 ] && [ ! -s lost/training.safetensors ]
	do sleep .01; n=$((n + 1)); done
	kill -KILL $(ip netns pids $b)
	status=0; wait $! || status=$?
	[ $status != 0 ] && [ -s err ]
	steps=$(($(sed 1d lost/trainlog.tsv | wc -l) + 2))
	pretrain -o lost -q -j1 --resume --steps $steps
'
unmake
else
	unmake
	skip 'two machines' 'network namespaces with limited bandwidth are not permitted'
fi
done_testing
