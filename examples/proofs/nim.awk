# nim.awk - games of Nim, for nim.sh: take one to three, the last stone wins
#
# what=games    games of a mediocre player, as documents: it sees the win with seven
#               stones or fewer, mostly, and else takes what it can
# what=prompts  starts from `from` to `to`, n of them in turn, whose ids begin after `past`
# what=moves    rollouts of games to rollouts of their moves: the reward of a move is
#               the value of the position that it leads to, less the mean of this over
#               the moves in the position that it leaves, over their standard deviation
#               and a tenth. The value is the chance of winning, from how often each
#               move was made in these games and how the opponent has answered so far,
#               which the file `known` keeps. A move that does not begin with the
#               stones that are there is a lie, and loses; so does anything else in
#               place of a move. After the last one a player has to end its turn.
# what=lost     n starts, in proportion to how far the moves made from each fall short of
#               the best one, by the file `known`; what was never answered counts as won
# what=result   for each such rollout "won" or "lost"
# what=perfect  the share of games from 12 to 21 that perfect play wins, and mediocre
#
# -v seed=1 n=1000

function atmost(n) { return n < 3 ? n : 3 }
function any(n) { return 1 + below(atmost(n)) }
function mediocre(n,  x) {
	if (n <= 7 && n % 4)
		return random() < .8 ? n % 4 : any(n)
	x = random()
	x = x < .80 ? 3 : x < .985 ? 2 : 1
	return x < n ? x : n
}
function opponent(n) { return n % 4 && random() < .5 ? n % 4 : any(n) }

# A game from n stones, as text with the tool's results.
function game(n, perfect,  s, take) {
	won = 0
	s = ""
	while (1) {
		take = perfect ? (n % 4 ? n % 4 : 1) : mediocre(n)
		s = s "<take>" n "-" take "</take>"
		n -= take
		if (!n) { won = 1; return s "won" }
		n -= opponent(n)
		if (!n) return s "lost"
		s = s n
	}
}

function list(key,  s) {
	s = substr($0, index($0, "\"" key "\":[") + length(key) + 4)
	sub(/\].*/, "", s)
	return s
}

# The results of the tool, of tokens that were not sampled: 16, ... and then won or lost.
# A digit is a token, whose id is its byte.
function read_results(  i, run) {
	nid = split(list("ids"), id, ",")
	split(list("mask"), mask, ",")
	split(list("logprobs"), logprob, ",")
	split("", told)
	for (i = 1; i <= nid; i++) {
		run += mask[i] < mask[i - 1]
		if (mask[i] == 0)
			told[run] = id[i] >= 48 && id[i] <= 57 ? told[run] (id[i] - 48) : "end"
	}
}

# One game's moves, kept until the values are known.
function read_moves(  text, k, at, i, prefix, move, here, run, end, after) {
	read_results()
	text = string("text")
	here = string("start") + 0
	nmove = 0
	result = over = 0
	# The positions and what the model wrote there: "<take>13-3</take>".
	while (1) {
		end = index(text, "</take>")
		move = substr(text, 1, end ? end - 1 : 0)
		position[++nmove] = here
		after[nmove] = here - substr(move, length(move))
		if (move !~ "^<take>" here "-[123]$" || after[nmove] < 0) {
			after[nmove] = "lie"
			break
		}
		here = told[nmove]
		text = substr(text, end + 7)
		if (here == "end") {
			result = text ~ /^won/
			if (text ~ /^(won|lost)/)
				answered[after[nmove] " " (result ? "won" : "lost")]++
			over = text ~ /^(won|lost)$/
			position[++nmove] = "over"
			after[nmove] = over ? "ended" : "went on"
			break
		}
		taken = after[nmove] - here
		if (here !~ /^[0-9]+$/ || taken < 1 || taken > 3)
			break	# cut off
		answered[after[nmove] " " here]++
		text = substr(text, 1 + length(here))
	}
	prefix = list("prompt_ids")
	for (i = 1; i <= nid && k < nmove; ) {
		if (mask[i] != 1) {
			prefix = prefix "," id[i++]
			continue
		}
		k++
		run = ""
		at = prefix
		probs = ""
		ones = ""
		for (; i <= nid && mask[i] == 1; i++) {
			run = run (run == "" ? "" : ",") id[i]
			probs = probs (probs == "" ? "" : ",") logprob[i]
			ones = ones (ones == "" ? "" : ",") 1
			prefix = prefix "," id[i]
		}
		m++
		where[m] = position[k]
		into[m] = after[k]
		made[position[k]]++
		made_to[position[k] " " after[k]]++
		line[m] = "\"prompt_ids\":[" at "],\"ids\":[" run "],\"mask\":[" ones "],\"logprobs\":[" probs "],\"stop\":\"tool\",\"text\":\"\",\"model_hash\":\"" string("model_hash") "\""
	}
}

