# tools.awk - questions that small models get wrong, with and without tools
#
# what=text     documents(5): such questions with their answers, lines to be copied, where
#               some people were born, and verses in their order
# what=bare     conversations(5): the questions, answered from the head
# what=tools    the same, answered by a call: <calc>..</calc>, <py>..</py>,
#               <search>..</search>, each with its <result>..</result>
# what=prompts  prompts for rlsample(1) with answer and kind
# what=people   documents(5) for the search: where people were born whom no text names
#
# -v seed=1 n=1000: how many

function count(letter, word) { return gsub(letter, letter, word) }

function decimals(two) { return (two ? 1 + below(9) : "") (1 + below(9)) }

# Which comes later, as in the Bible: 9.11 after 9.9.
function verses(  book, x, y) {
	book = 1 + below(20)
	x = 1 + below(30)
	y = 1 + below(30)
	y += x == y
	return "Verse " book "." (x > y ? x : y) " comes after verse " book "." (x > y ? y : x) "."
}

# Sets kind, question, answer, call, result and reply.
function draw(  a, b, c, word, letter, x, y, who) {
	kind = pick("letters|multiply|compare|person")
	if (kind == "letters") {
		word = syllables(2 + below(3))
		letter = below(4) ? substr(word, 1 + below(length(word)), 1) : substr("aeiou", 1 + below(5), 1)
		question = "How many " letter " are in " word "?"
		answer = count(letter, word)
		call = "<py>print('" word "'.count('" letter "'))</py>"
		result = answer
	} else if (kind == "multiply") {
		a = 100 + below(900); b = 11 + below(89)
		question = "What is " a " times " b "?"
		answer = a * b
		call = "<calc>" a "*" b "</calc>"
		result = answer
	} else if (kind == "compare") {
		# Numbers of two lengths, unless their wholes are equal; in prompts, as 9.9
		# and 9.11, they are.
		a = 1 + below(20)
		b = below(2)
		c = what ~ /^p/ ? !b : below(2)
		word = what !~ /^p/ && b != c ? 1 + (a + below(19)) % 20 : a
		x = a "." decimals(b); y = word "." decimals(c)
		while (x == y)
			y = word "." decimals(c)
		question = "Which is larger, " x " or " y "?"
		answer = x + 0 > y + 0 ? x : y
		call = "<calc>" x " ? " y "</calc>"
		result = x " " (x + 0 > y + 0 ? ">" : x + 0 < y + 0 ? "<" : "=") " " y
	} else {
		who = upper(syllables(2)) " " upper(syllables(3)) "s"
		answer = upper(syllables(3)) pick("ton|burg|ville")
		question = "Where was " who " born?"
		call = "<search>" who "</search>"
		born = who " was born in " answer "."
		result = "[1] " born
	}
	reply = answer "."
}

BEGIN {
	if (!n) n = 1000
	for (i = 1; i <= n; i++) {
		if (what == "text") {
			text = ""
			for (k = 0; k < 4; k++) {
				draw()
				if (random() < .4) {
					call = pick("Say|Repeat|Copy|Write") " "
					if (below(2))
						call = call syllables(2 + below(3)) below(100) "*" below(1000)
					else
						call = call below(20) "." decimals(below(2)) " ? " below(20) "." decimals(below(2))
					line = call ": " substr(call, index(call, " ") + 1) "."
				} else if (kind == "compare" && below(2))
					line = verses()
				else
					line = kind == "person" ? born " " question " " reply : question " " reply
				text = text (k ? "\\n" : "") line
			}
			printf "{\"text\":\"%s\",\"id\":\"%d\"}\n", text, i
			continue
		}
		draw()
		if (what == "bare" || what == "tools")
			printf "{\"messages\":[{\"role\":\"user\",\"content\":\"%s\"},{\"role\":\"assistant\",\"content\":\"%s\"}]}\n",
				question, what == "bare" ? reply : call "<result>" result "</result>" reply
		if (what == "prompts")
			printf "{\"id\":%d,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}],\"question\":\"%s\",\"answer\":\"%s\",\"kind\":\"%s\"}\n",
				i, question, question, answer, kind
		if (what == "people" && kind == "person")
			printf "{\"text\":\"%s\",\"id\":\"%d\"}\n", born, i
	}
}
