#!/bin/sh
# A number out of range is refused with the option's name, what was given and
# what is allowed, before any file is opened.
. "${0%/*}/lib.sh"

refused() {	# PROGRAM OPTION VALUE WHAT IS WRONG
	fails 2 "$1 --$2 $3" "$1 -m missing --$2 $3" \
		"^$1: --$2: $3 is $4: try '$1 -h'$"
}
# chatd needs a library; it listens before it reads the model.
chatd=; [ ! -x "$BUILD/bin/chatd" ] || chatd=chatd
for p in generate rlsample chat $chatd; do
	at=; [ $p != chatd ] || at='--listen 127.0.0.1:0'
	for x in -1 -0.5; do
		refused $p temp $x 'not above 0 \(--greedy takes the most likely token\)'
	done
	refused $p top-k -1 'below 0'
	refused $p top-p 0 'not above 0 and at most 1'
	refused $p top-p 1.5 'not above 0 and at most 1'
	refused $p min-p -0.1 'not from 0 to 1'
	refused $p min-p 2 'not from 0 to 1'
	for x in 0 9e-07 1e-39; do
		refused $p repeat-penalty $x 'not from 1e-06 to 1e\+06'
	done
	refused $p repeat-last -1 'below 0'
	for name in presence frequency; do
		refused $p $name-penalty 2.1 'not from -2 to 2'
		refused $p $name-penalty -3 'not from -2 to 2'
	done
	# The ends of the ranges are allowed: only the missing model is reported.
	fails 1 "$p: the ends of the ranges" "
		$p $at -m missing --temp 5e-324 --top-p 1 --min-p 1 --repeat-penalty 1e6 \
			--presence-penalty 2 --frequency-penalty -2 </dev/null
	" missing
	fails 1 "$p: the other ends of the ranges" "
		$p $at -m missing --temp 1e308 --top-k 0 --min-p 0 --repeat-penalty 1e-6 </dev/null
	" missing
	fails 2 "$p --temp nan" "$p --temp nan" "^$p: --temp: 'nan' is not a number"
done
for p in generate rlsample; do
	refused $p parallel 0 'not from 1 to 4096'
	refused $p parallel 5000 'not from 1 to 4096'
	refused $p samples 0 'not from 1 to 1000000'
	fails 2 "$p has no --batch" "$p --batch 2" "there is no option '--batch'"
done

plain() {	# PROGRAM OPTIONS REASON: the last option is refused for REASON
	fails 2 "$1 $2" "$1 $2" "^$1: $3: try '$1 -h'$"
}
plain generate '--repeat-penalty 1e39' '--repeat-penalty: 1e\+39 is not from 1e-06 to 1e\+06'
plain tokenize '-t v --val-share 1.5' '--val-share: 1.5 is not from 0 to 1'
plain tokenize '-t v --val-share -0.1' '--val-share: -0.1 is not from 0 to 1'
plain tokenize '-t v --shard-size 0' '--shard-size: 0 is not from 1 to 2147483647'
plain bpe-train '-o v -n 255' '--size: 255 is not from 256 to [0-9]+'
plain bpe-train '-o v --min-count 0' '--min-count: 0 is below 1'
plain dedup '--bands 0' '--bands: 0 is not from 1 to 256'
plain dedup '--min-length -1' '--min-length: -1 is below 0'
plain grade '--number -w 2e30' '--weight: 2e\+30 is not from -1e\+30 to 1e\+30'
plain grade '-x cat --timeout 0' '--timeout: 0 is not above 0 and at most 1e\+06'
plain shard 'head -n -1' '--count: -1 is below 0'
plain shard 'split -o x --shard-size 0' '--shard-size: 0 is not from 1 to 2147483647'
plain ckpt 'compare a b --tolerance -1' '--tolerance: -1 is below 0'
done_testing
