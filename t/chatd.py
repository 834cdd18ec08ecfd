"""A client of chatd for t/76*.t: starts it, asks it, and speaks raw HTTP.

    with Server("m", "--parallel", "4") as s:
        status, headers, body = s.post("/v1/completions", prompt="x")
        text, events = s.stream("/v1/completions", prompt="x")
"""
import http.client, json, os, re, signal, socket, subprocess, sys, threading, time


class Server:
    def __init__(self, model, *options, listen="127.0.0.1:0", program=("chatd",)):
        self.log = []
        self.process = subprocess.Popen([*program, "-m", model, "--listen", listen, *options],
            stderr=subprocess.PIPE, text=True, errors="replace")
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.address = None
        self.up = threading.Event()
        self.reader.start()
        if not self.up.wait(60) or not self.address:
            raise SystemExit("chatd did not start: " + "".join(self.log))

    def read(self):
        for line in self.process.stderr:
            self.log.append(line)
            m = re.search(r"listening on http://(.*):(\d+)/", line)
            if m:
                self.address = m[1].strip("[]"), int(m[2])
                self.up.set()
        self.up.set()

    def __enter__(self):
        return self

    def __exit__(self, *why):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.status = self.process.wait(60)
        self.reader.join(10)
        if why == (None, None, None):
            assert self.status == 0, (self.status, self.log)

    def connect(self, timeout=60):
        return http.client.HTTPConnection(*self.address, timeout=timeout)

    def raw(self, data=b"", timeout=60):
        s = socket.create_connection(self.address, timeout=timeout)
        s.sendall(data)
        return s

    def request(self, method, path, body=None, **headers):
        c = self.connect()
        c.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
        r = c.getresponse()
        data = r.read()
        c.close()
        return r.status, r.headers, data

    def get(self, path, **headers):
        return self.request("GET", path, **headers)

    def ask(self, path, headers={}, **parameters):
        """Status, and the JSON of the answer."""
        status, _, data = self.request("POST", path, json.dumps(parameters), **headers)
        return status, json.loads(data)

    def complete(self, **parameters):
        status, r = self.ask("/v1/completions", **parameters)
        assert status == 200, r
        return r

    def chat(self, **parameters):
        status, r = self.ask("/v1/chat/completions", **parameters)
        assert status == 200, r
        return r

    def events(self, path, **parameters):
        """The events of a stream, as they come."""
        c = self.connect()
        c.request("POST", path, json.dumps({"stream": True, **parameters}))
        r = c.getresponse()
        assert r.status == 200, r.read()
        assert r.headers["Content-Type"] == "text/event-stream"
        for line in r:
            if line == b"\n":
                continue
            assert line.startswith(b"data: ") and line.endswith(b"\n"), line
            yield line[6:-1].decode()	# strict: whole characters
        c.close()

    def stream(self, path, **parameters):
        """Text, and the JSON of all events; the last one is [DONE]."""
        all = list(self.events(path, **parameters))
        assert all[-1] == "[DONE]", all[-1]
        all = [json.loads(e) for e in all[:-1]]
        text = {}
        for e in all:
            for c in e["choices"]:
                piece = c["delta"].get("content", "") if "delta" in c else c["text"]
                text[c["index"]] = text.get(c["index"], "") + piece
        return text, all

    def wait_idle(self, seconds=20):
        """Until no row is in use: a short request is answered at once."""
        end = time.time() + seconds
        while time.time() < end:
            begin = time.time()
            self.complete(prompt="x", max_tokens=1)
            if time.time() - begin < 0.5:
                return
        raise AssertionError("rows are still in use")

    def memory(self):
        with open(f"/proc/{self.process.pid}/statm") as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def at_once(jobs):
    """Runs functions in threads; their results."""
    results = [None] * len(jobs)
    def run(i):
        try:
            results[i] = jobs[i]()
        except Exception as e:
            results[i] = e
    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(jobs))]
    for t in threads: t.start()
    for t in threads: t.join()
    for r in results:
        if isinstance(r, Exception):
            raise r
    return results
