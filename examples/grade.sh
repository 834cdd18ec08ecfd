#!/bin/sh
# grade.sh - rollouts in, rollouts with a reward out, in place of grade
# --number --rule last
#
#	rlsample -m MODEL -N 16 prompts.jsonl | grade.sh | rltrain -m MODEL ...
#
# The reward is 1 if the last number in the text is the answer, a whole number.
# A backslash and the character after it count as one.
sed -E '
	s/}$/,"reward":0}/
	/"text":"(([^"\\]|\\.)*([^-.,0-9"\\]|\\.))?(-?[0-9]+)([^0-9"\\]|\\.)*".*"answer":"?\4[",}]/ s/0}$/1}/
' "$@"
