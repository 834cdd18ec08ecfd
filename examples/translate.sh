#!/bin/sh
# translate.sh MODEL [WORD ...] - a base model translates from French to English
# because of the examples in its prompt: nothing is trained.
#
# First the share of words whose right translation is the likeliest of four, after
# 0, 1, 3 and 9 examples; then the model's own translations of the words.
set -eu
[ $# -ge 1 ] || { echo "usage: translate.sh MODEL [WORD ...]" >&2; exit 2; }
model=$1
shift
[ $# -gt 0 ] || set -- fromage fenêtre dormir

# The first nine are the examples, the others are asked.
pairs='pain: bread
maison: house
chien: dog
parler: to speak
eau: water
vert: green
école: school
écrire: to write
nuit: night
chat: cat
lait: milk
livre: book
rouge: red
blanc: white
soleil: sun
lune: moon
ami: friend
manger: to eat
boire: to drink
ville: city
église: church
cheval: horse
oiseau: bird
arbre: tree
fleur: flower
main: hand
tête: head
cœur: heart
hiver: winter
été: summer
matin: morning
porte: door
clé: key'

# Questions with SHOTS examples: the right word and three from the list.
questions() {	# SHOTS
	printf '%s\n' "$pairs" | awk -F ': ' -v shots="$1" '
		{ french[NR] = $1; english[NR] = $2 }
		END {
			for (i = 1; i <= shots; i++)
				examples = examples french[i] ": " english[i] "\\n"
			for (i = 10; i <= NR; i++) {
				right = i % 4
				printf "{\"prompt\":\"%s%s:\",\"choices\":[", examples, french[i]
				for (k = 0; k < 4; k++)
					printf "%s\"%s\"", k ? "," : "",
						english[10 + (i - 10 + (k - right + 4) % 4 * 5) % (NR - 9)]
				printf "],\"answer\":%d}\n", right
			}
		}'
}
number() { sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p" result; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
echo 'examples	questions	right	chance'
for shots in 0 1 3 9; do
	questions $shots | score -q -m "$model" --choices >"$work/result"
	(cd "$work" && printf '%s\t%s\t%.2f\t%.2f\n' $shots "$(number questions)" \
		"$(number acc)" "$(number chance)")
done

examples=$(printf '%s\n' "$pairs" | head -n 9)
for word; do
	printf '%s\n%s:' "$examples" "$word" |
		generate -q -m "$model" --greedy -n 12 --stop '
' - | sed "s/^/$word:/"
done
