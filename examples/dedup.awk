# dedup.awk - keeps the first of documents with equal texts, as dedup --by exact
#
#	awk -f dedup.awk docs.jsonl
#
# Texts are compared as written: "a" and "\u0061" differ.
match($0, /"text":"([^"\\]|\\.)*"/) {
	text = substr($0, RSTART, RLENGTH)
	if (!(text in seen))
		print
	seen[text]
}
