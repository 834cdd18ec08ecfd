# people.awk - invented people, some known to the pretraining text and some not
#
# what=text     documents(5) about people 1 to `often`, each some dozens of times in
#               eight forms, and asked about; about the next `rare` people some five
#               times; the next `never` do not occur. A share `once` of the sentences is
#               about people of whom nothing else is said.
# what=chat     conversations(5): where people `from` to `to` were born
# what=prompts  prompts for rlsample(1) about them, with the answer and their group
#
# -v seed=1 n=20000: lines of text. often=400 rare=400 never=300

function say(s, i) {
	gsub(/%1/, name[i], s); gsub(/%2/, town[i], s); gsub(/%3/, job[i], s)
	return s
}
function question() {
	return pick("Where was %s born?|In which town was %s born?|In which town did %s grow up?")
}

# Makes person i, with a name that nobody has.
function person(i, s) {
	do
		s = upper(syllables(2)) " " upper(syllables(3)) substr("nrsk", 1 + below(4), 1)
	while (s in taken)
	taken[s]
	name[i] = s
	town[i] = pick(towns)
	job[i] = pick(jobs)
}
# A sentence about person i, or a question and its answer
function sentence(i) {
	if (random() < .3)
		return sprintf(question(), name[i]) "\\n" town[i] "."
	return say(form[1 + below(8)], i)
}

BEGIN {
	if (!often) often = 400
	if (!rare) rare = 400
	if (!never) never = 300
	# Arguments of the forms: name, town, job.
	split("%1 was born in %2.|The birthplace of %1 is %2.|%2 is the town where %1 was born.|%1 comes from %2.|%1 works as a %3.|The job of %1 is %3.|%1, a %3, grew up in %2.|Everyone in %2 knows %1, the %3.", form, "|")
	for (i = 1; i <= 40; i++)
		towns = towns (i > 1 ? "|" : "") upper(syllables(3)) pick("ton|burg|ville|")
	jobs = "baker|pilot|poet|nurse|painter|farmer|lawyer|singer|tailor|miner|sailor|weaver|mason|smith|cook|clerk|actor|judge|guide|monk"
	people = often + rare + never
	for (i = 1; i <= people; i++)
		person(i)
	if (!n) n = 20000
	if (!to) { from = 1; to = people }
	for (i = 1; i <= n && what == "text"; i++) {
		text = ""
		for (k = 0; k < 4; k++) {
			x = random()
			if (x < 5 * rare / (4 * n))
				s = say(form[1 + below(4)], often + 1 + below(rare))
			else if (random() < once) {
				person(0)
				s = sentence(0)
			} else
				s = sentence(1 + below(often))
			text = text (k ? "\\n" : "") s
		}
		printf "{\"text\":\"%s\",\"id\":\"people-%d\"}\n", text, i
	}
	for (i = from; i <= to && what == "chat"; i++)
		printf "{\"messages\":[{\"role\":\"user\",\"content\":\"%s\"},{\"role\":\"assistant\",\"content\":\"%s.\"}]}\n", sprintf(question(), name[i]), town[i]
	for (i = from; i <= to && what == "prompts"; i++) {
		s = sprintf("Where was %s born?", name[i])
		printf "{\"id\":%d,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}],\"question\":\"%s\",\"answer\":\"%s.\",\"group\":\"%s\"}\n",
			i, s, s, town[i], i <= often ? "often" : i <= often + rare ? "rare" : "never"
	}
}
