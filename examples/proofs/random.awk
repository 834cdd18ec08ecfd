# random.awk - numbers, choices and invented words, the same in every awk; for
# people.awk, tools.awk and nim.awk: awk -f random.awk -f nim.awk -v seed=1 ...

# Park and Miller's generator.
function random() { state = state * 16807 % 2147483647; return state / 2147483647 }
function below(k) { return int(random() * k) }
# One of a|b|c.
function pick(list,  part, k) { k = split(list, part, "|"); return part[1 + below(k)] }
# A word of k syllables.
function syllables(k,  s) {
	while (k-- > 0)
		s = s substr("bdfgklmnprstvz", 1 + below(14), 1) substr("aeiou", 1 + below(5), 1)
	return s
}
function upper(s) { return toupper(substr(s, 1, 1)) substr(s, 2) }

BEGIN {
	state = 1 + (seed + 0) * 7919 % 2147483646
	while (drawn++ < 10) random()
}
