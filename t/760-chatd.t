#!/bin/sh
# chatd: OpenAI's interfaces over HTTP; answers compared with generate.
. "${0%/*}/lib.sh"
needs_command python3
[ -x "$BUILD/bin/chatd" ] || skip_all 'chatd was not built: no libmicrohttpd'
export PYTHONPATH="$TOP/t" PYTHONDONTWRITEBYTECODE=1

unit mkmodel m scale=3 kv=2 tokens=900
unit mkmodel base chat=0 scale=3

# with NAME [OPTIONS OF chatd] <<program of Python, with the server s
with() {
	name=$1; shift
	{ printf 'from chatd import *\nimport math\nwith Server("%s") as s:\n' \
		"$(echo "$@" | sed 's/ /", "/g')"
	sed 's/^/    /'; } >case.py
	ok "$name" 'timeout 300 python3 case.py'
}

with 'greedy text, ids and reason are those of generate' m <<'X'
def generate(*options, prompt="some words"):
    line = json.dumps({"prompt": prompt})
    p = subprocess.run(["generate", "-q", "-m", "m", "--jsonl", *options], input=line,
        capture_output=True, text=True, check=True)
    return json.loads(p.stdout)
for n in 1, 7, 30:
    want = generate("--greedy", "-n", str(n))
    r = s.complete(prompt="some words", max_tokens=n, temperature=0)
    c = r["choices"][0]
    assert c["text"] == want["text"] and c["logprobs"] is None, (c, want)
    assert c["finish_reason"] == {"length": "length", "eos": "stop"}[want["stop"]]
    assert r["object"] == "text_completion" and r["model"] == "m" and c["index"] == 0
    k = len(want["prompt_ids"])
    assert r["usage"] == {"prompt_tokens": k, "completion_tokens": len(want["ids"]),
        "total_tokens": k + len(want["ids"])}
    ids = s.complete(prompt=want["prompt_ids"], max_tokens=n, temperature=0)
    assert ids["choices"][0]["text"] == want["text"]
X
with 'a chat is rendered by the template, as generate --chat does' m <<'X'
line = json.dumps({"messages": [{"role": "system", "content": "be kind"},
    {"role": "user", "content": "hi"}]})
want = json.loads(subprocess.run("generate -q -m m --jsonl --greedy -n 9".split(), input=line,
    capture_output=True, text=True, check=True).stdout)
r = s.chat(**json.loads(line), max_tokens=9, temperature=0)
c = r["choices"][0]
assert c["message"] == {"role": "assistant", "content": want["text"]}, (c, want)
assert r["object"] == "chat.completion"
assert r["usage"]["prompt_tokens"] == len(want["prompt_ids"])
assert r == {**r, **s.chat(**json.loads(line), max_completion_tokens=9, temperature=0,
    model="m", user="me", n=1, response_format={"type": "text"}, stop=None, seed=8,
    frequency_penalty=0.0, presence_penalty=0, store=False), "id": r["id"],
    "created": r["created"]}
X
with 'several prompts and samples, in order; a seed repeats them' m <<'X'
for prompt in ["ab", "cde", "ab"], [[65, 66], [67], [68, 69, 70]]:
    r = s.complete(prompt=prompt, n=3, max_tokens=9, seed=5)
    assert [c["index"] for c in r["choices"]] == list(range(9))
    text = [c["text"] for c in r["choices"]]
    assert len(set(text)) == 9, text
    again = s.complete(prompt=prompt, n=3, max_tokens=9, seed=5)
    assert again["choices"] == r["choices"] and again["id"] != r["id"]
    alone = s.complete(prompt=prompt[0], n=2, max_tokens=9, seed=5)
    assert [c["text"] for c in alone["choices"]] == text[:2]
a, b, c = (s.complete(prompt="x", max_tokens=20, **k)["choices"][0]["text"]
    for k in ({}, {}, {"seed": 6}))