# The value of each position that a move leads to, and of these the mean and the best
# where moves were made, from the end of the game backwards: value[], mean[], best[].
function find_values(  stones, left, key, part, total, sum) {
	value["won"] = value["ended"] = 1
	value["lost"] = value["lie"] = value["went on"] = 0
	for (key in answered) {
		split(key, part, " ")
		total[part[1]] += answered[key]
	}
	for (stones = 0; stones <= to; stones++) {
		# With so many stones the player moves, then the opponent.
		sum = 0
		for (left = stones - 1; left >= 0 && left >= stones - 3; left--) {
			sum += made_to[stones " " left] * value[left]
			if (value[left] > best[stones])
				best[stones] = value[left]
		}
		mean[stones] = made[stones] ? sum / made[stones] : best[stones]
		sum = answered[stones " won"]
		for (left = stones - 1; left >= 1 && left >= stones - 3; left--)
			sum += answered[stones " " left] * mean[left]
		value[stones] = total[stones] ? sum / total[stones] : 1
	}
	if (made["over"])
		mean["over"] = made_to["over ended"] / made["over"]
}

function prompt(which, stones) {
	printf "{\"id\":%d,\"messages\":[{\"role\":\"user\",\"content\":\"%d stones.\"}],\"start\":\"%d\"}\n", which, stones, stones
}

BEGIN {
	if (!n) n = 1000
	if (!from) from = 1
	if (!to) to = 21
	for (i = 1; i <= n && what == "games"; i++) {
		k = from + below(to - from + 1)
		printf "{\"prompt\":\"%d stones.\",\"completion\":\"%s\"}\n", k, game(k, 0)
	}
	for (i = 1; i <= n && what == "prompts"; i++) {
		k = from + (i - 1) % (to - from + 1)
		prompt(past + i, k)
	}
	if (what == "perfect") {
		for (i = 1; i <= n; i++) {
			game(12 + i % 10, 1); p += won
			game(12 + i % 10, 0); q += won
		}
		printf "%.3f\t%.3f\n", p / n, q / n
	}
	if (what == "games" || what == "prompts" || what == "perfect") exit
}
BEGIN {
	while (known && (getline <known) > 0)
		if ($1 == "short")
			short[$2] = $3
		else
			answered[$1 " " $2] = $3
	close(known)
	if (what == "lost") {
		for (k = 1; k <= to; k++)
			all += short[k] += 1e-9
		k = 1
		through = short[1]
		for (i = 1; i <= n; i++) {
			while (k < to && through < (i - .5) / n * all)
				through += short[++k]
			prompt(past + i, k)
		}
		exit
	}
}
{ read_moves() }
what == "result" { print (result ? "won" : "lost") }
END {
	if (what != "moves") exit
	find_values()
	for (i = 1; i <= m; i++) {
		gain[i] = value[into[i]] - mean[where[i]]
		spread[where[i]] += gain[i] ^ 2 / made[where[i]]
	}
	for (i = 1; i <= m; i++)
		printf "{\"id\":%d,\"sample\":0,%s,\"reward\":%.6f}\n", i, line[i],
			gain[i] / (sqrt(spread[where[i]]) + .1)
	for (key in answered)
		if (answered[key])
			print key, answered[key] >known
	for (stones = 1; stones <= to; stones++)
		print "short", stones, best[stones] - mean[stones] >known
}
