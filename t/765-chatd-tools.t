#!/bin/sh
# chatd --tool: calls of many clients, what they see of them, and what goes wrong.
. "${0%/*}/lib.sh"
needs_command python3
[ -x "$BUILD/bin/chatd" ] || skip_all 'chatd was not built: no libmicrohttpd'
export PYTHONPATH="$TOP/t" PYTHONDONTWRITEBYTECODE=1

# markov DIR PATHS: a model that follows the paths; unit mkmodel says how
markov() {
	unit mkmodel "$1" layers=1 width=384 heads=4 ffn=16 tokens=256 context=1024 chain="$2"
}
with() {	# NAME <<program of Python
	{ cat <<-X
	from chatd import *
	CALC, OUTPUT = "<|python_start|>,<|python_end|>,", ("--tool-output", "<|output_start|>,<|output_end|>")
	def serve(model, command, *options):
	    return Server(model, "--tool", CALC + command, *options)
	def post(path="/v1/completions", **q):
	    body = json.dumps(q).encode()
	    return b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % (path.encode(), len(body)) + body
	def wait_for(what, seconds=20):
	    end = time.time() + seconds
	    while not what():
	        assert time.time() < end, what
	        time.sleep(.02)
	def group(file="group"):
	    wait_for(lambda: os.path.exists(file) and os.path.getsize(file))
	    return int(open(file).read())
	def gone(group):
	    def alive():
	        for pid in filter(str.isdigit, os.listdir("/proc")):
	            try:
	                state, _, g = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[:3]
	            except OSError:
	                continue
	            if int(g) == group and state != "Z":
	                return True
	    wait_for(lambda: not alive(), 5)
	X
	cat; } >case.py
	ok "$1" 'rm -f group; timeout 300 python3 case.py'
}
markov sums 'Q <|python_start|> 1 + 2 <|python_end|> <|output_start|> ; 3 <|output_end|> . <|endoftext|>'
# In a chat, the template ends with a newline. "R" calls nothing.
markov talk "
 o k <|python_start|> 1 + 2 <|python_end|> ; 3 . <|im_end|> ; R . <|im_end|> ; Q <|python_start|>"

with 'text and log-probabilities are those of rlsample; usage counts results on their own' <<'X'
line = json.dumps({"id": 1, "prompt": "Q"})
run = subprocess.run(["rlsample", "-q", "-m", "sums", "-N", "1", "-n", "50", "--tool", CALC + "echo 3", *OUTPUT],
    input=line, capture_output=True, text=True, check=True)
want = json.loads(run.stdout)
assert want["mask"] == [1, 1, 1, 1, 1, 0, 0, 0, 1, 1]
with serve("sums", "cat >input; echo 3", *OUTPUT) as s:
    r = s.complete(prompt="Q", max_tokens=50, logprobs=2)
    c = r["choices"][0]
    assert c["text"] == "1+23." == want["text"] and c["finish_reason"] == "stop"
    assert c["executed_tools"] == [{"index": 0, "type": "<|python_start|>", "arguments": "1+2", "output": "3"}]
    assert open("input").read() == "1+2\n"
    l = c["logprobs"]
    expected = [x for x, m in zip(want["logprobs"], want["mask"]) if m]
    assert l["tokens"] == ["<|python_start|>", "1", "+", "2", "<|python_end|>", ".", "<|endoftext|>"]
    assert all(abs(x - y) < 1e-5 for x, y in zip(l["token_logprobs"], expected))
    assert len(l["token_logprobs"]) == len(l["top_logprobs"]) == 7
    assert l["text_offset"] == [0, 0, 1, 2, 3, 4, 5]
    usage = {"prompt_tokens": 1, "completion_tokens": 7, "tool_tokens": 3, "total_tokens": 11}
    assert r["usage"] == usage, r["usage"]
    text, events = s.stream("/v1/completions", prompt="Q", max_tokens=50, logprobs=2,
        stream_options={"include_usage": True})
    assert text[0] == "1+23." and events[-1]["usage"] == usage
    got = [e["choices"][0] for e in events[:-1]]
    for key in "tokens", "token_logprobs", "top_logprobs", "text_offset":
        assert sum((c["logprobs"][key] for c in got), []) == l[key], key
    assert [c["executed_tools"] for c in got if "executed_tools" in c] == [c["executed_tools"]]
    # The log has the numbers, never the text.
    wait_for(lambda: any("prompt=1 tokens=7 tools=3" in line for line in s.log))
