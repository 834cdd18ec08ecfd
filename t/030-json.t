#!/bin/sh
# The JSON scanner and writer.
. "${0%/*}/lib.sh"

# value TEXT RESULT: unit json prints RESULT for the line TEXT.
value() {
	ok "$1" "printf '%s\n' '$1' | unit json >got && printf '%s\n' '$2' | cmp - got"
}
value '{"a":1,"b":[1,2.5,"x"],"c":{}}' 'ok {"a":1,"b":[1,2.5,"x"],"c":{}}'
value ' [ true , false,null ] ' 'ok [true,false,null]'
value '"\u00e9\ud83d\ude00\/\\\""' 'ok "é😀/\\\""'
value '"\ud800x"' 'ok "�x"'
value '-0' 'ok -0'
value '0.1' 'ok 0.1'
value '5e-324' 'ok 4.94065645841247e-324'
value '1.7976931348623157e308' 'ok 1.7976931348623157e+308'
value '[1,]' 'bad 3 not a value'
value '{"a" 1}' 'bad 5 no colon after a key'
value '{a:1}' 'bad 1 a key is not a string'
value '"abc' 'bad 4 the string does not end'
value '01' 'bad 1 something follows the value'
value '1.' 'bad 2 a number without digits after the point'
value '1e+' 'bad 3 a number without digits in its exponent'
value '"\x"' 'bad 1 there is no such escape'
value '"\u12"' 'bad 1 \u without four hex digits'
value '"a	b"' 'bad 2 a control character in a string'
value '{"a":1}x' 'bad 7 something follows the value'
value 'not' 'bad 0 not a value'
value '-x' 'bad 0 not a value'
value 'NaN' 'bad 0 NaN is not JSON'
value '{"a":NaN}' 'bad 5 NaN is not JSON'
value '[1,Infinity]' 'bad 3 Infinity is not JSON'
value '[-Infinity]' 'bad 1 -Infinity is not JSON'
value '{"loss":-nan}' 'bad 8 -nan is not JSON'

ok 'invalid UTF-8: overlong, surrogate, out of range, truncated' '
	for s in "\300\200" "\355\240\200" "\364\220\200\200" "\303"; do
		printf "\"$s\"\n" | unit json | grep -q "bad 0 the string is not UTF-8"
	done
'
ok 'paths reach into objects and arrays; the last of duplicate keys counts' '
	line='\''{"m":{"a.b":1,"url":"x"},"l":[[1],{"k":2}],"m2":1,"m2":2}'\''
	p() { printf "%s\n" "$line" | unit json path "$1"; }
	test "$(p m.url)" = "\"x\"" && test "$(p l.1.k)" = 2 &&
	test "$(p l.0)" = "[1]" && test "$(p l.2)" = - &&
	test "$(p m.url.x)" = - && test "$(p m2)" = 2
'
# edited LINE RESULT PATH VALUE ...
edited() {
	line=$1 want=$2; shift 2
	printf '%s\n' "$line" | unit json edit "$@" >got
	printf '%s\n' "$want" | cmp - got
}
ok 'edits change a value in place and leave everything else byte for byte' '
	edited "{\"text\":\"x\", \"m\": {\"u\" : 1} ,\"z\":0 }" \
		"{\"text\":\"x\", \"m\": {\"u\" : 5,\"v\":\"k\"} ,\"z\":[] ,\"n\":7}" \
		m.u 5 m.v "\"k\"" z "[]" n 7
'
ok 'an edit creates the object it needs' '
	edited "{\"t\":1}" "{\"t\":1,\"m\":{\"u\":5,\"v\":6},\"r\":{\"q\":1}}" \
		m.u 5 m.v 6 r.q 1
	edited "{\"m\":null}" "{\"m\":{\"u\":5}}" m.u 5
	edited "{\"m\":{}}" "{\"m\":{\"u\":5}}" m.u 5
	edited "{}" "{\"a\":5,\"b\":{\"c\":1}}" a 5 b.c 1
	edited "{\"a\":1}" "{\"a\":3}" a 2 a 3
'
command -v python3 >/dev/null || { skip 'the rest' 'there is no python3'; done_testing; }
ok '20,000 random values equal those of Python' '
	python3 "$TOP/t/randomjson.py" values >in && unit json <in >out &&
	python3 "$TOP/t/randomjson.py" compare in out
'
ok 'of 4,000 damaged lines exactly those that Python refuses are refused' '
	python3 "$TOP/t/randomjson.py" damaged >in && unit json <in >out 2>&1 &&
	python3 "$TOP/t/randomjson.py" verdicts in out
'
done_testing
