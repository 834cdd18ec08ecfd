# nim.awk - games of Nim, for nim.sh: take one to three, the last stone wins
#
# what=games    games of a mediocre player, as documents: it sees the win with seven
#               stones or fewer, mostly, and else takes what it can
# what=prompts  starts from `from` to `to`, n of them in turn, whose ids begin after `past`
# what=moves    rollouts of games to rollouts of their moves: the reward of a move is
#               the share of games won through the position that it leads to, less the
#               share through the one that it leaves, over the standard deviation of
#               this in that position. A move that does not begin with
#               the stones that are there is a lie, and loses; so does anything else
#               in place of a move. After the last one a player has to end its turn.
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

# One game's moves, kept until the means are known.
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
			over = text ~ /^(won|lost)$/
			position[++nmove] = "over"
			after[nmove] = over ? "ended" : "went on"
			break
		}
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
		good = position[k] == "over" ? over : result
		through[after[k]]++
		won_through[after[k]] += good
		line[m] = "\"prompt_ids\":[" at "],\"ids\":[" run "],\"mask\":[" ones "],\"logprobs\":[" probs "],\"stop\":\"tool\",\"text\":\"\",\"model_hash\":\"" string("model_hash") "\""
		sum[position[k]] += good
		count[position[k]]++
	}
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
		printf "{\"id\":%d,\"messages\":[{\"role\":\"user\",\"content\":\"%d stones.\"}],\"start\":\"%d\"}\n", past + i, k, k
	}
	if (what == "perfect") {
		for (i = 1; i <= n; i++) {
			game(12 + i % 10, 1); p += won
			game(12 + i % 10, 0); q += won
		}
		printf "%.3f\t%.3f\n", p / n, q / n
	}
	if (what != "moves" && what != "result") exit
}
{ read_moves() }
what == "result" { print (result ? "won" : "lost") }
END {
	for (i = 1; i <= m && what == "moves"; i++) {
		gain[i] = won_through[into[i]] / through[into[i]] - sum[where[i]] / count[where[i]]
		spread[where[i]] += gain[i] ^ 2 / count[where[i]]
	}
	for (i = 1; i <= m && what == "moves"; i++)
		printf "{\"id\":%d,\"sample\":0,%s,\"reward\":%.6f}\n", i, line[i],
			gain[i] / (sqrt(spread[where[i]]) + .02)
}