assert len({a, b, c}) == 3		# without a seed, another answer
X
with 'a stream has the same text in whole characters, whatever its length' m --temp 3 <<'X'
message = {"messages": [{"role": "user", "content": "hi"}]}
for seed in range(20):
    for path, q in (("/v1/completions", {"prompt": "some words"}), ("/v1/chat/completions", message)):
        q = {**q, "max_tokens": 1 + 3 * seed, "seed": seed, "n": 2, "ignore_eos": seed % 2 == 0}
        text, events = s.stream(path, **q)
        _, whole = s.ask(path, **q)
        want = {c["index"]: c["message"]["content"] if "message" in c else c["text"]
            for c in whole["choices"]}
        assert text == want, (text, want)
        assert len({e["id"] for e in events}) == 1
        for i in 0, 1:
            reasons = [c["finish_reason"] for e in events for c in e["choices"] if c["index"] == i]
            assert reasons[-1] == whole["choices"][i]["finish_reason"]
            assert not any(reasons[:-1])
        if "messages" in q:
            assert events[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
            assert all(e["object"] == "chat.completion.chunk" for e in events)
X
with 'include_usage: an event of its own at the end' m <<'X'
text, events = s.stream("/v1/completions", prompt="abc", max_tokens=5, seed=1,
    stream_options={"include_usage": True})
assert events[-1]["choices"] == [] and events[-1]["usage"]["completion_tokens"] == 5
assert all(e["usage"] is None for e in events[:-1])
_, events = s.stream("/v1/completions", prompt="abc", max_tokens=5,
    stream_options={"include_usage": False})
assert not any("usage" in e for e in events)
X
with 'the events of a stream come one by one' m --context 200 <<'X'
times = [time.time() for _ in s.events("/v1/completions", prompt="x", max_tokens=190, ignore_eos=True)]
assert len(times) > 50 and len(set(times)) > 20
X
with 'log-probabilities of a prompt are those of its tokens when generated' m <<'X'
for greedy in 0, 1:
    r = s.complete(prompt="some words", max_tokens=20, seed=3, logprobs=3, ignore_eos=True,
        temperature=1 - greedy)
    a = r["choices"][0]["logprobs"]
    # Ask again, for prompt and answer: the same tokens by their ids.
    line = json.dumps({"prompt": "some words"})
    ids = json.loads(subprocess.run("generate -q -m m --jsonl -n 0".split(), input=line,
        capture_output=True, text=True, check=True).stdout)["prompt_ids"]
    e = s.complete(prompt=ids, max_tokens=20, seed=3, logprobs=3, echo=True, ignore_eos=True,
        temperature=1 - greedy)["choices"][0]
    b = e["logprobs"]
    k = len(ids)
    assert e["text"] == "some words" + r["choices"][0]["text"]
    assert len(b["tokens"]) == k + 20 and b["tokens"][k:] == a["tokens"]
    assert b["token_logprobs"][k:] == a["token_logprobs"]
    assert b["token_logprobs"][0] is None and b["top_logprobs"][0] is None
    for lp, top, token in zip(b["token_logprobs"][1:], b["top_logprobs"][1:], b["tokens"][1:]):
        assert 3 <= len(top) <= 4 and top[token] == lp <= 0
        assert lp <= max(top.values()) and sum(map(math.exp, top.values())) <= 1.000001
    if greedy:
        assert all(max(t.values()) == x for t, x in zip(a["top_logprobs"], a["token_logprobs"]))
    # A prompt that is longer has the same for the part that they share.
    vocabulary = json.load(open("m/tokenizer.json"))["model"]["vocab"]
    letters = [i for t, i in sorted(vocabulary.items()) if len(t) == 2 and t.isalpha()][:120]
    whole, part = (s.complete(prompt=letters[:n], max_tokens=0, logprobs=2, echo=True)
        ["choices"][0]["logprobs"] for n in (120, 50))
    for key in "tokens", "top_logprobs", "text_offset":
        assert whole[key][:50] == part[key], key
    for x, y in zip(whole["token_logprobs"][1:50], part["token_logprobs"][1:]):
        assert abs(x - y) < 1e-4
    assert len(part["tokens"]) == 50
    # Each is what generation says of the same token after the same ones.
    for n in 1, 2, 17, 49, 119:
        x = s.complete(prompt=letters[:n], max_tokens=1, logprobs=0, temperature=0,
            logit_bias={str(letters[n]): 100})["choices"][0]["logprobs"]
        assert x["tokens"] == [whole["tokens"][n]], (x, n)
        assert abs(x["token_logprobs"][0] - whole["token_logprobs"][n]) < 1e-4
X
with 'the requests of lm-eval: log-likelihoods of choices are those of score' base --parallel 4 <<'X'
def ids(text):
    p = subprocess.run("tokenize -q -t base -r -a -".split(), input=text, capture_output=True, text=True, check=True)
    return [int(i) for i in p.stdout.split()]
questions = [{"prompt": f"Number {i} comes after", "choices": [f"{i - 1}", f"{i + 7}, and more", "Caf\u00e9! \U0001f600"],
    "answer": i % 3} for i in range(12)]
lines = "".join(json.dumps(q) + "\n" for q in questions)
out = subprocess.run("score -q -m base --choices --each".split(), input=lines, capture_output=True, text=True,
    check=True).stdout.split("\n")
scored = [json.loads(line) for line in out if "logprobs" in line]
assert len(scored) == len(questions), out
for q, want in zip(questions, scored):
    whole = [ids(q["prompt"] + " " + c) for c in q["choices"]]
    n = len(ids(q["prompt"]))
    for prompt in whole, [q["prompt"] + " " + c for c in q["choices"]]:	# ids, or texts
        r = s.complete(model="base", prompt=prompt, temperature=0, max_tokens=1, logprobs=1, seed=1234, echo=True)
        for c, tokens, expected in zip(r["choices"], whole, want["logprobs"]):
            l = c["logprobs"]
            assert len(l["token_logprobs"]) == len(tokens) + 1
            assert abs(sum(l["token_logprobs"][n:-1]) - expected) < 1e-4, (c, expected)
            # Greedy or not is judged by equality of floats.
            assert all(x <= max(t.values()) for x, t in zip(l["token_logprobs"][1:], l["top_logprobs"][1:]))
X
with 'text_offset counts characters; partial ones are spelt by bytes' m <<'X'
text = "caf\u00e9 \u4e16\u754c \U0001f600!"
r = s.complete(prompt=text, max_tokens=0, logprobs=0, echo=True)["choices"][0]
assert r["text"] == text
l = r["logprobs"]
assert l["text_offset"] == sorted(l["text_offset"]) and l["text_offset"][0] == 0
back = b""
for token, at in zip(l["tokens"], l["text_offset"]):
    assert len(back.decode(errors="ignore")) <= at <= len(back.decode(errors="ignore")) + 1
    if token.startswith("bytes:"):
        back += bytes.fromhex(token[6:].replace("\\x", ""))
    else:
        back += token.encode()
assert back.decode() == text and any(t.startswith("bytes:") for t in l["tokens"])
X
with 'chat: log-probabilities with bytes, in a stream too' m <<'X'
q = dict(messages=[{"role": "user", "content": "hi"}], max_tokens=20, seed=3, logprobs=True,
    top_logprobs=2, ignore_eos=True)
c = s.chat(**q)["choices"][0]
tokens = c["logprobs"]["content"]
assert len(tokens) == 20
assert b"".join(bytes(t["bytes"]) for t in tokens).decode(errors="ignore") != ""
for t in tokens:
    assert t["token"] == bytes(t["bytes"]).decode(errors="replace") or "\ufffd" in t["token"]
    assert len(t["top_logprobs"]) == 2
    assert t["top_logprobs"][0]["logprob"] >= t["top_logprobs"][1]["logprob"]
text, events = s.stream("/v1/chat/completions", **q)
got = [t for e in events for c in e["choices"] if c["logprobs"] for t in c["logprobs"]["content"]]
assert got == tokens and text[0] == c["message"]["content"]
none = s.chat(**{**q, "top_logprobs": 0})["choices"][0]["logprobs"]["content"]
assert [t["logprob"] for t in none] == [t["logprob"] for t in tokens]
assert all(t["top_logprobs"] == [] for t in none)
X
with 'stop strings, also across tokens, whole and in a stream' m <<'X'
whole = s.complete(prompt="x", max_tokens=60, seed=2, ignore_eos=True)["choices"][0]["text"]
done = 0
for at in range(3, len(whole) - 4, 2):
    stop = whole[at:at + 3]
    if "\ufffd" in stop:	# bytes that are no character
        continue
    want = whole[:whole.index(stop)]
    for given in stop, ["never this", stop]:
        q = dict(prompt="x", max_tokens=60, seed=2, stop=given, ignore_eos=True)
        c = s.complete(**q)["choices"][0]
        assert c["text"] == want and c["finish_reason"] == "stop", (stop, c, want)
    text, _ = s.stream("/v1/completions", **q)
    assert text[0] == want, (stop, text, want)
    done += 1
assert done > 5
X
with 'biases forbid and force tokens; penalties, top-k and min-p act' m <<'X'
r = s.complete(prompt="x", max_tokens=8, temperature=0, logprobs=1)["choices"][0]["logprobs"]
vocabulary = json.load(open("m/tokenizer.json"))["model"]["vocab"]
ids = {t: i for t, i in vocabulary.items()}
q = ids["Q"]
forced = s.complete(prompt="x", max_tokens=5, logit_bias={str(q): 100}, temperature=1)
assert forced["choices"][0]["text"] == "QQQQQ"
ban = {str(i): -100 for t, i in ids.items() if t == r["tokens"][0]}
assert ban
other = s.complete(prompt="x", max_tokens=8, temperature=0, logit_bias=ban, logprobs=1)
assert r["tokens"][0] not in other["choices"][0]["logprobs"]["tokens"]
greedy = s.complete(prompt="x", max_tokens=8, temperature=0)["choices"][0]["text"]
for one in {"top_k": 1}, {"min_p": 1}, {"top_p": 1e-9}:
    for seed in 1, 2, 3:
        assert s.complete(prompt="x", max_tokens=8, seed=seed, **one)["choices"][0]["text"] == greedy
loose = s.complete(prompt="x", max_tokens=40, temperature=0, repetition_penalty=1e6,
    ignore_eos=True, logprobs=0)["choices"][0]["logprobs"]["tokens"]
assert len(set(loose)) == 40
X
with 'presence and frequency penalty: the formula, over sampled tokens alone' m <<'X'
# The greedy choice is the best of the model's log-probabilities less the penalties.
def penalized(q, presence, frequency):
    c = s.complete(**q, temperature=0, logprobs=20, ignore_eos=True, presence_penalty=presence,
        frequency_penalty=frequency)["choices"][0]["logprobs"]
    count, changed = {}, 0
    for token, top in zip(c["tokens"], c["top_logprobs"]):
        value = {t: x - count.get(t, 0) * frequency - (t in count) * presence for t, x in top.items()}
        assert value[token] > max(value.values()) - 1e-5, (token, value, count)
        changed += token != max(top, key=top.get)
        count[token] = count.get(token, 0) + 1
    return c["tokens"], changed
for prompt in "some words", [65, 66, 65, 65, 65, 65]:
    q = dict(prompt=prompt, max_tokens=100)
    plain, _ = penalized(q, 0, 0)
    once, changed = penalized(q, .5, 0)
    assert once != plain and changed > 5
    often, changed = penalized(q, 0, .3)
    assert often not in (plain, once) and changed > 5
    penalized(q, 1.25, .125)
    again, _ = penalized(q, -2, -1)
    assert len(set(again)) < len(set(plain))
# The prompt does not count: its token is preferred until the answer has it.
a, b = (s.complete(prompt=[65] * 50 + [id], max_tokens=0, echo=True, logprobs=0)
    ["choices"][0]["logprobs"]["token_logprobs"][-1] for id in (65, 66))
q = dict(prompt=[65] * 50, max_tokens=1, temperature=0, presence_penalty=2, frequency_penalty=2)
for more, want in (1, "A"), (-1, "B"):
    r = s.complete(**q, logit_bias={"65": 50, "66": 50 + a - b - more})
    assert r["choices"][0]["text"] == want
# Log-probabilities remain the model's.
q = dict(prompt="x", max_tokens=30, seed=4, logprobs=0, presence_penalty=1, frequency_penalty=1)
l = s.complete(**q)["choices"][0]["logprobs"]
assert s.complete(**q)["choices"][0]["logprobs"] == l
assert s.complete(**{**q, "presence_penalty": 0, "frequency_penalty": 0})["choices"][0]["logprobs"] != l
q = dict(messages=[{"role": "user", "content": "hi"}], max_tokens=100, temperature=0)
assert s.chat(**q)["choices"] != s.chat(**q, presence_penalty=2)["choices"]
# Also where a schema forbids most tokens: the letters take turns.
schema = {"type": "array", "items": {"enum": [1, 2]}, "minItems": 20, "maxItems": 20}
q["response_format"] = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}
fair = json.loads(s.chat(**q, frequency_penalty=2)["choices"][0]["message"]["content"])
assert len(fair) == 20 and 8 <= fair.count(1) <= 12, fair
assert json.loads(s.chat(**q, frequency_penalty=-2)["choices"][0]["message"]["content"]).count(fair[0]) in (0, 1, 19, 20)
X
with 'response_format: any object, or what satisfies a schema; whole and streamed' m --parallel 4 <<'X'
message = [{"role": "user", "content": "hi"}]
schema = {"type": "object", "properties": {"a": {"type": "boolean"},
    "b": {"enum": ["x", "yes"]}}, "required": ["a", "b"], "additionalProperties": False}