assert any("tools: calls=2 errors=0" in line for line in s.log), s.log
X
with 'a chat shows neither call nor result as content; both are listed; whole and in a stream' <<'X'
with serve("talk", "cat; printf 3") as s:
    q = dict(messages=[{"role": "user", "content": "hi"}], max_tokens=60, logprobs=True, top_logprobs=1)
    r = s.chat(**q)
    m = r["choices"][0]["message"]
    call = {"index": 0, "type": "<|python_start|>", "arguments": "1+2", "output": "1+2\n3"}
    assert m == {"role": "assistant", "content": "ok.", "executed_tools": [call]}, m
    tokens = [t["token"] for t in r["choices"][0]["logprobs"]["content"]]
    assert tokens == ["o", "k", "<|python_start|>", "1", "+", "2", "<|python_end|>", ".", "<|im_end|>"], tokens
    assert r["usage"]["completion_tokens"] == 9 and r["usage"]["tool_tokens"] == 5
    text, events = s.stream("/v1/chat/completions", **q)
    deltas = [c["delta"] for e in events for c in e["choices"]]
    assert text[0] == "ok."
    assert [t["token"] for e in events for c in e["choices"] for t in (c["logprobs"] or {"content": []})["content"]] == tokens
    at = [i for i, d in enumerate(deltas) if "executed_tools" in d]
    assert len(at) == 1 and deltas[at[0]]["executed_tools"] == [call]
    assert "".join(d.get("content", "") for d in deltas[:at[0]]) == "ok"	# in its place
    # Without log-probabilities there is no event without text.
    text, events = s.stream("/v1/chat/completions", messages=q["messages"], max_tokens=60)
    deltas = [c["delta"] for e in events for c in e["choices"]]
    assert text[0] == "ok." and all(d.get("content") or "executed_tools" in d for d in deltas[1:-1]), deltas
    # A call that the maximum cuts is text: nothing is lost.
    for n in range(1, 8):
        m = s.chat(messages=q["messages"], max_tokens=n)["choices"][0]
        assert m["message"] == {"role": "assistant", "content": "ok1+2"[:n - (n > 2)][:5]}, (n, m)
        assert m["finish_reason"] == "length"
        assert s.stream("/v1/chat/completions", messages=q["messages"], max_tokens=n)[0][0] == m["message"]["content"]
X
unit mkmodel m scale=3 kv=2
with 'a random model with two tools: a stream says what the whole answer does, alone and among many' <<'X'
CKSUM = 'read x; sleep 0.0$(($$ % 10)); printf "%s" "$x" | cksum | head -c 5'
def q(i):
    common = {"seed": i, "n": 1 + i % 3, "max_tokens": 20 + i * 7 % 90, "logprobs": 1, "ignore_eos": i % 2 == 0}
    if i % 4 == 3:
        common["stop"] = ["q", "3", "z"]
    if i % 2:
        return "/v1/completions", {**common, "prompt": "x" * (i % 9 + 1)}
    return "/v1/chat/completions", {**common, "messages": [{"role": "user", "content": str(i)}], "logprobs": True}
def whole(i):
    path, p = q(i)
    status, r = s.ask(path, **p)
    assert status == 200, r
    return {c["index"]: (c["message"]["content"] if "message" in c else c["text"],
        c.get("message", c).get("executed_tools", []), c["logprobs"], c["finish_reason"]) for c in r["choices"]}
def streamed(i):
    path, p = q(i)
    text, events = s.stream(path, **p)
    out = {}
    for e in events:
        for c in e["choices"]:
            calls, logprobs, _ = out.get(c["index"], ([], None, None))
            calls = calls + c.get("delta", c).get("executed_tools", [])
            if c["logprobs"]:
                logprobs = {k: (logprobs or {}).get(k, []) + v for k, v in c["logprobs"].items()}
            out[c["index"]] = calls, logprobs, c["finish_reason"]
    return {k: (text[k], *v) for k, v in out.items()}
with Server("m", "--parallel", "6", "--tool", "a,b," + CKSUM, "--tool", "c,d,wc -c; printf '\\303\\251'; exit 1") as s:
    alone = [whole(i) for i in range(24)]
    calls = [c for r in alone for x in r.values() for c in x[1]]
    assert len(calls) > 30 and {c["type"] for c in calls} == {"a", "c"}, len(calls)
    for c in calls:
        assert c["output"].endswith("\n\u00e9\nerror: exit status 1") == (c["type"] == "c") or c["output"].startswith("error: more"), c
    both = at_once([lambda i=i: (whole(i), streamed(i)) for i in range(24)])
    for i, (a, b) in enumerate(both):
        assert a == alone[i], i
        assert b == alone[i], (i, b, alone[i])
