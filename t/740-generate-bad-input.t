#!/bin/sh
# Bad input to generate, rlsample and chat: a message, exit 1, no crash.
. "${0%/*}/lib.sh"

unit mkmodel m
good='{"id":1,"prompt":"x"}'

for prog in 'generate --jsonl' rlsample; do
	name=${prog%% *}
	run="$prog -m m -n 2 -N 1"
	ok "$name: empty input gives empty output" "
		$run </dev/null >out
		[ ! -s out ]
	"
	fails 1 "$name: a missing file" "$run nofile" 'nofile'
	fails 1 "$name: a directory" "$run m" 'm: is a directory'
	fails 1 "$name: a truncated line" "
		printf '%s\n{\"id\":2,\"prom' '$good' | $run
	" 'standard input:2'
	fails 1 "$name: truncated gzip" "
		i=0; while [ \$i -lt 99 ]; do echo '$good'; i=\$((i+1)); done |
			gzip | head -c 40 >cut.gz
		$run cut.gz
	" 'cut.gz'
	ok "$name: gzip is read" "
		echo '$good' | gzip | $run >out
		[ \"\$(wc -l <out)\" = 1 ]
	"
	ok "$name: invalid UTF-8 is a bad record" "
		printf '%s\n{\"id\":2,\"prompt\":\"\377\"}\n' '$good' |
			$run >out 2>err
		[ \"\$(wc -l <out)\" = 1 ] && grep -q 'skipped 1 invalid .* of 2 ' err
	"
	fails 1 "$name: nothing but bad records" "
		printf '[1]\n{\"prompt\":{}}\n' | $run
	" ''
	ok "$name: a line of 100 MB" "
		{ printf '{\"id\":2,\"prompt\":\"'
		head -c 100000000 /dev/zero | tr '\0' x
		printf '\"}\n%s\n' '$good'; } | $run >out 2>err
		[ \"\$(wc -l <out)\" = 1 ] && grep -q 'no room' err
	"
	fails 1 "$name: a full disk" "echo '$good' | $run >/dev/full" \
		'standard output'
	fails 1 "$name: standard output closed" "echo '$good' | $run >&-" \
		'standard output'
	fails 1 "$name: standard input closed" "$run <&-" 'standard input'
	ok "$name: an error leaves no file" "
		if printf '[1]\n' | $run -o f 2>err; then exit 9; fi
		[ -z \"\$(ls f* 2>/dev/null)\" ]
	"
done

for prog in "generate x" "rlsample" "chat --prompt x"; do
	fails 1 "$prog: a missing model" "echo '$good' | $prog -m nodir" 'nodir'
	fails 1 "$prog: a model that is a file" "
		echo '$good' | $prog -m $0" '[:]'
	fails 1 "$prog: weights with a bit flipped in the header" "
		rm -rf b && cp -r m b
		printf X | dd of=b/model.safetensors bs=1 seek=3 conv=notrunc \
			2>dd
		echo '$good' | $prog -m b
	" 'model.safetensors'
	fails 1 "$prog: truncated weights" "
		rm -rf b && cp -r m b
		head -c 9000 m/model.safetensors >b/model.safetensors
		echo '$good' | $prog -m b
	" 'model.safetensors'
	fails 1 "$prog: no tokenizer" "
		rm -rf b && cp -r m b && rm b/tokenizer.json
		echo '$good' | $prog -m b
	" 'tokenizer.json'
	fails 1 "$prog: a tokenizer with more tokens than the model" "
		unit mkmodel big tokens=900
		rm -rf b && cp -r m b && cp big/tokenizer.json b
		echo '$good' | $prog -m b
	" 'tokens'
done

fails 1 'chat: a full disk' 'echo x | chat -m m >/dev/full' 'standard output'
fails 1 'chat: a transcript that cannot be written' '
	echo x | chat -q -m m -n 2 -o nodir/log
' 'nodir/log'
fails 1 'generate: a directory as standard input' '
	generate -m m <.
' 'directory'
ok 'generate: a prompt of arbitrary bytes' '
	printf "\377\376\000\001" | generate -q -m m -n 2 >out
	[ -s out ]
'
ok 'chat: arbitrary bytes, and empty input' '
	printf "\377\376\001x\n\n\n" | chat -q -m m -n 2 >out
	[ -s out ]
	chat -q -m m -n 2 </dev/null >out
	[ ! -s out ]
'
fails 1 'a line of 100 MB is too long for chat' '
	head -c 100000000 /dev/zero | tr "\0" x | chat -q -m m -n 2
' 'standard input'

fails 1 'text where JSON lines are expected' '
	echo "some words" | generate -m m --jsonl
' 'none of 1 lines is a prompt: .*: with --jsonl a line is {"prompt":"..."}$'
fails 1 'prompts that the template refuses are not reported as conversations for sft' '
	echo "{\"messages\":[]}" | generate -m m --jsonl
' 'none of 1 lines is a prompt: .*: there is no message to answer$'
ok 'null keys of a prompt count as missing' '
	echo "{\"prompt_ids\":null,\"messages\":null,\"prompt\":\"x\"}" >in
	generate -q -m m --jsonl -n 1 in >out
	rlsample -q -m m -N 1 -n 1 in 2>/dev/null >out2
	grep -q "\"prompt_ids\":\[120\]" out
	grep -q "\"prompt_ids\":\[120\]" out2
'
for prog in "generate x" "chat -p x" "tokenize -r -a -t" "sft -o sft.d -m"; do
	fails 1 "${prog%% *}: a model without a tokenizer" "
		rm -rf bare; cp -r m bare; rm bare/tokenizer.json
		case '$prog' in *-t|*-m) $prog bare ;; *) $prog -m bare ;; esac
	" 'bare/tokenizer.json: missing.*: copy the tokenizer'
done
fails 1 'a role that is not a word' '
	echo "{\"messages\":[{\"role\":\"a<|im_end|>\",\"content\":\"x\"}]}" |
		generate -m m --jsonl
' "a role is not a word: 'a<.im_end.>'"
ok 'a role unknown to the template is reported once' '
	for role in user narrator assistent; do
		echo "{\"messages\":[{\"role\":\"$role\",\"content\":\"x\"}]}"
	done | generate -m m --jsonl -n 1 >out 2>err
	[ "$(wc -l <out)" = 3 ]
	[ "$(grep -c "the role .narrator. is not system, user" err)" = 1 ]
	not grep -q "role .user" err
'
for how in "generate --jsonl" rlsample; do
	fails 1 "${how%% *}: a base model is reported, not each prompt" "
		unit mkmodel base chat=0
		for i in 1 2 3; do
			echo '{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}'
		done | $how -m base 2>err || { status=\$?
			[ \"\$(wc -l <err)\" = 1 ]; cat err >&2; exit \$status; }
	" ': base: the model has no chat template: sft trains'
done
fails 1 'a prompt with --chat to a base model' 'generate -m base --chat hi' \
	': base: the model has no chat template'
for more in "--top 3" "--chat"; do
	fails 1 "a model whose logits overflow: $more" "
		unit mkmodel huge huge=1
		echo '$good' | generate -m huge --jsonl -n 0 $more
	" 'logits are not finite'
done
fails 1 'messages with --raw' '
	echo "{\"prompt\":[{\"role\":\"user\",\"content\":\"x\"}]}" |
		generate -m m --jsonl --raw
' 'needs the chat template: not with --raw'
done_testing
