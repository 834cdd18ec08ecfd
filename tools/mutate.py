#!/usr/bin/env python3
"""Mutation test of the tests: how many one-line faults `make check` notices.

	python3 tools/mutate.py [-n 40] [-s SEED] [-j JOBS] [-l]

Injects N faults, one at a time, into sources of common/ and cmd/, cycling
through the directories: a comparison flipped, a call dropped, a constant off by
one, + for -, && for ||, a condition negated, a return value inverted. Comments,
tables, declarations and diagnostics are left alone. Each fault is built in a
copy of the tree in a temporary directory; then the test scripts run, without
../shared, the likeliest first, until the first case fails. A script that takes
several times as long as without a fault counts as noticing it; a fault that
does not compile is replaced by another. Prints a line per fault and at the end
the share that was noticed; exit 1 if that is below --bar.

-l only lists the faults. -r FILE:LINE tries only the faults of that line. -t N
runs only the N likeliest scripts: a quick look at what may survive.
"""
import argparse
import collections
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

FOLDERS = ['common/' + d for d in 'base format html extract filter dedup grade kernel token model train sample'.split()]
FOLDERS.append('cmd')
# A line that only reports, ends the run, or frees memory.
QUIET = re.compile(r'\b(die\w*|warn\w*|note|usage\w*|assert|perror|progress\w*|fprintf\s*\(\s*stderr'
                   r'|free|\w+_free|\w*close|munmap|va_end|buf_reserve|madvise|posix_madvise|posix_fadvise)\s*\(')
# Capacities, and numbers that only serve as limits.
ROOM = re.compile(r'\bcap\b|\breturn -1;')
DECLARATION = re.compile(r'\s*(static|const|extern|struct|enum|union|unsigned|signed|char|int|long|'
                         r'short|float|double|bool|void|size_t|ssize_t|FILE|_Atomic|'
                         r'u?int\d+_t|v?[fi]\d+)\b[^()]*[;,=]|.*\b(case\b.*:|default:|sizeof)')
CALL = re.compile(r'\t+[a-z_]\w*\(.*\);\s*$')
KINDS = [   # name, pattern in code without strings, replacement
    ('comparison', r'(?<=[\w\])]) (<|<=|>|>=|==|!=) (?=[\w(\-\'"*&!])',
     {'<': '<=', '<=': '<', '>': '>=', '>=': '>', '==': '!=', '!=': '=='}),
    ('logic', r' (&&|\|\|)(?= |$)', {'&&': '||', '||': '&&'}),
    ('arithmetic', r'(?<=[\w\])]) ([+\-]) (?=[\w(])', {'+': '-', '-': '+'}),
    ('step', r' ([+\-]=) ', {'+=': '-=', '-=': '+='}),
    ('constant', r'(?<![\w.\'"])(\d{1,4})(?![\w.\'"])', None),
    ('answer', r'\breturn (true|false);', {'true': 'false', 'false': 'true'}),
    ('negation', r'(?<=\()(!)(?=[\w(])', {'!': ''}),
    ('dropped call', None, None),
]


def without_strings(line):
    """The line with string contents and comments blanked out."""
    line = re.sub(r'"(\\.|[^"\\])*"|\'(\\.|[^\'\\])*\'',
                  lambda m: m[0][0] + '~' * (len(m[0]) - 2) + m[0][0], line)
    return re.sub(r'/\*.*?\*/', lambda m: ' ' * len(m[0]), line)


def faults_of(name, line, n, starts):
    """All faults of line n: tuples (name, n, kind, before, after)."""
    code = without_strings(line)
    for kind, pattern, swap in KINDS:
        if kind == 'dropped call':
            if starts and CALL.match(code) and code.count('(') == code.count(')'):
                yield name, n, kind, line, re.match(r'\t+', line)[0] + ';'
            continue
        for m in re.finditer(pattern, code):
            old = m[1]
            if kind == 'constant' and ROOM.search(code):
                continue
            new = swap[old] if swap else str(int(old) + 1)
            if kind == 'constant' and code[m.end():m.end() + 1] == ']' and '[' in code[:m.start()] \
                    and not re.search(r'[=.(]', code):
                continue
            yield name, n, kind, line, line[:m.start(1)] + new + line[m.end(1):]


def candidates(name):
    """The faults of a source, by kind: only lines inside functions."""
    inside = comment = quiet = False
    before = '{'
    for n, line in enumerate(open(name, encoding='utf-8').read().split('\n'), 1):
        code = without_strings(line)
        if comment or '/*' in code:
            comment = '*/' not in code
            continue
        if line.startswith('{') or line.startswith('}'):
            inside = line.startswith('{')
            before = '{'
            continue
        if not inside or not code.strip() or code.startswith('#'):
            continue
        if quiet or QUIET.search(code):
            quiet = not code.rstrip().endswith((';', '{'))
            before = ';'
            continue
        starts = before.endswith((';', '{', '}', ':', 'else')) or \
            re.search(r'\b(if|for|while) \(.*\)$', before) is not None
        if not (starts and DECLARATION.match(code)):
            yield from faults_of(name, line, n, starts)
        before = code.rstrip()


