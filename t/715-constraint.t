#!/bin/sh
# --regex and --json: what a text may be, and that answers are that.
. "${0%/*}/lib.sh"

needs_command python3

# table NAME KIND WHAT: each line of the table is a verdict and a text; the
# letters and escapes are those of unit/constraint.c.
table() {
	cat >table
	sed 's/^..\{0,1\}//' table >texts
	cut -c1 table >want
	ok "$1" "
		unit constraint $2 '$3' <texts >got
		cmp got want || { paste -d' ' got texts | diff - table; false; } >&2
	"
}

# ---- JSON ----

table 'any JSON value' json true <<'X'
P 
P {
Z {}
P {"a":
Z {"a":1,"b":[true,null,{"c":"d"}]}
X {"a":1,}
X {,
X {a
X {"a"1
X {"a":}
X {"a" :
P [
Z []
Z [1, 2,3]
X [1,]
X [,
P [1
C 0
C -0
X 00
X 01
X +1
X .5
P -
P 1.
C 1.50
P 1e
P 1E-
C 1E-5
X 1e+-
C 123456789012345678
X 1234567890123456789
X 1e100
Z true
P tr
X tre
Z null
X nul1
X NaN
Z ""
P "
Z "a\\\"b\u00e9\/"
X "\q
X "\u00g
X "\ud8
Z "\uD7ff"
X "\x0a
X "\x1f
Z "\xc3\xa9"
P "\xc3
X "\xc3"
X "\xc0
X "\xe0\x9f
X "\xed\xa0
Z "\xf0\x9f\x98\x80"
X "\xf4\x90
X "\xff
X "\x80
X [}
X {"a":1]
X 1 2
X {} 
X 'a
P  
C  1
X   1
C \n    1
X \n\n1
Z {\n  "a": [\n    1,\n    2\n  ]\n}
X {"a":  1
X x
X ]
X }
X ,
X \x00
X \xef\xbb\xbf1
X "\x00
Z {"a":1,"a":2}
X //
X

table 'an object with listed properties' json '{"type":"object","properties":{"a":{"type":"integer"},"ab":{"type":"string"},"c":{"type":"boolean"}},"required":["a"]}' <<'X'
P {
X {}
Z {"a":1}
X {"a":"x
X {"a":1.
X {"a":1e
Z {"ab":"x","a":1}
Z {"a":1,"ab":"","c":true}
Z {"c":false,"a":-5,"ab":"y"}
X {"c":1
X {"b
P {"a":1,"a
X {"a":1,"a"
X {"abc
X {"\u0061
P {"a":1,
X {"a":1,}
X {"ab":"x"}
X {"ab":"x","a":1,"c":null
X {"a":1,"c":true,"ab":"",
X [
X 1
X null
X
table 'other properties, if they are allowed' json '{"properties":{"a":{"const":1}},"additionalProperties":{"type":"string"},"required":["b"]}' <<'X'
X {}
Z {"b":"x"}
X {"b":1
Z {"a":1,"b":""}
X {"a":2
X {"a":"x
Z {"ab":"x","b":"y"}
X {"a":1,"a"
Z {"b":"y","a":1,"aa":"z"}
X {"x\n
X {"\u0061
Z {"\xc3\xa9":"x","b":""}
P {"\xc3
X {"\xc3"
X
table 'no property at all' json '{"type":"object","additionalProperties":false}' <<'X'
Z {}
X {"
Z { }
X
table 'names with quotes, backslashes and other characters' json '{"properties":{"a\"b":{},"\\":{},"é/\n":{},"":{}}}' <<'X'
Z {"a\"b":1}
X {"a"
X {"a\\"
P {"a\
Z {"\\":1}
X {"\xc3\xa9/\n":1}
Z {"\xc3\xa9/\x5cn":1}
X {"\xc3\xaa
Z {"":[],"\\":2}
X {"":1,""
X
table 'arrays' json '{"type":"array","items":{"type":"number"},"minItems":1,"maxItems":3}' <<'X'
P [
X []
Z [1]
Z [1,2.5,3e9]
X [1,2,3,
P [1,2,
X ["
X [1,[
X
table 'an array without items' json '{"type":"array","maxItems":0}' <<'X'
Z []
X [1
X [n
X
table 'lengths are in characters' json '{"type":"string","minLength":2,"maxLength":3}' <<'X'
X ""
X "a"
Z "ab"
Z "abc"
X "abcd
X "\xc3\xa9\xf0\x9f\x98\x80\n"
Z "\xc3\xa9\xf0\x9f\x98\x80\x5cn"
X "\u00e9"
Z "\u00e9\u00e8"
X 12
X
table 'enum and const: values as compact JSON' json '{"enum":["a","ab",1,12,-1.5,true,null,{"x":[1, "é"]}]}' <<'X'
Z "a"
Z "ab"
X "b
X "abc
C 1
Z 12
X 13
X 123
Z -1.5
Z true
X false
Z null
Z {"x":[1,"\xc3\xa9"]}
X {"x": 
P {"x":
X
table 'enum with a type' json '{"type":["string","integer"],"enum":["a",1,2.5,null]}' <<'X'
Z "a"
Z 1
X 2
X n
X
table 'alternatives' json '{"anyOf":[{"type":"integer"},{"type":"null"},{"type":"array","items":{"anyOf":[{"const":"ab"},{"type":"string","maxLength":2}]}},{"properties":{"k":{"const":1},"x":{"type":"string"}},"required":["k","x"]},{"properties":{"k":{"const":2},"y":{"type":"string"}},"required":["k","y"]}]}' <<'X'
C 5
X 5.
Z null
Z ["ab","xy",""]
X ["abc
Z {"k":1,"x":"a"}
X {"k":1,"y
Z {"k":2,"y":"a"}
X {"k":2}
Z {"y":"a","k":2}
X {"y":"a","k":1
X "
X
table 'types in a list' json '{"type":["object","null","boolean"],"properties":{"a":{}}}' <<'X'
Z null
Z true
Z {"a":[{"b":"c"}]}
X 1
X {"b
X
table 'references, also to itself' json '{"$defs":{"tree":{"type":"object","properties":{"v":{"type":"integer"},"l":{"$ref":"#/$defs/tree"},"r":{"$ref":"#/$defs/tree"}},"required":["v"]},"a/b~":{"const":1}},"type":"array","items":{"anyOf":[{"$ref":"#/$defs/tree"},{"$ref":"#/$defs/a~1b~0"},{"$ref":"#"}]}}' <<'X'
Z [{"v":1}]
Z [{"v":1,"l":{"v":2,"r":{"v":3}}}]
X [{"l":{"v":2}}]
Z [1,[1,[]]]
X [2
X

nested() { python3 -c "print('$1' * $2)"; }
ok 'depth is limited' '
	{ nested "[" 64; nested "[" 65; nested "{\"a\":" 63
	  nested "{\"a\":" 64; } | unit constraint json true >got
	printf "P\nX\nP\nX\n" | cmp - got
'
ok 'endless references and a hundred alternatives do no harm' '
	echo "{" | unit constraint json "{\"\$ref\":\"#\"}" >got
	[ "$(cat got)" = X ]
	python3 -c "print(\"{\\\"anyOf\\\":[\" + \",\".join([\"{\\\"anyOf\\\":[{\\\"type\\\":\\\"array\\\"},{\\\"type\\\":\\\"object\\\"}]}\"] * 100) + \"]}\")" >many
	echo "[[[[[[1]]]]]]" | unit constraint json "$(cat many)" >got
	[ "$(cat got)" = Z ]
'
for bad in 'pattern|{"type":"string","pattern":"a"}' 'format|{"format":"date"}' \
	'minimum|{"type":"integer","minimum":1}' 'oneOf|{"oneOf":[{}]}' \
	'allOf|{"properties":{"a":{"allOf":[{}]}}}' 'not|{"not":{}}' \
	'patternProperties|{"patternProperties":{}}' 'uniqueItems|{"uniqueItems":true}' \
	'prefixItems|{"items":{"prefixItems":[]}}' 'multipleOf|{"multipleOf":2}' \
	'if|{"if":{}}' 'propertyNames|{"propertyNames":{}}' \
	'$dynamicRef|{"$dynamicRef":"#a"}' 'typo|{"typo":1}'; do
	fails 1 "the keyword ${bad%%|*} is refused by name" \
		"unit constraint json '${bad#*|}' </dev/null" \
		"keyword is not supported: \"[$]?${bad%%|*}\"|keyword is not supported: \"\\${bad%%|*}\""
done
for bad in '1' '"a"' '[]' 'false' '{"type":"text"}' '{"type":[]}' '{"type":1}' \
	'{"enum":[]}' '{"enum":1}' '{"type":"integer","const":"a"}' '{"anyOf":[]}' \
	'{"anyOf":{}}' '{"$ref":"#/x"}' '{"$ref":"other.json"}' '{"$ref":1}' \
	'{"minLength":3,"maxLength":2}' '{"minItems":-1}' '{"maxItems":1.5}' \
	'{"properties":[]}' '{"required":"a"}' '{"required":[1]}' \
	'{"properties":{},"required":["a"]}' '{"const":1,"enum":[1]}' \
	'{"anyOf":[{}],"properties":{}}' '{"$ref":"#","type":"object"}' \
	'{"enum":["a"],"minLength":1}' '{"items":false}'; do
	fails 1 "the schema $bad is refused" \
		"unit constraint json '$bad' </dev/null" '^constraint: [^ ]'
done

# Texts made of allowed bytes, at random, are what Python's reader accepts.
schema='{"type":"object","properties":{"name":{"type":"string","minLength":1,"maxLength":9},"n":{"type":["integer","null"]},"x":{"type":"number"},"tags":{"type":"array","items":{"enum":["a","b c",1]},"minItems":1,"maxItems":4},"next":{"anyOf":[{"type":"null"},{"$ref":"#"}]},"free":{},"more":{"type":"object","additionalProperties":{"type":"boolean"}}},"required":["name","n"]}'
ok 'random walks give valid JSON that satisfies the schema' '
	seq 1 300 >seeds
	unit constraint walk "$schema" <seeds >walks
	unit constraint walk true <seeds >any
	not grep -l stuck walks any
	python3 -c "import json
def ok(v):
    assert set(v) <= {\"name\", \"n\", \"x\", \"tags\", \"next\", \"free\", \"more\"}
    assert 1 <= len(v[\"name\"]) <= 9 and type(v[\"n\"]) in (int, type(None))
    assert isinstance(v.get(\"x\", 1), (int, float))
    t = v.get(\"tags\", [1])
    assert 1 <= len(t) <= 4 and all(x in (\"a\", \"b c\", 1) for x in t)
    assert all(type(x) is bool for x in v.get(\"more\", {}).values())
    if v.get(\"next\") is not None: ok(v[\"next\"])
def pairs(p):
    assert len(dict(p)) == len(p) or \"name\" not in dict(p), p
    return dict(p)
n = 0
for line in open(\"walks\", encoding=\"utf-8\", newline=\"\\n\"):
    v = json.loads(line, object_pairs_hook=pairs); ok(v); n += 1
for line in open(\"any\", encoding=\"utf-8\", newline=\"\\n\"):
    json.loads(line); n += 1
assert n == 600"
'

# ---- regular expressions ----

table 'a pattern holds for the whole text' regex '(a+|aabc)[0-9]{2}' <<'X'
P 
P a
P aab
X b
X aac
P aabc1
C aabc12
C a12
X a123
X 1
X
table 'a pattern with characters beyond ASCII' regex '[а-яё]+|x.y|[^\x00-\x{ffff}]' <<'X'
P \xd0
C \xd0\xb0
C \xd1\x91
X \xd1\x90\xff
X \xc3
X \xe2
X \xd0\xd0
P x\xe2
P x\xe2\x82
P x\xe2\x82\xac
C x\xe2\x82\xacy
P \xf0
P \xf0\x9f\x98
C \xf0\x9f\x98\x80
X \xf5
X x\xed\xa0
X x\xc0
X
table 'a class with a single character among 4,096' regex '\p{Zs}!' <<'X'
P \xe1
P \xe1\x9a
P \xe1\x9a\x80
C \xe1\x9a\x80!
X \xe1\x9b
X \xe4
X
table 'backward references, alternatives, classes' regex '(?i:yes|no)|(\w)\1|\p{Lu}{2,3}!?' <<'X'
P y
C YES
C nO
P x
C xx
X xy
C AB
C ABC!
X ABCD
X
table 'the empty pattern' regex '' <<'X'
C 
X a
X
fails 2 'an invalid pattern is a usage error' \
	'generate -m m --regex "a(" x' '.--regex: .a\(.: at character'
fails 2 'parentheses must balance within the pattern' \
	'generate -m m --regex "a)(b" x' '.--regex'
ok 'a pattern with catastrophic backtracking is abandoned in time' '
	python3 -c "print(\"a\" * 28 + \"c\")" |
		timeout 60 "$BUILD/unit/constraint" regex "(a+)+b" >got || true
'

# ---- generate ----

unit mkmodel m kv=2 tokens=900 context=2048
unit mkmodel base tokens=256 chat=0 context=512
ok 'answers match the pattern, whatever the model' '
	for seed in 1 2 3 4 5; do
		generate -q -m m -s $seed -N 8 --regex "[0-9]{3}-[a-z]{2,4}(é|ü)?" x
		echo ---
	done >out
	grep -vx -e --- out >answers
	[ "$(wc -l <answers)" = 40 ]
	[ "$(sort -u answers | wc -l)" -ge 38 ]
	python3 -c "import re
for line in open(\"answers\", encoding=\"utf-8\"):
    assert re.fullmatch(\"[0-9]{3}-[a-z]{2,4}(é|ü)?\", line[:-1]), line"
'
ok 'characters of several tokens are possible' '
	generate -q -m base -N 30 --regex "[а-я]{3}|[🙂🙃]{2}" x | grep -v -e --- >out
	python3 -c "import re
L = [line[:-1] for line in open(\"out\", encoding=\"utf-8\")]
assert len(L) == 30 and all(re.fullmatch(\"[а-я]{3}|[🙂🙃]{2}\", x) for x in L), L
assert {len(x) for x in L} == {2, 3}"
'
ok 'answers satisfy the schema, and end with the value' '
	for p in a b c d; do echo "{\"prompt\":\"$p\"}"; done |
		generate -q -m m --jsonl -N 10 -n 2000 --json="{\"properties\":{
			\"name\":{\"type\":\"string\",\"maxLength\":8},
			\"age\":{\"type\":\"integer\"},
			\"tags\":{\"type\":\"array\",\"items\":{\"enum\":[\"x\",\"yz\"]},\"maxItems\":3}},
			\"required\":[\"name\",\"age\"]}" >out
	python3 -c "import json
R = [json.loads(x) for x in open(\"out\")]
assert len(R) == 40
for r in R:
    v = json.loads(r[\"text\"])
    assert r[\"stop\"] == \"stop\" and type(v[\"age\"]) is int and len(v[\"name\"]) <= 8
    assert set(v) <= {\"name\", \"age\", \"tags\"}
    assert all(t in (\"x\", \"yz\") for t in v.get(\"tags\", []))
assert any(\"tags\" in json.loads(r[\"text\"]) for r in R)"
'
ok 'a schema in a file; without one, any value' '
	echo "{\"const\": [1, 2]}" >schema.json
	[ "$(generate -q -m m --json=schema.json x | tr -d " \n\t")" = "[1,2]" ]
	for seed in 1 2 3 4 5 6; do
		generate -q -m m -s $seed --json -n 2000 x >out || continue
		python3 -c "import json; json.load(open(\"out\"))"
	done
'
ok 'the same bytes whatever the batch and threads' '
	for p in a b c d e; do echo "{\"prompt\":\"$p\"}"; done >prompts
	for kind in "--regex=[a-f]{20}|\d+[.]\d{9}" "--json={\"type\":\"array\",\"items\":{\"type\":\"string\",\"maxLength\":9},\"maxItems\":4}"; do
		generate -q -m m --jsonl -N 4 -n 300 "$kind" prompts >ref
		for how in "-j 1" "--parallel 1" "--parallel 3"; do
			generate -q -m m --jsonl -N 4 -n 300 "$kind" $how prompts | cmp - ref
		done
		sed -n 3p prompts | generate -q -m m --jsonl -N 4 -n 300 "$kind" >alone
		sed -n 9,12p ref | cmp - alone
	done
'
ok 'greedy takes the likeliest token that is allowed' '
	echo "{\"prompt\":\"hello\"}" | generate -q -m m --jsonl --greedy --regex "[a-z]{8}" --logprobs >out
	python3 - <<-\X
	import json, subprocess
	r = json.load(open("out"))
	ids = list(r["prompt_ids"])
	text = ""
	for want, lp in zip(r["ids"], r["logprobs"]):
	    line = json.dumps({"prompt_ids": ids})
	    p = subprocess.run("generate -q -m m --jsonl -n 0 --top 901".split(),
	        input=line, capture_output=True, text=True, check=True)
	    def piece(i):
	        return chr(i) if i < 256 else chr(97 + (i - 256) % 26) + chr(97 + (i - 256) // 26)
	    for id, _ in json.loads(p.stdout)["top"]:
	        if id < 900:
	            t = text + piece(id)
	            if len(t) <= 8 and t.isascii() and t.isalpha() and t.islower():
	                break
	        elif len(text) == 8:
	            break
	    assert id == want, (text, id, want)
	    text += piece(id) if id < 900 else ""
	    ids.append(want)
	assert text == r["text"] and len(text) == 8
	X
'
ok 'the distribution is that of the model over what is allowed' '
	echo "{\"prompt\":\"hi\"}" | generate -q -m m --jsonl -n 0 --top 901 >top
	echo "{\"prompt\":\"hi\"}" | generate -q -m m --jsonl --temp 1 --top-p 1 -N 6000 -n 1 \
		--regex "[a-d]x" >out 2>err || true
	python3 - <<-\X
	import collections, json, math
	top = dict(map(tuple, json.load(open("top"))["top"]))
	# One token begins a text: a letter, or a pair that is all of it.
	ok = [ord(c) for c in "abcd"] + [256 + 23 * 26 + i for i in range(4)]
	z = sum(math.exp(top[i]) for i in ok)
	n = collections.Counter(json.loads(x)["ids"][0] for x in open("out"))
	assert set(n) <= set(ok) and sum(n.values()) == 6000, n
	for i in ok:
	    p = math.exp(top[i]) / z
	    assert abs(n[i] - 6000 * p) < 4.5 * math.sqrt(6000 * p), (i, n[i], 6000 * p)
	X
'
ok 'an answer that is cut is announced: exit status 1, stop "length"' '
	echo "{\"prompt\":\"x\"}" | generate -q -m m --jsonl -n 3 --regex "a{9}" >out 2>err &&
		exit 1
	grep -q "generate: 1 of the answers ended before they were complete" err
	grep -q "\"stop\":\"length\"" out
	generate -q -m m -n 2 --regex "[0-9]{2,9}" x >out
	generate -q -m m -n 9 --regex "a{9}" --temp 0.01 x >out
'
ok 'an answer that cannot go on is "stuck"' '
	echo "{\"prompt\":\"x\"}" | generate -q -m m --jsonl -n 9 --regex "(?=b)a" >out 2>err &&
		exit 1
	grep -q "\"stop\":\"stuck\"" out
'
ok 'a complete text that allows nothing more ends without an end token' '
	echo "{\"prompt\":\"x\"}" | generate -q -m m --jsonl --ignore-eos -n 50 --regex abc >out
	python3 -c "import json
r = json.load(open(\"out\"))
assert r[\"text\"] == \"abc\" and r[\"stop\"] == \"stop\", r"
'
ok 'the text streams as with --jsonl' '
	generate -q -m m -s 4 --json="{\"type\":\"array\",\"items\":{\"type\":\"string\",\"maxLength\":4},\"minItems\":2,\"maxItems\":3}" x >a
	echo "{\"prompt\":\"x\"}" | generate -q -m m -s 4 --jsonl --json="{\"type\":\"array\",\"items\":{\"type\":\"string\",\"maxLength\":4},\"minItems\":2,\"maxItems\":3}" >b
	python3 -c "import json
assert open(\"a\", newline=\"\").read() == json.load(open(\"b\"))[\"text\"] + \"\\n\""
'
ok 'a pattern that backtracks without end costs a bounded time' '
	timeout 60 generate -q -m m -n 60 --regex "(\w+ ?)+\$[a-z]*#" x >out 2>err || true
	grep -q "before they were complete" err
'
fails 2 '--regex and --json exclude each other' \
	'generate -m m --regex a --json x' 'exclude each other'
fails 2 '--stop would cut answers short' \
	'generate -m m --json --stop a x' '.--stop does not go with'
fails 2 '--tool does not go with them' \
	'generate -m m --json --tool a,b,cat x' '.--tool does not go with'
fails 1 'a schema that is not JSON' \
	'generate -m m --json="{\"type\"" x' 'not JSON: byte'
fails 1 'a missing file' 'generate -m m --json=no.json x' 'no.json: '
fails 1 'an unsupported keyword, with the name of the file' \
	'echo "{\"minimum\":1}" >s.json; generate -m m --json=s.json x' \
	's.json: the keyword is not supported: "minimum"'

# ---- against the validator of Python ----

[ -n "${T_LONG:-}" ] || done_testing
venv jsonschema
ok 'random walks satisfy their schemas, says jsonschema' '
	cat >schemas <<-\X
	{"type":"object","properties":{"a":{"type":["integer","string","null"],"maxLength":2},"b":{"enum":["x",1,1.5,[1],{"k":null}]}},"required":["b"]}
	{"properties":{"a":{"const":{"p":[1,2,"q"]}}},"additionalProperties":{"type":"array","items":{"type":"boolean"},"maxItems":2}}
	{"type":"array","items":{"anyOf":[{"type":"number"},{"$ref":"#"},{"type":"string","minLength":2,"maxLength":4}]},"minItems":2,"maxItems":5}
	{"$defs":{"n":{"type":"object","properties":{"v":{"type":"integer"},"next":{"anyOf":[{"$ref":"#/$defs/n"},{"type":"null"}]}},"required":["v","next"],"additionalProperties":false}},"$ref":"#/$defs/n"}
	{"anyOf":[{"type":"object","properties":{"kind":{"const":"circle"},"r":{"type":"number"}},"required":["kind","r"]},{"type":"object","properties":{"kind":{"const":"square"},"side":{"type":"integer"}},"required":["kind","side"]},{"items":{"type":"string","maxLength":3},"maxItems":3}]}
	{"type":"string","minLength":3,"maxLength":3}
	{}
	X
	seq 1 200 >seeds
	while read -r s; do
		unit constraint walk "$s" <seeds >walks
		"$venv/bin/python" - "$s" <<-\X
		import json, sys
		from jsonschema import Draft202012Validator
		v = Draft202012Validator(json.loads(sys.argv[1]))
		n = 0
		for line in open("walks", encoding="utf-8", newline="\n"):
		    if line.endswith("stuck\n"):	# too deep
		        continue
		    v.validate(json.loads(line))
		    n += 1
		assert n >= 150, n
		X
	done <schemas
'
done_testing
