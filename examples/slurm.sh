#!/bin/sh
#SBATCH --job-name=pretrain
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=32
#SBATCH --time=24:00:00
#SBATCH --signal=TERM@600
#
# slurm.sh - pretraining as a job of Slurm, a rank per node
#
#	OUTPUT=model TOKENIZER=tok.json SHARDS='data_train_*.bin' \
#		sbatch slurm.sh --layers 12 --width 768
#
# Ten minutes before its time is up, the run gets a signal and writes a checkpoint;
# submitted again, the job goes on from there. srun --mpi=list says which kinds of
# MPI this Slurm supports.
set -eu
exec srun --mpi="${MPI:-pmix}" --cpus-per-task="$SLURM_CPUS_PER_TASK" --kill-on-bad-exit=1 \
	pretrain -o "$OUTPUT" -t "$TOKENIZER" -j "$SLURM_CPUS_PER_TASK" --resume "$@" $SHARDS
