#!/bin/sh
# Prompts are read several at a time, in the passes that advance the answers of
# others, and no bit depends on it.
. "${0%/*}/lib.sh"

unit mkmodel llama scale=3 kv=2 layers=3 context=1024
unit mkmodel gpt2 arch=gpt2 scale=2 context=1024

for model in llama gpt2; do
	ok "$model: prompts of all kinds give the same bits together as alone" \
		"unit reading alone $model"
done
ok 'so they do with the plain loops' 'PIPELM_ISA=c unit reading alone llama'
ok 'short prompts are read together: as many as a pass has room for' \
	'unit reading together llama'
ok 'answers go on while a long prompt is read, and a short one does not wait for it' \
	'unit reading beside llama'
ok 'prompts that begin alike: the first reads the head, the others the rest, together' \
	'unit reading head llama'
for model in llama gpt2; do
	ok "$model: memory for one long prompt is enough for many short ones at a time" \
		"unit reading memory $model"
done
done_testing
