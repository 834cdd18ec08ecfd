#!/bin/sh
# chatd: parameters that are not honoured are errors that name them; keys, hosts
# and origins; the command line.
. "${0%/*}/lib.sh"
needs_command python3
[ -x "$BUILD/bin/chatd" ] || skip_all 'chatd was not built: no libmicrohttpd'
export PYTHONPATH="$TOP/t" PYTHONDONTWRITEBYTECODE=1

unit mkmodel m scale=3 kv=2 tokens=900

with() {	# NAME [OPTIONS OF chatd] <<program of Python, with the server s
	name=$1; shift
	{ printf 'from chatd import *\nwith Server("%s") as s:\n' \
		"$(echo "$@" | sed 's/ /", "/g')"
	sed 's/^/    /'; } >case.py
	ok "$name" 'timeout 300 python3 case.py'
}

with 'each parameter: what is out of range, of a wrong type, or not supported' m <<'X'
both = {
    "model": [7, ["m"]],
    "temperature": [-1, "1", True, 101, [1]],
    "top_p": [0, -1, 1.1, "x"],
    "top_k": [-2, 1.5, "4"],
    "min_p": [-0.1, 2],
    "repetition_penalty": [0, -1, 1e7],
    "seed": [1.5, "1", 1e30],
    "n": [0, 129, 1.5, "2"],
    "stop": [1, [1], [""], "", ["a"] * 17, "x" * 257, "a\0b", {"a": 1}],
    "stream": [1, "true"],
    "logit_bias": [[1], {"x": 1}, {"-1": 1}, {"99999": 1}, {"1": 101}, {"1": "1"}, {"01": 1, "1": 2},
        {" 1": 1}, {str(i): 0 for i in range(1025)}],
    "ignore_eos": [0],
    "user": [1],
    "presence_penalty": [2.1, -3, "x", False],
    "frequency_penalty": [-2.001, 1e99, [1]],
    "no such thing": [1, None],
    "max_tokens": [-1, 1.5, "1", 257],
}
chat = {
    "messages": ["hi", [], [1], [{}], [{"role": "user"}], [{"role": "user", "content": 1}],
        [{"role": "a b", "content": "x"}], [{"role": "user", "content": [{"type": "image_url"}]}], 1],
    "max_completion_tokens": [0, -1, 1.5, 257],
    "max_tokens": [0],
    "logprobs": [1, "true", 0],
    "top_logprobs": [-1, 21, 1.5],
    "stream_options": [1, {"x": 1}, {"include_usage": 1}],
    "response_format": [{"type": "json"}, {"type": "text", "x": 1}, "text", {"type": "json_object", "x": 1},
        {"type": "json_schema"}, {"type": "json_schema", "json_schema": {"name": "x"}}, {"type": "json_schema",
        "json_schema": {"schema": {"type": "number"}, "grammar": 1}}, {"type": "json_schema", "json_schema":
        {"schema": {"type": "nothing"}}}, {"type": "json_schema", "json_schema": {"schema": 7}}],
    "tools": [[]], "tool_choice": ["auto"], "store": [True], "functions": [[]],
    "reasoning_effort": ["low"], "metadata": [{}], "modalities": [["text"]],
    "prompt": ["x"], "echo": [True], "suffix": ["x"], "best_of": [1],
    "chat_template_kwargs": [1],
}
text = {
    "prompt": [1, "", [], [[]], [""], [1, "x"], ["x", 1], [-1], [99999], [1.5], [[1], "x", [-2]], {},
        [True], [["x"]], ["x"] * 1025, "word " * 300, [1] * 257],
    "logprobs": [-1, 21, True, "1"],
    "best_of": [2], "echo": [1], "suffix": ["x"],
    "messages": [[]], "top_logprobs": [1], "max_completion_tokens": [1], "response_format": [{"type": "text"}],
}
base = {"/v1/chat/completions": {"messages": [{"role": "user", "content": "x"}], "max_tokens": 2},
    "/v1/completions": {"prompt": "x", "max_tokens": 2}}
for path, more in ("/v1/chat/completions", chat), ("/v1/completions", text):
    for name, values in list(both.items()) + list(more.items()):
        for value in values:
            q = {**base[path], "stream": name == "stream_options", **(
                {"logprobs": True} if name == "top_logprobs" and "chat" in path else {}), name: value}
            status, r = s.ask(path, **q)
            assert status == 400, (path, name, value, status, r)
            e = r["error"]
            assert e["param"] == name and name in e["message"], (name, e)
            assert e["type"] == "invalid_request_error" and "code" in e
    # null counts as missing
    nulls = {k: None for k in list(both) + list(more) if k not in ("no such thing", *base[path])
        and k not in ("prompt", "messages", "echo", "suffix", "best_of", "top_logprobs",
        "max_completion_tokens", "response_format")}
    status, r = s.ask(path, **{**base[path], **nulls})
    assert status == 200, r