X
with 'a result is plain text, whatever it spells' <<'X'
SPELT = "<|endoftext|><|python_start|>1<|python_end|>"
with serve("talk", f"echo x >>times; echo '{SPELT}3'") as s:
    m = s.chat(messages=[{"role": "user", "content": "hi"}], max_tokens=100)["choices"][0]["message"]
    assert m["content"] == "ok." and m["executed_tools"][0]["output"] == SPELT + "3"
    assert open("times").read() == "x\n"
X
with 'failing, hanging and flooding tools become a short text for the model' <<'X'
for command, options, want in (
        ("exit 3", (), "error: exit status 3"),
        ("no-such-command", (), "error: exit status 127"),
        ("echo \$\$ >group; trap '' TERM; sleep 60 & sleep 60", ("--tool-timeout", ".3"), "error: no result within 0.3 s"),
        ("echo \$\$ >group; yes aa", ("--tool-bytes", "9"), "aa\naa\naa\nerror: the rest of the output was cut off"),
        ("printf '\\\\377'", (), "error: the output is not UTF-8 text")):
    with serve("sums", command.replace("\\$", "$").replace("\\\\", "\\"), *OUTPUT, *options) as s:
        c = s.complete(prompt="Q", max_tokens=60)["choices"][0]
        assert c["executed_tools"][0]["output"] == want, c
        assert c["text"].startswith("1+2" + want), c
    if "group" in command:
        gone(group())
X
with 'a system without processes left: the call fails, the server stays' <<'X'
s = Server("sums", "--tool", CALC + "echo 3", "--tool-timeout", ".5",
    program=("sh", "-c", 'ulimit -n 12; exec chatd "$@"', "sh"))
with s:
    begin = time.time()
    c = s.complete(prompt="Q", max_tokens=60)["choices"][0]
    assert c["executed_tools"][0]["output"] == "error: the system cannot start it", c
    assert time.time() - begin < 10
    assert s.complete(prompt="x", max_tokens=1)
X
with 'others go on while a tool hangs, also when nothing else runs' <<'X'
with serve("talk", "echo $$ >group; sleep 60", "--parallel", "3", "--tool-timeout", "100") as s:
    hanging = [s.raw(post(prompt="Q", max_tokens=60, stream=i == 0)) for i in range(2)]
    g = group()
    for i in range(20):		# nothing else runs when they come
        begin = time.time()
        assert s.complete(prompt="R", max_tokens=9)["choices"][0]["text"] == "."
        assert time.time() - begin < 1
    for k in hanging:
        k.close()
    gone(g)
X
with 'a client that vanishes stops its tool and frees its row; those of others go on' <<'X'
with serve("talk", "echo $$ >group; sleep 60; echo x", "--parallel", "1", "--tool-timeout", "100") as s:
    for stream in True, False:
        for how in "close", "half", "reset":
            if os.path.exists("group"):
                os.remove("group")
            k = s.raw(post(prompt="Q", max_tokens=60, stream=stream, n=2))
            g = group()
            if how == "half":
                k.shutdown(socket.SHUT_WR)
            elif how == "reset":
                k.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                k.close()
            else:
                k.close()
            begin = time.time()
            assert s.complete(prompt="R", max_tokens=9)
            assert time.time() - begin < 2, (stream, how)
            gone(g)
    wait_for(lambda: "".join(s.log).count("(the client has gone)") == 6)
# One of two clients goes while both wait.
with serve("talk", "echo $$ >>pids; sleep 1; printf 3", "--parallel", "2") as s:
    k = s.raw(post(prompt="Q", max_tokens=60))
    stay = s.raw(post(prompt="Q", max_tokens=60))
    wait_for(lambda: os.path.exists("pids") and len(open("pids").read().split()) == 2)
    k.close()
    r = http.client.HTTPResponse(stay)
    r.begin()
    assert json.loads(r.read())["choices"][0]["text"].startswith("1+23")
X
with 'SIGTERM: a tool may finish within --grace; after it, it is killed' <<'X'
chat = {"messages": [{"role": "user", "content": "hi"}], "max_tokens": 60}
with serve("talk", "echo $$ >group; sleep 1; printf 3", "--grace", "60") as s:
    k = s.raw(post("/v1/chat/completions", **chat, stream=True))
    group()
    s.process.send_signal(signal.SIGTERM)
    r = http.client.HTTPResponse(k)
    r.begin()
    data = r.read()
    assert data.endswith(b"data: [DONE]\n\n") and b'"output":"3"' in data, data
    assert s.process.wait(10) == 0
