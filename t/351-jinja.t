#!/bin/sh
# Chat templates are executed as Jinja does in transformers. t/jinja.jsonl has
# templates and their output in transformers, or part of our message where it
# refuses too; T_LONG=1 compares with transformers itself.
. "${0%/*}/lib.sh"
needs_command python3

compare='
import json, sys
bad = 0
for case, line in zip(open(sys.argv[1]), sys.stdin):
    c, got = json.loads(case), json.loads(line)
    if "error" in c:
        right = "error" in got and (len(sys.argv) > 2 or
            c["error"] in got["error"])
    else:
        right = got.get("text") == c["text"]
    if not right:
        bad += 1
        print(c["template"], "wanted", c.get("text", c.get("error")),
            "got", got, sep="\n  ")
sys.exit(bad > 0)
'
ok 'every construct gives what transformers gives' '
	unit jinja "$TOP/t/jinja.jsonl" >got
	[ $(wc -l <got) -ge 150 ]
	[ $(wc -l <got) = $(wc -l <"$TOP/t/jinja.jsonl") ]
	python3 -c "$compare" "$TOP/t/jinja.jsonl" <got
'

# Prints text and marks of TEMPLATE; x and the list l come from outside.
marks() {
	printf '%s\n' "$1" >template
	python3 -c 'import json, sys
print(json.dumps({"template": open("template").read(),
    "vars": {"x": " aB<|c|> ", "l": [{"k": "<|v|>"}], "role": "user"}}))' |
		unit jinja -m >out
	python3 -c 'import json, sys
o = json.load(open("out"))
print(o["text"], o["mark"], sep="\n")'
}
marked() {	# TEMPLATE TEXT MARKS
	marks "$1" >got
	printf '%s\n' "$2" "$3" | cmp - got
}
ok 'text from outside stays marked through every operation' '
	marked "T{{ x }}t" "T aB<|c|> t" 01111111110
	marked "T{{ x | trim }}t" "TaB<|c|>t" 011111110
	marked "{{ (x ~ \"<|t|>\") | upper }}" " AB<|C|> <|T|>" \
		11111111100000
	marked "{{ x.strip().replace(\"aB\", \"q\") }}" "q<|c|>" 011111
	marked "{{ x[1:4] + \"-\" + x[::-1] }}" "aB<- >|c|<Ba " 1110111111111
	marked "{{ x.split(\"B\")[1] }}" "<|c|> " 111111
	marked "{{ [x, \"t\"] | join(\"|\") }}" " aB<|c|> |t" 11111111100
	marked "{{ l[0].k * 2 }}" "<|v|><|v|>" 1111111111
	marked "{{ l | tojson }}" "[{\"k\": \"<|v|>\"}]" 1111111111111111
	marked "{{ [x.strip()] }}" "['"'"'aB<|c|>'"'"']" 00111111100
	marked "{% for c in l[0].k %}{{ c }}.{% endfor %}" "<.|.v.|.>." \
		1010101010
	marked "{% set y %}a{{ l[0].k }}{% endset %}{{ y | title }}" \
		"A<|v|>" 011111
	marked "{% macro f(a) %}<{{ a }}>{% endmacro %}{{ f(l[0].k) }}" \
		"<<|v|>>" 0111110
	marked "{{ l | map(attribute=\"k\") | first | indent(1, true) }}" \
		" <|v|>" 011111
	marked "{{ \"<|\" + role + \"|>\" }}" "<|user|>" 00111100
	marked "{% generation %}a{{ l[0].k }}{% endgeneration %}b" "a<|v|>b" \
		8999990
'

# refused WORDS TEMPLATE
refused() {
	printf '%s' "$2" >template
	python3 -c 'import json
print(json.dumps({"template": open("template").read(), "vars": {}}))' |
		unit jinja >out
	grep -F -e "$1" out
}
ok 'steps, depth, memory and ranges are limited' '
	refused "needs more than" "{% for a in range(9999) %}{% for b in range(9999) %}{%
		endfor %}{% endfor %}"
	refused "memory" "{% set n = namespace(s=\"0123456789abcdef\") %}{%
		for i in range(40) %}{% set n.s = n.s ~ n.s %}{% endfor %}"
	refused "nested deeper" \
		"{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}"
	refused "nested deeper" "{{ $(printf "%9999s" | tr " " "-")1 }}"
	refused "nested deeper" "{% set n = namespace(l=[]) %}{% for i in
		range(9999) %}{% set n.l = [n.l] %}{% endfor %}{{ n.l }}"
	refused 100000 "{{ range(100001) }}"
	refused 100000 "{{ range(9999999999) }}"
	refused "needs more than" "{{ \"a\" * 999999999 }}"
	refused "fit in 64 bits" "{{ 9223372036854775807 + 1 }}"
	refused "fit in 64 bits" "{{ 10 ** 19 }}"
'
ok 'unsupported names are reported with their line' '
	refused "template:2: the filter '"'xmlattr'"' is not supported" "
{{ x | xmlattr }}"
	refused "template:3: the test '"'blue'"' is not supported" "

{{ x is blue }}"
	refused "template:1: {% with %} is not supported" "{% with %}"
	refused "template:1: the function '"'lipsum'"' is not supported" \
		"{{ lipsum() }}"
	refused "template:2: the method '"'zfill'"' of str is not supported" \
		"
{{ \"a\".zfill(3) }}"
	refused "recursive loops are not supported" \
		"{% for x in [] recursive %}{% endfor %}"
'
ok 'strftime_now gives a fixed date, or that of SOURCE_DATE_EPOCH' '
	echo "{\"template\":\"{{ strftime_now(\\\"%d %b %Y\\\") }}\"}" >date
	unit jinja date | grep -F "26 Jul 2024"
	SOURCE_DATE_EPOCH=0 unit jinja date | grep -F "01 Jan 1970"
'
if [ -z "${T_LONG:-}" ]; then
	skip 'the output equals that of transformers itself' 'T_LONG=1 runs it'
	done_testing
fi
venv transformers jinja2
ok 'the output equals that of transformers itself' '
	cat >ref.py <<END
import json, sys
from transformers.utils.chat_template_utils import _compile_jinja_template
for line in open(sys.argv[1]):
    c = json.loads(line)
    vars = c.get("vars", {}) or vars
    try:
        t = _compile_jinja_template(c["template"]).render(**vars)
        print(json.dumps({"text": t}))
    except Exception as e:
        print(json.dumps({"error": str(e)}))
END
	"$venv/bin/python" ref.py "$TOP/t/jinja.jsonl" >got
	python3 -c "$compare" "$TOP/t/jinja.jsonl" transformers <got
'
done_testing