X
with 'parameters that contradict each other' m <<'X'
def refused(path, param, **q):
    status, r = s.ask(path, **q)
    assert status == 400 and r["error"]["param"] == param, (status, r)
t, c = "/v1/completions", "/v1/chat/completions"
m = [{"role": "user", "content": "x"}]
refused(t, "stream_options", prompt="x", stream_options={"include_usage": True})
refused(t, "echo", prompt="x", echo=True, stream=True)
refused(t, "best_of", prompt="x", n=2, best_of=3)
refused(t, "prompt", max_tokens=3)
refused(c, "messages", max_tokens=3)
refused(c, "stop", messages=m, stop="x", response_format={"type": "json_object"})
refused(c, "top_logprobs", messages=m, top_logprobs=2)
refused(c, "top_logprobs", messages=m, top_logprobs=2, logprobs=False)
refused(c, "max_completion_tokens", messages=m, max_tokens=3, max_completion_tokens=4)
refused(t, "n", prompt=["x"] * 20, n=100)
refused(t, "prompt", prompt=[1] * 250, max_tokens=7)
refused(t, "prompt", prompt=[1] * 256)
refused(c, "messages", messages=m, max_tokens=250)
status, r = s.ask(t, prompt=[1] * 250, max_tokens=7)
assert r["error"]["code"] == "context_length_exceeded" and "256" in r["error"]["message"]
assert s.complete(prompt=[1] * 250, max_tokens=6, ignore_eos=True)["usage"]["total_tokens"] == 256
assert s.complete(prompt=[1] * 250, ignore_eos=True)["usage"]["total_tokens"] == 256
assert s.complete(prompt=[1] * 256, max_tokens=0, echo=True)["usage"]["total_tokens"] == 256
assert s.complete(prompt="x", n=2, best_of=2)["choices"][1]["index"] == 1
X
with 'bodies that are not a JSON object, too deep, or with a key twice' m <<'X'
def post(body):
    status, _, data = s.request("POST", "/v1/completions", body)
    return status, json.loads(data)["error"]
for body in (b"", b"null", b"[]", b"7", b"{", b'{"prompt":"x"', b'{"prompt":"\xff"}', b'{"prompt":"x"}x',
        b'{"prompt":"x",}', b"{'prompt':'x'}", b"\0", b'{"prompt":NaN}', b"[" * 100000,
        b'{"prompt":' + b"[" * 100000, b'{"a":' * 100000, b'{"stop":' + b"[" * 300 + b"]" * 300 + b"}",
        os.urandom(1000), b'{"prompt":"\\ud800\\u"}'):
    status, e = post(body)
    assert status == 400 and e["type"] == "invalid_request_error", (body[:50], e)
status, e = post(b'{"prompt":"x","prompt":"y"}')
assert status == 400 and e["param"] == "prompt" and "twice" in e["message"]
X
with 'limits of one request: all answers, all log-probabilities' m --context 256 <<'X'
status, r = s.ask("/v1/completions", prompt=["x"] * 100, n=10, max_tokens=200, logprobs=20)
assert status == 400 and r["error"]["param"] == "logprobs", r
status, r = s.ask("/v1/completions", prompt=[[1] * 200] * 1000, max_tokens=0, logprobs=20, echo=True)
assert status == 400 and r["error"]["param"] == "logprobs", r
X
printf 'sixteen letters!\nrest\n' >key
with 'a key: needed for /v1, compared as a whole, from the first line of a file' m --key-file key <<'X'
good = "Bearer sixteen letters!"
body = json.dumps({"prompt": "x", "max_tokens": 1})
assert s.get("/health")[0] == 200 and s.get("/")[0] == 200
for bad in ("", "Bearer ", "Bearer sixteen letters", "Bearer sixteen letters!!", "Bearer sixteen letters?",
        "sixteen letters!", "Basic sixteen letters!", good + good[7:], "Bearer rest", "bearer",
        "Bearer " + "x" * 1000):
    status, headers, data = s.request("POST", "/v1/completions", body, Authorization=bad)
    assert status == 401 and headers["WWW-Authenticate"] == "Bearer", bad
    assert json.loads(data)["error"]["type"] == "authentication_error"
    assert s.get("/v1/models", Authorization=bad)[0] == 401
assert s.get("/v1/models")[0] == 401
assert s.get("/v1/models", Authorization=good)[0] == 200
assert s.request("POST", "/v1/completions", body, Authorization=good)[0] == 200
assert "sixteen" not in "".join(s.log)
X
printf 'short\n' >short
: >empty
printf 'sixteen\0letters!\n' >nul
for f in short empty nul; do
	fails 1 "a key file that is $f" "chatd -m m --listen 127.0.0.1:0 --key-file $f" \
		"^chatd: $f: the first line is not a key of at least 16 characters$"