def sources(folder):
    for where, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            path = os.path.join(where, name)
            if name.endswith('.c') and '_table' not in name and \
                    'tools/gen-' not in open(path, encoding='utf-8').read(600):
                yield path


def seeded(seed):
    """An endless sequence of faults: directories in turn, first a kind, then a place."""
    rng = random.Random(seed)
    pool = {}
    for folder in FOLDERS:
        kinds = collections.defaultdict(list)
        for path in sources(folder):
            for fault in candidates(path):
                kinds[fault[2]].append(fault)
        pool[folder] = kinds
    done = set()
    while True:
        for folder in FOLDERS:
            kind = rng.choice(sorted(pool[folder]))
            fault = rng.choice(pool[folder][kind])
            if fault[:2] not in done:
                done.add(fault[:2])
                yield fault


# ---- the tests ----

TOPICS = {  # numbers of the scripts that test a directory or a program
    'base': '0', 'format': '0123', 'html': '1', 'extract': '1', 'filter': '1',
    'dedup': '2', 'grade': '6', 'kernel': '4', 'token': '3', 'model': '4',
    'train': '456', 'sample': '67', 'crawlclean': '1', 'bpe-train': '3',
    'tokenize': '3', 'shard': '3', 'pretrain': '4', 'sft': '5', 'rlsample': '6',
    'rltrain': '6', 'rmtrain': '6', 'generate': '7', 'chat': '7', 'ckpt': '4', 'score': '7',
    'page': '07',
}


def ordered(scripts, seconds, name):
    """Scripts that share a word with the source's name first, then those of
    its directory's topic, quick ones before slow ones."""
    parts = name[:-2].split('/')
    words = set(re.split(r'[_/-]', '/'.join(parts[1:])))
    topic = next((TOPICS[p] for p in reversed(parts) if p in TOPICS), '')

    def rank(script):
        named = words & set(re.split(r'[-.]', script[4:]))
        return (not named, script[0] not in topic, seconds[script])
    return sorted(scripts, key=rank)


class Copy:
    """A copy of the tree with its build, holding one fault at a time."""

    def __init__(self, top, where, number):
        self.tree = os.path.join(where, f'tree{number}')
        self.tmp = os.path.join(where, f'tmp{number}')
        self.build = os.path.join(self.tree, 'build')
        self.running = None     # the process group of the current command
        skip = shutil.ignore_patterns('.git', 'san', 'tsan', 'fuzz-*', 'venv', 'demo', '.mirror')
        shutil.copytree(top, self.tree, symlinks=True, ignore=skip)

    def run(self, command, timeout):
        """Exit status and output; the status is None after a timeout."""
        shutil.rmtree(self.tmp, ignore_errors=True)
        os.mkdir(self.tmp)
        env = dict(os.environ, PIPELM_SHARED='/nonexistent', PIPELM_BUILD=self.build,
                   TMPDIR=self.tmp, T_LONG='')

        def limits():
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_FSIZE, (4 << 30, 4 << 30))
        p = subprocess.Popen(command, cwd=self.tree, env=env, text=True, errors='replace',
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, start_new_session=True,
                             preexec_fn=limits)
        self.running = p.pid
        late = threading.Timer(timeout, self.kill, [p.pid])
        late.daemon = True
        late.start()
        out = []
        for line in p.stdout:
            out.append(line)
            if line.startswith('not ok') and '# TODO' not in line:
                self.kill(p.pid)
                break
        status = p.wait()
        expired = not late.is_alive()
        late.cancel()
        self.kill(p.pid)    # processes it left running
        self.running = None
        p.stdout.close()
        return (None if expired else status), ''.join(out)

    @staticmethod
    def kill(group):
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def make(self):
        return self.run(['make', '-s', 'all', 'units'], 600)[0] == 0

    def test(self, script, timeout):
        """None on success, otherwise what went wrong."""
        status, out = self.run(['sh', 't/' + script], timeout)
        for line in out.split('\n'):
            if line.startswith('not ok') and '# TODO' not in line:
                return re.sub(r'^not ok \d+ - ', '', line)
        if status is None:
            return 'time ran out'
        if not re.search(r'^1\.\.\d', out, re.M):
            return f'no plan, status {status}'
        return None

    def put(self, name, text):
        with open(os.path.join(self.tree, name), 'w', encoding='utf-8') as f:
            f.write(text)