for seed in range(8):
    q = dict(messages=message, max_tokens=100, seed=seed, response_format={"type": "json_schema",
        "json_schema": {"name": "n", "strict": True, "schema": schema}})
    c = s.chat(**q)["choices"][0]
    r = json.loads(c["message"]["content"])
    assert set(r) == {"a", "b"} and r["a"] in (True, False) and r["b"] in ("x", "yes"), c
    assert c["finish_reason"] == "stop"
    assert s.stream("/v1/chat/completions", **q)[0][0] == c["message"]["content"]
    c = s.chat(messages=message, max_tokens=60, seed=seed, response_format={"type": "json_object"})["choices"][0]
    assert c["message"]["content"].lstrip()[0] == "{"
    if c["finish_reason"] == "stop":
        assert isinstance(json.loads(c["message"]["content"]), dict)
X
with 'the options of the command line are the defaults of requests' m --greedy --name other <<'X'
assert json.loads(s.get("/v1/models")[2])["data"][0]["id"] == "other"
a, b = (s.complete(prompt="x", max_tokens=9, model="other", **k)["choices"][0]["text"]
    for k in ({}, {"temperature": 0}))
assert a == b
c = s.complete(prompt="x", max_tokens=9, temperature=5, seed=1)["choices"][0]["text"]
assert c != a
status, r = s.ask("/v1/completions", prompt="x", model="m")
assert status == 404 and r["error"]["code"] == "model_not_found"
X
with 'answers do not depend on what other clients do' m --parallel 5 <<'X'
def q(i):
    chat = i % 3 == 0
    return ("/v1/chat/completions" if chat else "/v1/completions",
        {**({"messages": [{"role": "user", "content": f"say {i}"}]} if chat else
            {"prompt": ["abc " * (i % 7 + 1), "z"]}), "seed": i, "n": i % 4 + 1,
         "max_tokens": 5 + i * 7 % 60, "temperature": .5 + i % 3, "logprobs": chat or 2,
         "logit_bias": {str(i): -2}})