done
fails 1 'a key file that is missing' 'chatd -m m --listen 127.0.0.1:0 --key-file nokey' nokey
fails 2 'other machines need a key' 'chatd -m m --listen 0.0.0.0:0' \
	'other machines could use the model: --key-file FILE, or --no-key'
if [ -e /proc/net/if_inet6 ]; then
	fails 2 'also with IPv6' 'chatd -m m --listen [::]:0' \
		'other machines could use the model'
fi
ok '--no-key: any Host header is then accepted' '
	cat >case.py <<-X
	from chatd import *
	with Server("m", "--no-key", listen="0.0.0.0:0") as s:
	    assert s.get("/health", Host="any.example")[0] == 200
	X
	timeout 60 python3 case.py
'
with 'the Host header must name this machine' m --host my.name <<'X'
for host in ("evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "127.0.0.2",
        "xlocalhost", "[::2]", "[::1", "", "my.name.x", "@localhost"):
    r = s.raw(b"GET /v1/models HTTP/1.1\r\nHost: " + host.encode() + b"\r\nConnection: close\r\n\r\n")
    assert r.makefile("rb").readline().split()[1] in (b"403", b"400"), host
for host in "localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:99", "[::1]", "[::1]:8080", "my.name", "My.Name:5":
    assert s.get("/v1/models", Host=host)[0] == 200, host
r = s.raw(b"GET /v1/models HTTP/1.1\r\nConnection: close\r\n\r\n")
assert b" 400 " in r.makefile("rb").readline()
r = s.raw(b"GET /v1/models HTTP/1.0\r\n\r\n")
assert b" 400 " in r.makefile("rb").readline()
X
with 'pages of other origins are refused' m <<'X'
for origin in "http://evil.example", "null", "https://127.0.0.1:%d" % s.address[1], "http://127.0.0.1:1":
    status, headers, _ = s.request("POST", "/v1/completions", json.dumps({"prompt": "x"}), Origin=origin)
    assert status == 403 and not headers["Access-Control-Allow-Origin"], origin
own = "http://127.0.0.1:%d" % s.address[1]
status, headers, _ = s.request("POST", "/v1/completions", json.dumps({"prompt": "x"}), Origin=own)
assert status == 200 and not headers["Access-Control-Allow-Origin"]
assert s.request("OPTIONS", "/v1/completions", Origin="http://evil.example")[0] == 403
X
with '--origin allows one, with a preflight' m --origin https://a.example <<'X'
a = "https://a.example"
status, headers, _ = s.request("OPTIONS", "/v1/completions", Origin=a,
    Access_Control_Request_Method="POST", Access_Control_Request_Headers="content-type")
assert status == 204 and headers["Access-Control-Allow-Origin"] == a and "Content-Type" in \
    headers["Access-Control-Allow-Headers"]
status, headers, _ = s.request("POST", "/v1/completions", json.dumps({"prompt": "x"}), Origin=a)
assert status == 200 and headers["Access-Control-Allow-Origin"] == a
assert s.request("POST", "/v1/completions", "{}", Origin="https://b.example")[0] == 403
X
for bad in nothing 127.0.0.1 :80 127.0.0.1: 127.0.0.1:x 127.0.0.1:99999 ::1:80 '[::1]'; do
	fails 2 "--listen $bad" "chatd -m m --listen '$bad'" 'is not ADDRESS:PORT'
done
fails 1 'an address of another machine' 'chatd -m m --listen 192.0.2.1:80' 'listen: 192.0.2.1:80: '
fails 1 'a missing model' 'chatd -m nowhere --listen 127.0.0.1:0' nowhere
fails 2 'no model' 'chatd --listen 127.0.0.1:0' 'no model: -m DIR'
fails 2 'an operand' 'chatd -m m x' 'one operand too many'
fails 2 'a context beyond that of the model' 'chatd -m m --listen 127.0.0.1:0 --context 300' \
	'--context: the model.s is 256'
for bad in '--parallel 0' '--queue 0' '--clients 0' '--timeout 0' '--grace -1' '--length 0' '--context 1' \
	'--max-body 10' '--max-header 10' '--backlog 1'; do
	fails 2 "$bad is refused by name" "chatd -m m $bad" "^chatd: ${bad% *}: "
done
ok 'a port that is in use' '
	cat >case.py <<-X
	from chatd import *
	with Server("m") as s:
	    p = subprocess.run(["chatd", "-m", "m", "--listen", "%s:%d" % s.address],
	        capture_output=True, text=True)
	    assert p.returncode == 1 and "in use" in p.stderr, p
	X
	timeout 60 python3 case.py
'
done_testing
