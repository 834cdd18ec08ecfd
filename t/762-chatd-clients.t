#!/bin/sh
# chatd and clients that stall, flood, send garbage, pipeline or vanish; limits;
# its end; its memory.
. "${0%/*}/lib.sh"
needs_command python3
[ -x "$BUILD/bin/chatd" ] || skip_all 'chatd was not built: no libmicrohttpd'
export PYTHONPATH="$TOP/t" PYTHONDONTWRITEBYTECODE=1

unit mkmodel m scale=3 kv=2 tokens=900
# Answers that take long: many tokens of a slow model. The sanitizer of threads
# makes any slow.
case $BUILD in *tsan*) size='layers=2 width=64' ;; *) size='layers=4 width=256' ;; esac
unit mkmodel slow scale=3 $size context=8192 tokens=900

with() {	# NAME [OPTIONS OF chatd] <<program of Python, with the server s
	name=$1; shift
	{ cat <<-X
	from chatd import *
	files = {}
	LONG = {"prompt": "x", "max_tokens": 8000, "ignore_eos": True}
	def head(n, path="/v1/completions", *more):
	    return ("\r\n".join(["POST %s HTTP/1.1" % path, "Host: localhost", "Content-Length: %d" % n,
	        *more]) + "\r\n\r\n").encode()
	def request(**q):
	    body = json.dumps(q).encode()
	    return head(len(body)) + body
	def answer(sock):
	    """Status and body of the next response on a socket."""
	    class same:		# keeps what was read ahead
	        def makefile(self, mode):
	            f = files.setdefault(sock, None) or sock.makefile(mode)
	            files[sock] = f
	            f.close = lambda: None
	            return f
	    r = http.client.HTTPResponse(same())
	    r.begin()
	    return r.status, r.read()
	def closed(sock, seconds):
	    sock.settimeout(seconds)
	    try:
	        while sock.recv(65536):
	            pass
	    except ConnectionResetError:
	        pass
	    return True
	X
	printf 'with Server("%s") as s:\n' "$(echo "$@" | sed 's/ /", "/g')"
	sed 's/^/    /'; } >case.py
	ok "$name" 'timeout 300 python3 case.py'
}

with 'a client that vanishes frees its row at once: streaming, or waiting for all' slow --parallel 2 <<'X'
for stream in True, False:
    for how in "close", "half", "reset":
        socks = [s.raw(request(**LONG, stream=stream)) for _ in range(2)]
        time.sleep(.3)		# both rows are in use
        for k in socks:
            if how == "half":
                k.shutdown(socket.SHUT_WR)
            elif how == "reset":
                k.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                k.close()
            else:
                k.close()
        begin = time.time()
        s.complete(prompt="x", max_tokens=1)
        took = time.time() - begin
        assert took < 2, (stream, how, took)
log = "".join(s.log)
time.sleep(.2)
assert log.count("(the client has gone)") == 12, log
tokens = [int(n) for n in re.findall(r"tokens=(\d+) \(the", log)]
assert all(n < 4000 for n in tokens), tokens
X
with 'a request in the queue whose client has gone is never begun' slow --parallel 1 <<'X'
first = s.raw(request(**LONG, stream=True))
time.sleep(.3)
for _ in range(20):
    s.raw(request(**LONG)).close()
time.sleep(.3)
first.close()
begin = time.time()
s.complete(prompt="x", max_tokens=1)
assert time.time() - begin < 3
X
with 'a stalled reader of a stream is disconnected, and its row freed' slow \
	--parallel 1 --backlog 64K --timeout 2 --context 8192 <<'X'
k = socket.socket()
k.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
k.connect(s.address)
k.sendall(request(**{**LONG, "n": 8}, stream=True, logprobs=5))
begin = time.time()
s.complete(prompt="x", max_tokens=1)
assert time.time() - begin < 60
k.close()
time.sleep(.5)
assert re.search(r"\(the client (stalled|has gone)\)", "".join(s.log)), s.log
X
with 'clients that send nothing, half a header, half a body, or a byte now and then' m --timeout 1.5 <<'X'
body = json.dumps({"prompt": "x", "max_tokens": 1}).encode()
begin = time.time()
idle = [s.raw(b"") for _ in range(3)]
half = [s.raw(b"POST /v1/completions HTTP/1.1\r\nHost: local"), s.raw(head(len(body))),
    s.raw(head(len(body)) + body[:5]), s.raw(head(10, "/v1/completions", "Expect: 100-continue"))]
# Slow clients, which are never idle for long: header and body.
def drip(data):
    k = s.raw(b"")
    try:
        for i in range(len(data)):
            k.sendall(data[i:i + 1])
            time.sleep(.1)
            if time.time() - begin > 10:
                return False
    except OSError:
        return True
    return closed(k, 3)
