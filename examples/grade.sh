#!/bin/sh
# grade.sh - rollouts in, rollouts with a reward out, in place of grade --number
#
#	rlsample -m MODEL -N 16 prompts.jsonl | grade.sh | rltrain -m MODEL ...
#
# The reward is 1 where the last number of the text is the answer, a whole
# number; of a backslash in the text the next character is part.
sed -E '
	s/}$/,"reward":0}/
	/"text":"(([^"\\]|\\.)*([^-.,0-9"\\]|\\.))?(-?[0-9]+)([^0-9"\\]|\\.)*".*"answer":"?\4[",}]/ s/0}$/1}/
' "$@"
