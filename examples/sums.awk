# sums.awk - exercises in adding two numbers, for every stage of training
#
#	awk -f sums.awk -v what=text -v n=20000 -v seed=1
#
# what=text     documents(5) of several exercises: a third worked digit by
#               digit, the rest answered at once and half of those wrong, as
#               people on the web do. A model of this text knows how to add
#               and mostly does not bother to.
# what=chat     conversations(5): the same mix, as turns of a chat
# what=prompts  prompts for rlsample(1), each with its right answer; question is
#               the text of the prompt, for those who read rollouts
#
# One pair of numbers in twenty is held out; -v held=1 draws only from those.
# digits=2: digits per number. worked=.3: the share of answers worked out. right=.5:
# that of the others that are right. lines=1: in texts, the answer begins a line.

# Park and Miller's generator: every awk gives the same numbers.
function random() { state = state * 16807 % 2147483647; return state / 2147483647 }
function below(k) { return int(random() * k) }
function held_out(a, b) { return (a * 7919 + b * 104729) % 1009 % 20 == 0 }

function draw(  lo) {
	lo = 10 ^ (digits - 1)
	do {
		a = lo + below(9 * lo)
		b = lo + below(9 * lo)
	} while (held_out(a, b) != held)
}

# Column by column from the right, with the carry last: 7+5=12 1+4+8=13
function work(x, y,   s, carry, i, p, q, sum) {
	for (i = 0; i < digits; i++) {
		p = x % 10; q = y % 10
		x = int(x / 10); y = int(y / 10)
		sum = p + q + carry
		s = s (i ? " " : "") (i ? p "+" q "+" carry : p "+" q) "=" sum
		carry = int(sum / 10)
	}
	return s
}

function answer() {
	if (random() < worked)
		return "Work: " work(a, b) ". Answer: " a + b
	if (random() < right)
		return "Answer: " a + b
	return "Answer: " a + b + (below(2) ? 1 : -1) * (1 + below(20))
}

BEGIN {
	if (!n) n = 1000
	if (!digits) digits = 2
	if (worked == "") worked = .3
	if (right == "") right = .5
	held += 0
	state = 1 + (seed + 0) * 7919 % 2147483646
	for (i = 0; i < 10; i++) random()
	for (i = 1; i <= n; i++) {
		if (what == "text") {
			text = ""
			for (k = 0; k < 8; k++) {
				draw()
				text = text (k ? "\\n" : "") "What is " a "+" b "?" (lines ? "\\n" : " ") answer()
			}
			printf "{\"text\":\"%s\",\"id\":\"sums-%d\"}\n", text, i
		} else if (what == "chat") {
			draw()
			printf "{\"messages\":[{\"role\":\"user\",\"content\":\"What is %d+%d?\"},{\"role\":\"assistant\",\"content\":\"%s\"}]}\n", a, b, answer()
		} else {
			draw()
			printf "{\"id\":\"sum-%d\",\"messages\":[{\"role\":\"user\",\"content\":\"What is %d+%d?\"}],\"question\":\"What is %d+%d?\",\"answer\":\"%d\"}\n", i, a, b, a, b, a + b
		}
	}
}