class Run:
    def __init__(self, options, top, faults):
        self.options, self.faults = options, faults
        self.lock = threading.Lock()
        self.wanted = options.n
        self.noticed = self.tried = 0
        self.survivors = []
        self.over = False
        self.where = tempfile.mkdtemp(prefix='mutate.')
        first = Copy(top, self.where, 0)
        if not first.make():
            sys.exit('mutate: the tree does not build')
        self.copies = [first] + [Copy(first.tree, self.where, i) for i in range(1, options.j)]
        for c in self.copies[1:]:
            shutil.rmtree(c.build)
            subprocess.run(['cp', '-a', first.build, c.build], check=True)
        self.scripts = sorted(s for s in os.listdir(first.tree + '/t') if s.endswith('.t'))
        self.seconds = {}

    def threads(self, work):
        team = [threading.Thread(target=work, args=[c], daemon=True) for c in self.copies]
        for t in team:
            t.start()
        for t in team:
            t.join()

    def measure(self, copy):
        """How long each script takes without a fault; one that fails is left out."""
        while True:
            with self.lock:
                if not self.left:
                    return
                script = self.left.pop()
            start = time.time()
            wrong = copy.test(script, 900)
            self.seconds[script] = time.time() - start
            if wrong:
                print(f'# {script} fails without a fault and is left out: {wrong}', flush=True)
                del self.seconds[script]

    def read_times(self):
        """Those of --times; a script that is new since then is not among them."""
        try:
            with open(self.options.times or '') as f:
                known = dict(line.split() for line in f)
        except FileNotFoundError:
            return
        self.seconds = {s: float(known[s]) for s in self.scripts if s in known}

    def next_fault(self):
        with self.lock:
            if self.wanted == 0:
                return None
            self.wanted -= 1
            return next(self.faults, None)

    def try_faults(self, copy):
        while (fault := self.next_fault()):
            name, n, kind, before, after = fault
            whole = open(os.path.join(copy.tree, name), encoding='utf-8').read()
            lines = whole.split('\n')
            lines[n - 1] = after
            copy.put(name, '\n'.join(lines))
            built = copy.make()
            if self.over:
                return
            if built:
                verdict = self.verdict(copy, name)
                if self.over:
                    return
                self.tell(fault, verdict)
            else:
                with self.lock:
                    self.wanted += 1
            copy.put(name, whole)

    def verdict(self, copy, name):
        for script in ordered(list(self.seconds), self.seconds, name)[:self.options.t]:
            wrong = copy.test(script, 5 * self.seconds[script] + 60)
            if wrong:
                return f'{script}: {wrong}'
        return None

    def tell(self, fault, verdict):
        name, n, kind, before, after = fault
        text = f'{name}:{n}: {kind}: {before.strip()} -> {after.strip()}'
        with self.lock:
            self.tried += 1
            self.noticed += verdict is not None
            if verdict is None:
                self.survivors.append(text)
            print(f'{text}: ' + (f'noticed by {verdict}' if verdict else 'SURVIVED'), flush=True)

    def all(self):
        try:
            self.read_times()
            self.left = [s for s in self.scripts if s not in self.seconds]
            self.threads(self.measure)
            if self.options.times:
                with open(self.options.times, 'w') as f:
                    f.writelines(f'{s} {t:.1f}\n' for s, t in self.seconds.items())
            print(f'# {len(self.seconds)} scripts, {sum(self.seconds.values()):.0f} s', flush=True)
            self.threads(self.try_faults)
        finally:
            self.over = True
            for copy in self.copies:
                if copy.running:
                    copy.kill(copy.running)
            shutil.rmtree(self.where, ignore_errors=True)
        share = self.noticed / max(self.tried, 1)
        print(f'noticed {self.noticed} of {self.tried} faults: {100 * share:.0f}%')
        for text in self.survivors:
            print(f'survived: {text}')
        return 0 if share >= self.options.bar else 1


def main():
    p = argparse.ArgumentParser(description='injects faults into the sources '
                                'and reports how many the tests notice')
    p.add_argument('-n', type=int, default=40, help='faults (40)')
    p.add_argument('-s', type=int, default=1, help='seed (1)')
    p.add_argument('-j', type=int, default=2, help='faults at a time (2)')
    p.add_argument('-t', type=int, help='run only this many scripts, the likeliest')
    p.add_argument('--times', metavar='FILE', help='running times of the scripts without a fault: '
                   'read if the file exists, otherwise measured and written')
    p.add_argument('-l', action='store_true', help='only list the faults')
    p.add_argument('-r', metavar='FILE:LINE', help='the faults of one line')
    p.add_argument('--bar', type=float, default=.85, help='share to reach (0.85)')
    options = p.parse_args()
    top = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    os.chdir(top)
    if options.r:
        name, n = options.r.rsplit(':', 1)
        faults = [f for f in candidates(name) if f[1] == int(n)]
        options.n = len(faults)
        faults = iter(faults)
    else:
        faults = seeded(options.s)
    if options.l:
        for _ in range(options.n):
            name, n, kind, before, after = next(faults)
            print(f'{name}:{n}: {kind}: {before.strip()} -> {after.strip()}')
        return 0
    return Run(options, top, faults).all()


if __name__ == '__main__':
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main())
