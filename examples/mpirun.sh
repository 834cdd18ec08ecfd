#!/bin/sh
# mpirun.sh HOSTS OUTPUT TOKENIZER SHARD ... [-- pretrain's option ...] - pretraining by
# several machines that share a directory
#
#	mpirun.sh hosts model tok.json data_train_*.bin -- --layers 12 --width 768
#
# HOSTS is a file with the name of a machine a line, which ssh reaches without a
# password. Each runs one rank with a thread per processor; with EACH=2, two ranks, as
# suits machines with two sockets. Called again, it resumes the run in OUTPUT; kill -USR1
# of mpirun stops the run with a checkpoint, while after other signals mpirun gives the
# ranks only a second. MPIRUN has other options for mpirun, such as "--mca
# btl_tcp_if_include 10.0.0.0/8", the network to use.
set -eu
[ $# -ge 4 ] || {
	echo 'usage: mpirun.sh HOSTS OUTPUT TOKENIZER SHARD ... [-- option ...]' >&2
	exit 2
}
hosts=$1 output=$2 tokenizer=$3
shift 3

# Options may stand among the shards; -- would end them.
n=$#
for arg; do
	[ "$arg" = -- ] || set -- "$@" "$arg"
done
shift $n

# Ranks are bound to a socket or to nothing: by itself, mpirun binds each of two to a core.
bind='--map-by ppr:1:node --bind-to none'
[ "${EACH:-1}" = 1 ] || bind="--map-by ppr:$EACH:node --bind-to socket"

exec mpirun --hostfile "$hosts" $bind ${MPIRUN:-} \
	pretrain -o "$output" -t "$tokenizer" --resume "$@"
