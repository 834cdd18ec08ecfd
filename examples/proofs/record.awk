# record.awk - JSON lines: what stands after the first occurrence of a key in the line,
# and a line of conversations(5)

# A string, escaped as it is, without its quotes.
function string(key,  s) {
	s = substr($0, index($0, "\"" key "\":\"") + length(key) + 4)
	match(s, /^([^"\\]|\\.)*/)
	return substr(s, 1, RLENGTH)
}
function number(key) {
	return substr($0, index($0, "\"" key "\":") + length(key) + 3) + 0
}
# Both are strings as they stand in JSON.
function conversation(user, assistant) {
	printf "{\"messages\":[{\"role\":\"user\",\"content\":\"%s\"},{\"role\":\"assistant\",\"content\":\"%s\"}]}\n", user, assistant
}