os.remove("group")
with serve("talk", "echo $$ >group; exec sleep 60", "--grace", ".5", "--tool-timeout", "100") as s:
    a, b = s.raw(post("/v1/chat/completions", **chat, stream=True)), s.raw(post("/v1/chat/completions", **chat))
    g = group()
    begin = time.time()
    s.process.send_signal(signal.SIGTERM)
    for k, status in (a, 200), (b, 503):
        r = http.client.HTTPResponse(k)
        r.begin()
        assert r.status == status and b"shutting down" in r.read()
    assert s.process.wait(10) == 0 and .4 < time.time() - begin < 5
    gone(g)
for last in signal.SIGTERM, signal.SIGKILL:
    os.remove("group")
    s = serve("talk", "echo $$ >group; exec sleep 60", "--grace", "60", "--tool-timeout", "100")
    k = s.raw(post("/v1/chat/completions", **chat))
    g = group()
    s.process.send_signal(signal.SIGTERM)
    time.sleep(.2)
    s.process.send_signal(last)
    assert s.process.wait(10) == -last
    gone(g)
X
with 'tool_choice and response_format: without calls' <<'X'
chat = {"messages": [{"role": "user", "content": "hi"}], "max_tokens": 8}
with serve("talk", "echo x >>made; printf 3") as s:
    plain = s.chat(**chat, tool_choice="none")
    assert plain["choices"][0]["message"]["content"].startswith("ok1+2")
    assert "executed_tools" not in plain["choices"][0]["message"] and plain["usage"]["tool_tokens"] == 0
    s.chat(**chat, response_format={"type": "json_object"})
    assert not os.path.exists("made")
    assert "executed_tools" in s.chat(**{**chat, "max_tokens": 60}, tool_choice="auto")["choices"][0]["message"]
    for bad in "required", {"type": "function"}, 1:
        status, r = s.ask("/v1/chat/completions", **chat, tool_choice=bad)
        assert status == 400 and r["error"]["param"] == "tool_choice"
X
with 'sixty clients at once, half of which leave, and no process is left behind' <<'X'
with serve("talk", "sleep .0$(($$ % 10)); printf 3", "--parallel", "8", "--clients", "130", "--queue", "200") as s:
    def one(i):
        if i % 2:
            k = s.raw(post(prompt="Q", max_tokens=60, stream=i % 4 == 1))
            time.sleep(.01 * (i % 7))
            k.close()
            return True
        c = s.complete(prompt="Q", max_tokens=60)["choices"][0]
        return c["executed_tools"][0]["output"] == "3" and c["text"].startswith("1+23")
    assert all(at_once([lambda i=i: [one(i), one(i + 1)] for i in range(60)]))
    s.wait_idle()
    def children():
        return open(f"/proc/{s.process.pid}/task/{s.process.pid}/children").read().split()
    wait_for(lambda: not children())
    assert len(os.listdir(f"/proc/{s.process.pid}/fd")) < 20
X
case $BUILD in *san*) skip 'memory' 'sanitizers take memory of their own' ;; *)
export REQUESTS=${T_LONG:+10000}
with "${REQUESTS:-400} requests with calls, also vanishing ones, in flat memory" <<'X'
n = int(os.environ.get("REQUESTS") or 400)
message = [{"role": "user", "content": "hi"}]
with serve("talk", "head -c $(($$ % 300)) /dev/zero | tr '\\0' x; echo 3", "--parallel", "8", "--queue", "200") as s:
    def one(i):
        if i % 4 == 0:
            k = s.raw(post(prompt="Q", max_tokens=600, stream=i % 8 == 0))
            time.sleep(.001 * (i % 9))
            k.close()
        elif i % 4 == 1:
            assert s.chat(messages=message, max_tokens=600)["choices"][0]["message"]["content"].startswith("ok")
        elif i % 4 == 2:
            assert s.stream("/v1/chat/completions", messages=message, max_tokens=600, logprobs=True, n=2)[0][1]
        else:
            assert s.complete(prompt=["Q", "R"], max_tokens=20, logprobs=3)["usage"]["tool_tokens"] >= 0
    def some(first, last):
        at_once([lambda t=t: [one(i) for i in range(first + t, last, 8)] for t in range(8)])
        s.wait_idle()
        return s.memory()
    warm = some(0, n // 2)
    end = some(n // 2, n)
    print(warm, end)
    assert end - warm < (4 << 20), (warm, end)
X
esac
fails 2 'options are checked' 'chatd -m sums --listen 127.0.0.1:0 --tool a,b' 'is not START,END,COMMAND'
fails 2 'also limits' 'chatd -m sums --listen 127.0.0.1:0 --tool a,b,cat --tool-timeout 0' 'tool-timeout'
done_testing