assert all(at_once([lambda: drip(head(len(body), "/v1/completions", "X: " + "y" * 99)),
    lambda: drip(b"x" * 200)]))
assert time.time() - begin < 6
for k in idle + half:
    assert closed(k, 3)
assert time.time() - begin < 8
assert s.complete(prompt="x", max_tokens=1)
X
with 'connections that stay open are used again, then closed' m --timeout 1 <<'X'
c = s.connect()
for i in range(50):
    c.request("POST", "/v1/completions", json.dumps({"prompt": "x", "max_tokens": 2}))
    r = c.getresponse()
    assert r.status == 200
    r.read()
assert closed(c.sock, 5)
X
with 'a body that is too long: 413 before it is sent, and disconnection without a length' m --max-body 4K <<'X'
k = s.raw(head(4097))
assert answer(k)[0] == 413
big = json.dumps({"prompt": "x" * 5000})
k = s.raw(head(len(big), "/v1/completions", "Expect: 100-continue"))
assert k.makefile("rb").readline().split()[1] == b"413"
k = s.raw(b"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
try:
    for i in range(2000):
        k.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")
    flooded = True
except OSError:
    flooded = False
assert not flooded
assert s.complete(prompt="y" * 100, max_tokens=1)
for n in b"-1", b"99999999999999999999999", b"1e3", b"0x10", b"4097 ", b"1, 2":
    k = s.raw(b"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + n + b"\r\n\r\n")
    k.shutdown(socket.SHUT_WR)
    assert not k.makefile("rb").readline().startswith(b"HTTP/1.1 2"), n
assert s.complete(prompt="y" * 100, max_tokens=1)
X
with 'a chunked body' m <<'X'
body = json.dumps({"prompt": "x", "max_tokens": 2}).encode()
k = s.raw(b"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" +
    b"".join(b"1\r\n%c\r\n" % c for c in body) + b"0\r\n\r\n")
assert answer(k)[0] == 200
X
with 'long headers, many headers, long paths' m --max-header 16K <<'X'
for data in (b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 100000 + b"\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 20000 + b"\r\n",
        b"GET /" + b"x" * 100000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"):
    try:
        k = s.raw(data)
        line = k.makefile("rb").readline()
    except OSError:
        line = b""
    assert not line.startswith(b"HTTP/1.1 2"), line
    assert s.get("/health")[0] == 200
X
with 'garbage' m --timeout 2 <<'X'
import random
random.seed(1)
good = request(prompt="x", max_tokens=2)
for i in range(300):
    data = bytearray(good)
    for _ in range(random.randrange(1, 9)):
        data[random.randrange(len(data))] = random.randrange(256)
    if i % 3 == 0:
        data = os.urandom(random.randrange(1, 3000))
    if i % 3 == 1:
        data = data[:random.randrange(1, len(data))]
    try:
        k = s.raw(bytes(data))
        k.shutdown(socket.SHUT_WR)
        k.settimeout(20)
        while k.recv(65536):
            pass
    except (ConnectionResetError, BrokenPipeError):
        pass
    k.close()
assert s.complete(prompt="x", max_tokens=1)
X
with 'pipelined requests are answered in order' m <<'X'
k = s.raw(b"".join(request(prompt="x", max_tokens=3 + i, seed=i, stream=i % 2 == 1) for i in range(10)))
for i in range(10):
    status, data = answer(k)
    assert status == 200
    text = json.loads(data)["choices"][0]["text"] if i % 2 == 0 else "".join(
        json.loads(e[6:])["choices"][0]["text"] for e in data.decode().split("\n\n")[:-2])
    assert text == s.complete(prompt="x", max_tokens=3 + i, seed=i)["choices"][0]["text"]
X
with 'a full queue: 503 with Retry-After, and the rest is answered' slow --parallel 1 --queue 2 <<'X'
first = s.raw(request(**LONG, stream=True))
time.sleep(.3)
waiting = [s.raw(request(prompt="x", max_tokens=1)) for _ in range(2)]
time.sleep(.3)
status, headers, data = s.request("POST", "/v1/completions", json.dumps({"prompt": "x"}))
assert status == 503 and headers["Retry-After"] and "waiting" in json.loads(data)["error"]["message"]
first.close()
for k in waiting:
    assert answer(k)[0] == 200
X
with 'requests that could take much memory wait for each other outside: 503' slow --parallel 1 <<'X'
first = s.raw(request(**LONG, stream=True))
time.sleep(.3)
big = [s.raw(request(prompt="x", n=128, max_tokens=8000, ignore_eos=True)) for _ in range(3)]
time.sleep(.3)
assert answer(s.raw(request(prompt="x", n=128, max_tokens=8000)))[0] == 503
for k in first, *big:
    k.close()
assert s.complete(prompt="x", max_tokens=1)
X
with 'more clients than allowed wait, and are served when others leave' m --clients 4 --timeout 2 <<'X'
idle = [s.raw(b"") for _ in range(4)]
begin = time.time()
c = s.connect()
c.request("GET", "/health")
assert c.getresponse().status == 200
assert time.time() - begin < 10
assert at_once([lambda: s.complete(prompt="x", max_tokens=3)["usage"]["completion_tokens"]
    for _ in range(20)]) == [3] * 20
X
with 'a thousand answers of one token, or none, do not stop another one' slow --parallel 2 <<'X'
k = s.raw(request(**LONG, stream=True)).makefile("rb")
def events(until):
    n = 0
    while not until.is_set():
        n += k.readline().startswith(b"data: {")
    return n
events_before = [k.readline() for _ in range(20)]
for q in dict(max_tokens=1), dict(max_tokens=0, echo=True):
    done = threading.Event()
    def ask():
        s.complete(prompt=["some words"] * 1000, **q)
        done.set()
    n, _ = at_once([lambda: events(done), ask])
    assert n > 200, (q, n)
X
with 'a first token does not wait for the prompts of others' slow --parallel 3 <<'X'
def first(k):
    f = k.makefile("rb")
    while not f.readline().startswith(b"data: {"):
        pass
    return time.time()
begin = time.time()
s.complete(prompt=[5] * 7900, max_tokens=1)
most = time.time() - begin
# All are in the queue while the first one is read.
socks = [s.raw(request(prompt=[i] * n, max_tokens=50, ignore_eos=True, stream=True))
    for i, n in ((65, 7900), (66, 9), (67, 7900))]
times = at_once([lambda k=k: first(k) for k in socks])
assert times[2] - times[1] > most / 2, (times, most)
assert times[1] - times[0] < most / 2, (times, most)
X
with 'while an answer runs, others join; a long request takes turns' slow --parallel 2 <<'X'
many = s.raw(request(prompt=["x"] * 100, max_tokens=40, ignore_eos=True))
time.sleep(.2)
begin = time.time()
s.complete(prompt="x", max_tokens=2)
took = time.time() - begin
assert answer(many)[0] == 200
assert took * 3 < time.time() - begin, (took, time.time() - begin)
X

# ---- the end ----

for signal in TERM INT; do
with "SIG$signal: what runs is finished, what is asked is refused, exit 0" slow --grace 60 <<X
begin = time.time()
s.complete(prompt="x", max_tokens=100, ignore_eos=True)
long = s.raw(request(prompt="x", max_tokens=min(8000, int(300 / (time.time() - begin))),
    ignore_eos=True, stream=True))		# some 3 seconds
kept = s.connect()
kept.request("GET", "/health")
kept.getresponse().read()
time.sleep(.3)
s.process.send_signal(signal.SIG$signal)
time.sleep(.3)
kept.request("POST", "/v1/completions", json.dumps({"prompt": "x"}))
r = kept.getresponse()
assert r.status == 503 and r.headers["Connection"] == "close"
try:
    s.raw(b"").recv(1)
    raise SystemExit("a new client was accepted")
except OSError:
    pass
status, data = answer(long)
assert data.endswith(b"data: [DONE]\n\n") and data.count(b"data: ") > 100
assert s.process.wait(30) == 0
X
done
with 'after --grace, streams end with an error and the rest gets 503' slow --grace 0.5 --parallel 2 <<'X'
a = s.raw(request(**LONG, stream=True))
b = s.raw(request(**LONG))
time.sleep(.3)
c = s.raw(request(**LONG, stream=True))		# in the queue
time.sleep(.3)
begin = time.time()
s.process.send_signal(signal.SIGTERM)
status, data = answer(a)
last = data.decode().split("\n\n")[-2]
assert status == 200 and "shutting down" in json.loads(last[6:])["error"]["message"], last
for k in b, c:
    status, data = answer(k)
    assert status == 503 and "shutting down" in json.loads(data)["error"]["message"]
assert s.process.wait(10) == 0 and time.time() - begin < 5
X
with 'idle clients do not delay the end' m <<'X'
idle = [s.raw(b""), s.raw(b"POST /v1/comp")]
c = s.connect(); c.request("GET", "/health"); c.getresponse().read()
begin = time.time()
s.process.send_signal(signal.SIGTERM)
assert s.process.wait(10) == 0 and time.time() - begin < 3
X

# ---- memory ----

case $BUILD in *san*) skip 'memory' 'sanitizers take memory of their own' ;; *)
export REQUESTS=${T_LONG:+10000}
with "${REQUESTS:-800} requests of all kinds, also vanishing ones, in flat memory" m --parallel 8 <<'X'
def one(i):
    kind = i % 8
    if kind == 0:
        s.raw(request(prompt="x", max_tokens=200, ignore_eos=True, stream=True)).close()
    elif kind == 1:
        s.ask("/v1/completions", prompt="x", nothing=1)
    elif kind == 2:
        s.stream("/v1/chat/completions", messages=[{"role": "user", "content": "x" * (i % 99)}],
            max_tokens=5, logprobs=True, top_logprobs=5)
    elif kind == 3:
        s.complete(prompt=["x" * (i % 50 + 1)] * 3, n=2, max_tokens=4, logprobs=3, echo=True,
            stop=["q", "zz"], logit_bias={"3": 1})
    elif kind == 4:
        k = s.raw(request(prompt="x", max_tokens=200)[:40 + i % 60])
        k.close()
    elif kind == 5:
        s.get("/"); s.get("/nothing" * (i % 9)); s.request("POST", "/v1/completions", "x" * (i % 3000))
    else:
        s.complete(prompt="x" * (i % 150 + 1), max_tokens=i % 60)
n = int(os.environ.get("REQUESTS") or 800)
def some(first, last):
    at_once([lambda t=t: [one(i) for i in range(first + t, last, 8)] for t in range(8)])
    return s.memory()
warm = some(0, n // 2)
end = some(n // 2, n)
print(warm, end)
assert end - warm < (4 << 20), (warm, end)
X
with '-M bounds the process: as many answers at a time as fit, long or short' slow -M 400M --parallel 64 \
	--context 2048 --max-body 64K --clients 32 <<'X'
rows, tokens = map(int, re.search(r"-M: up to (\d+) answers at once, and (\d+) tokens", "".join(s.log)).groups())
assert 1 <= rows <= 64 and 2 * 2048 <= tokens < 64 * 2048, (rows, tokens)
def full(i):
    return s.complete(prompt=[3] * (1 + i % 2 * 1990), max_tokens=50, ignore_eos=True, n=2)
peak = [0]
def watch():
    while peak[0] >= 0:
        peak[0] = max(peak[0], s.memory())
        time.sleep(.02)
        if stop.is_set(): return
stop = threading.Event()
w = threading.Thread(target=watch); w.start()
at_once([lambda i=i: full(i) for i in range(3 * tokens // 2048 + 2)])
stop.set(); w.join()
print(rows, tokens, peak)
assert peak[0] <= 400 << 20, peak
X
ok '-M that is just enough for one answer bounds what long answers, prompts and prefixes take' '
	cat >case.py <<-\X
	from chatd import *
	options = "--context 4096 --max-body 64K --clients 16 --listen 127.0.0.1:0".split()
	why = subprocess.run(["chatd", "-m", "slow", "-M", "20M", *options], capture_output=True, text=True).stderr
	need = int(re.search(r"-M: (\d+) MiB are needed", why)[1]) + 1
	# Memory that these requests leave unused: for answers and requests of all clients.
	unused = 64 + 64 + 8 / 16 + 16 * (32 + 256) / 1024
	with Server("slow", "-M", f"{need}M", *options[:-2]) as s:
	    tokens = int(re.search(r" answers at once, and (\d+) tokens", "".join(s.log))[1])
	    assert 2 * 4096 <= tokens < 3 * 4096, tokens
	    s.complete(prompt="x", max_tokens=4000, ignore_eos=True)
	    at_once([lambda i=i: s.complete(prompt=[65] * (3900 - i) + [66] * 9, max_tokens=90,
	        ignore_eos=True) for i in range(4)])	# one by one, without a pause
	    for line in open(f"/proc/{s.process.pid}/status"):
	        if line.startswith("VmHWM"):
	            peak = int(line.split()[1]) / 1024
	    print(need, unused, peak)
	    assert peak <= need - unused, (peak, need, unused)
	X
	unset MALLOC_PERTURB_	# it would write what segments leave unused
	timeout 200 python3 case.py
'
fails 1 '-M that is too small for one answer' 'chatd -m slow --listen 127.0.0.1:0 -M 20M' \
	'^chatd: -M: [0-9]+ MiB are needed for one answer of 8192 tokens: '
ok "keys and values in bf16 need half the memory: two segments of 8192 tokens of 8 KB" '
	for kv in fp32 bf16; do
		chatd -m slow --listen 127.0.0.1:0 -M 1M --kv $kv 2>err && exit 1
		sed "s/.*-M: \([0-9]*\) .*/\1/" err >$kv
	done
	close $(cat fp32)-$(cat bf16) 2*8192*8192/2/1048576 3
'
esac
done_testing