def ask(i):
    status, r = s.ask(q(i)[0], **q(i)[1])
    assert status == 200, r
    return r["choices"]
alone = [ask(i) for i in range(24)]
together = at_once([lambda i=i: ask(i) for i in list(range(24)) * 2])
assert together == alone * 2
X
with 'models, health, the page, unknown paths and methods' m <<'X'
status, headers, data = s.get("/v1/models")
r = json.loads(data)
assert status == 200 and r["data"][0]["id"] == "m" and r["data"][0]["object"] == "model"
assert r["data"][0]["max_model_len"] == 256
assert json.loads(s.get("/health")[2]) == {"status": "ok"}
status, headers, data = s.get("/")
assert status == 200 and headers["Content-Type"] == "text/html; charset=utf-8"
nonce = re.search(r"nonce-(\w{32})'", headers["Content-Security-Policy"])[1]
assert nonce.encode() in data and b"NONCE" not in data
assert nonce not in s.get("/")[1]["Content-Security-Policy"]
for outside in b"http://", b"https://", b"@import", b"src=", b"innerHTML", b"outerHTML", b"eval(":
    assert outside not in data, outside
assert s.get("/v1/nothing")[0] == 404
status, headers, _ = s.get("/v1/completions")
assert status == 405 and headers["Allow"] == "POST"
assert s.request("POST", "/health")[0] == 405
X
with 'a base model completes, and says that it has no chat template' base <<'X'
assert s.complete(prompt="x", max_tokens=3)["usage"]["completion_tokens"] == 3
status, r = s.ask("/v1/chat/completions", messages=[{"role": "user", "content": "x"}])
assert status == 400 and r["error"]["param"] == "messages" and "no chat template" in r["error"]["message"]
X
with 'max_tokens: 16 for texts, the rest of the context for chats' m <<'X'
r = s.complete(prompt="x", ignore_eos=True)
assert r["usage"]["completion_tokens"] == 16
r = s.chat(messages=[{"role": "user", "content": "x"}], ignore_eos=True)
assert r["usage"]["total_tokens"] == 256 and r["choices"][0]["finish_reason"] == "length"
X
with 'a request in the log: status and tokens, nothing of its content' m <<'X'
s.complete(prompt="secret words", max_tokens=3, ignore_eos=True)
s.ask("/v1/completions", prompt="secret words", secret=1)
s.get("/" + "x" * 500 + "\r\n".replace("\r\n", "%0d%0a") + "end")
time.sleep(.2)
log = "".join(s.log)
assert re.search(r"127.0.0.1 POST /v1/completions 200 \d+\.\d+s prompt=\d+ tokens=3\n", log), log
assert "secret" not in log and "xend" not in log
assert len(s.log) == 4, s.log
X
done_testing
