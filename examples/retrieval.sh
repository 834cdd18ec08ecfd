#!/bin/sh
# retrieval.sh MODEL - what is in the context is known, what is only in the weights
# is at best vaguely recalled: questions about a passage, asked without it and with
# it in the prompt.
#
# The passage is invented, so that no model has read it. Two small passages with
# questions come first in every prompt, to show the form of an answer. A line each
# for the share of right answers of four, then the model's own answers to the first
# questions.
set -eu
[ $# -ge 1 ] || { echo "usage: retrieval.sh MODEL" >&2; exit 2; }
model=$1
case $model in /*) ;; *) model=$PWD/$model ;; esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work"

cat >passage <<'END'
The village of Orlenbeck lies on the river Tarn. It was founded in 1382 by a glass
maker called Matthis Rohn. Its church has a green tower, which was built of copper.
Every year in September the people of Orlenbeck celebrate the feast of the lanterns.
The best known dish of the village is a soup of pears. The mayor is a woman called
Ilse Varga, who used to be a pilot. The school has forty pupils, and its teacher keeps
an owl. The only inn of the village is called The Silver Heron.
END
# question | right answer | others
cat >asked <<'END'
On which river does Orlenbeck lie?|Tarn|Elbe|Saale|Rhine
Who founded Orlenbeck?|Matthis Rohn|Anna Bauer|Karl Stein|Peter Holm
In which year was Orlenbeck founded?|1382|1245|1510|1674
What colour is the church tower of Orlenbeck?|green|red|white|black
In which month is the feast of the lanterns celebrated in Orlenbeck?|September|March|June|December
What is the best known dish of Orlenbeck made of?|pears|beans|fish|onions
What is the name of the mayor of Orlenbeck?|Ilse Varga|Greta Olsen|Maria Lind|Eva Novak
What did the mayor of Orlenbeck use to be?|a pilot|a baker|a nurse|a singer
How many pupils does the school of Orlenbeck have?|forty|twelve|ninety|two hundred
Which animal does the teacher of Orlenbeck keep?|an owl|a dog|a horse|a snake
What is the inn of Orlenbeck called?|The Silver Heron|The Golden Lion|The Old Mill|The Blue Boar
What was the founder of Orlenbeck by trade?|a glass maker|a soldier|a monk|a miller
END
cat >examples <<'END'
Passage: The fox is red, and it lives in the wood.
Question: What colour is the fox?
Answer: red

Passage: Peter bought two apples on Monday.
Question: Who bought apples?
Answer: Peter

END
# Prompts: with CONTEXT before the question. The right answer's place varies.
questions() {	# CONTEXT
	context=$(awk '{ printf "%s\\n", $0 }' examples)$1 awk -F '|' '{
		right = NR % 4
		printf "{\"prompt\":\"%sQuestion: %s\\nAnswer:\",\"choices\":[",
			ENVIRON["context"], $1
		for (k = 0; k < 4; k++)
			printf "%s\"%s\"", k ? "," : "", $(2 + (k - right + 4) % 4)
		printf "],\"answer\":%d}\n", right
	}' asked
}
# Log-likelihoods per byte choose: the answers differ in length.
ask() {		# NAME CONTEXT
	questions "$2" | score -q -m "$model" --choices >result
	sed 's/.*"questions":\([0-9]*\).*"acc_norm":\([0-9.]*\).*"chance":\([0-9.]*\).*/\1 \2 \3/' result |
		awk -v name="$1" '{ printf "%s\t%d\t%.2f\t%.2f\n", name, $1, $2, $3 }'
}
reply() {	# CONTEXT
	head -n 4 asked | while IFS='|' read -r question rest; do
		{ cat examples; printf '%sQuestion: %s\nAnswer:' "$1" "$question"; } |
			generate -q -m "$model" --greedy -n 12 --stop '
' - | sed "s/^/$question/"
	done
}

context="Passage: $(tr '\n' ' ' <passage)"
echo 'passage	questions	right	chance'
ask absent ''
ask present "$context\\n"
echo
echo 'Without the passage:'
reply ''
echo
echo 'With it:'
reply "$context
"
