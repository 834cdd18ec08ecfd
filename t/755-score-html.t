#!/bin/sh
# score --html: what the page says is what the network does, and untrusted text
# stays text.
. "${0%/*}/lib.sh"
sh "$TOP/t/samples.sh" s >log 2>&1 || skip_all 'no samples: see t/samples.sh'
cd s || exit 1

# ---- inside -------------------------------------------------------------------
for isa in c "${PIPELM_ISA:-}"; do
	ok "PIPELM_ISA=$isa: watched attention is that of the definition, its sums are 1, and the pass the same" "
		export PIPELM_ISA=$isa
		for shape in 'gpt2 kv=6' 'llama kv=2' 'qwen3 kv=3'; do
			rm -rf r && unit mkmodel r arch=\$shape width=48 heads=6 layers=3 scale=4 context=64
			unit inside r 1 dump >&2
			unit inside r 37 dump >&2
		done
	"
done

# ---- the page -----------------------------------------------------------------
head -n 3 docs.jsonl >few
ok 'the totals are the same with a page' '
	score -q -m base few >want
	score -q -m base --html p.html few >got
	cmp want got
'
ok 'the page needs nothing from elsewhere' '
	not grep -Eo "(src|href|url|import|@import|fetch|XMLHttpRequest)[=(\"'"'"' ]+[^#\"'"'"' )]+" p.html >&2
	not grep -E "https?:|//[a-z]" p.html >&2
	[ "$(grep -c "<html" p.html)" = 1 ]
	tail -n 1 p.html | grep -qx "</html>"
'
if command -v python3 >/dev/null; then
ok 'the data of the page are those of score --tokens, and the last lens is the prediction' '
	score -q -m base --tokens --top 10 --context 64 few >tokens
	cat >check.py <<-X
	import html, json, math, re
	page = open("p.html").read()
	D = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	lines = {}
	for line in open("tokens"):
	    x = json.loads(line)
	    lines.setdefault(x["doc"], []).append(x)
	blocks = re.findall("<script type=\"application/json\" id=\"inside-[0-9]*\">(.*?)</script>",
	    page, re.S)
	assert len(blocks) == len(lines) == 3
	for name, block in zip(lines, blocks):
	    d, want = json.loads(block), lines[name]
	    n, last = len(d["ids"]), d["lens"][d["layers"]]
	    assert n == 64 and len(d["lens"]) == d["layers"] + 1 == 3
	    assert last["logprob"] == d["logprob"]
	    assert [b[:6] for b in d["best"]] == last["best"]
	    for i in range(n - 1):
	        w = want[i]
	        assert w["id"] == d["ids"][i + 1] and w["rank"] == d["rank"][i]
	        assert abs(d["logprob"][i] + 100 * w["logprob"]) <= .51
	        assert abs(d["entropy"][i] - w["entropy"]) <= .006
	        assert d["best"][i][0::2] == [t[0] for t in w["top"]]
	        assert w["text"] == d["words"][str(w["id"])]
	        for a, b in zip(d["best"][i][1::2], w["top"]):
	            assert abs(a + 100 * b[1]) <= .51
	    for layer in d["attention"]:
	        assert len(layer) == d["heads"]
	        for head in layer:
	            at = 0
	            for t in range(n):
	                row, at = {}, at + 1
	                for k in range(D.index(head[at - 1])):
	                    x = [D.index(c) for c in head[at:at + 4]]
	                    row[64 * x[0] + x[1]] = (64 * x[2] + x[3]) / 4095
	                    at += 4
	                assert all(k <= t for k in row) and sum(row.values()) <= 1.01
	                assert sum(row.values()) > .98 or t > 50
	            assert at == len(head)
	    assert all(len(l["norm"]) == n for l in d["lens"])
	    shown = re.findall("<i class=\"[^\"]*\" data-i=\"[0-9]*\">(.*?)</i>", page, re.S)
	text = html.unescape(re.sub("<u>.*?</u>", "", "".join(shown)))
	assert text.count("What is") > 9, text
	X
	python3 check.py
'
ok 'untrusted text is escaped everywhere' '
	{ printf "%s\n" "{\"text\":\"</script><script>alert(1)</script><img src=x onerror=alert(2)> & \\\" '"'"' \\u0000\\u0007\\ud83d\\ude00 <!-- \",\"id\":\"<b onclick=x>&\"}"
	} >hostile
	score -q -m base --html h.html hostile >/dev/null
	not grep -i "<img\|<b onclick\|<script>alert\|</script><script>a" h.html >&2
	grep -q "&lt;b onclick=x&gt;&amp;" h.html
	not grep "$(printf "\007")" h.html
	cat >strict.py <<-X
	import html.parser, json
	class P(html.parser.HTMLParser):
	    stack, names, data = [], {}, []
	    def handle_starttag(self, tag, attrs):
	        self.names[tag] = self.names.get(tag, 0) + 1
	        assert not any(k.startswith("on") for k, _ in attrs), attrs
	        if tag not in ("meta", "input", "line", "path", "rect", "br"):
	            self.stack.append(tag)
	        if tag == "script" and dict(attrs).get("type"):
	            self.data.append("")
	    def handle_endtag(self, tag):
	        assert self.stack.pop() == tag, tag
	    def handle_startendtag(self, tag, attrs): pass
	    def handle_data(self, s):
	        if self.stack[-1:] == ["script"] and self.names["script"] == 1:
	            self.data[-1] += s
	p = P()
	p.feed(open("h.html").read())
	p.close()
	assert p.stack == [] and p.names["script"] == 3, (p.stack, p.names)
	d = json.loads(p.data[0])
	assert "img" not in p.names and p.names["h2"] == 1
	X
	python3 strict.py
'
else skip 'the data of the page' 'there is no python3'; fi
ok 'texts of no, one and two tokens' '
	{ doc 1 ""; doc 2 a; } | score -q -m base --no-bos --html tiny.html >got
	{ doc 1 ""; doc 2 a; } | score -q -m base --html tiny1.html >got
	grep -q "The text is empty" tiny.html
	grep -q ">1 tokens" tiny1.html
	grep -q "inside-2" tiny.html
'
ok 'conversations too' '
	score -q -m chat --chat --html c.html conv.jsonl --html-texts 2 2>err >got
	[ "$(grep -c "class=.inside." c.html)" = 2 ]
	grep -q "198 more texts are not on this page" c.html
	grep -q "c.html shows the first 2 texts" err
'
ok 'a long text is cut to the context, and the page says so' '
	grep -q "64 tokens, the first of [0-9]*;" p.html
'
ok 'at 500 tokens the page of a model with 16 heads is below 1.5 MB' '
	unit mkmodel wide layers=4 heads=4 width=64 context=512 scale=3
	docs -q text.txt | score -q -m wide --html big.html --context 500 >/dev/null 2>&1
	grep -q ">500 tokens, the first of" big.html
	[ "$(wc -c <big.html)" -lt 1500000 ]
'
ok 'the same bytes with any number of threads' '
	score -q -j1 -m base --html p1.html few >got
	score -q -j3 -m base --html p3.html few >got
	cmp p1.html p3.html
'
fails 1 'a full disk' 'score -q -m base --html /dev/full few' 'score: .*/dev/full'
fails 2 'page and results both on standard output' 'score -m base --html - few' '^score: --html'
fails 2 'no page of questions' 'score -m base --choices --html p few' \
	'^score: --html shows documents or conversations'
fails 2 '--html-texts alone' 'score -m base --html-texts 3 few' 'no effect without --html'
done_testing
