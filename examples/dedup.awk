# dedup.awk - of documents with the same text the first, as dedup --by exact does
#
#	awk -f dedup.awk docs.jsonl
#
# Texts are compared as they are written: "a" and "\u0061" are two.
match($0, /"text":"([^"\\]|\\.)*"/) {
	text = substr($0, RSTART, RLENGTH)
	if (!(text in seen))
		print
	seen[text]
}
