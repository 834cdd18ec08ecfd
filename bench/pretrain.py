"""pretrain.py - the steps of pretrain, and of PyTorch on the same model, for pretrain.sh

usage: pretrain.py ours LOG COMMAND...          runs a trainer that writes LOG
       pretrain.py shard FILE VOCABULARY TOKENS  writes random tokens
       pretrain.py chars TEXT TRAIN VAL        writes TEXT's characters, nine tenths and one
       pretrain.py peer MODEL STEPS ROWS TIME HOW...
HOW: of eager, compile, fused (AdamW in one kernel) and bf16 (autocast); the fastest
counts. Prints tokens a second and the most memory in MiB, without the first two steps,
so that neither loading nor compiling counts. Threads: OMP_NUM_THREADS, 2 if not set.
"""
import os
import random
import resource
import statistics
import struct
import sys
import time
import zlib

os.environ.setdefault("OMP_NUM_THREADS", "2")
WARM = 2


def write_shard(path, vocabulary, ids):
    """A file of shard(5), without a tokenizer."""
    body = struct.pack(f"<{len(ids)}H", *ids)
    mark = int.from_bytes(b"plm1", "little")
    head = struct.pack(
        "<5iiIIII", 20240520, 1, len(ids), mark, vocabulary, -1, 0, 0, zlib.crc32(body), 0
    )
    head += struct.pack("<I", zlib.crc32(head))
    with open(path, "wb") as out:
        out.write(head.ljust(1024, b"\0") + body)


def shard(path, vocabulary, tokens):
    draw = random.Random(1)
    write_shard(path, int(vocabulary), [draw.randrange(int(vocabulary)) for _ in range(int(tokens))])


def chars(text, train, val):
    """As nanoGPT prepares its character data."""
    text = open(text).read()
    known = {c: i for i, c in enumerate(sorted(set(text)))}
    ids = [known[c] for c in text]
    split = int(0.9 * len(ids))
    write_shard(train, len(known), ids[:split])
    write_shard(val, len(known), ids[split:])


def ours(log, *command):
    """Seconds of a step are those between the lines of the log."""
    pid = os.fork()
    if not pid:
        os.execvp(command[0], command)
    seen, tokens, when = 0, [], []
    while True:
        done, status, usage = os.wait4(pid, os.WNOHANG)
        lines = open(log).read().split("\n")[1:-1] if os.path.exists(log) else []
        if len(lines) > seen:
            seen = len(lines)
            tokens.append(int(lines[-1].split("\t")[5]))
            when.append(time.perf_counter())
        if done:
            break
        time.sleep(0.002)
    if status or len(when) <= WARM:
        sys.exit("pretrain.py: " + " ".join(command) + ": failed, or too short")
    first = next(i for i, n in enumerate(tokens) if n >= WARM * tokens[-1] / seen)
    rate = (tokens[-1] - tokens[first]) / (when[-1] - when[first])
    return rate, usage.ru_maxrss / 1024


def peer(path, steps, rows, length, *how):
    import torch
    import transformers

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    transformers.logging.set_verbosity_error()
    model = transformers.AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32)
    model.train()
    model.config.use_cache = False
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=1e-4, betas=(0.9, 0.95), weight_decay=0.1, fused="fused" in how
    )
    vocabulary = model.config.vocab_size

    def loss(ids, targets):
        logits = model(input_ids=ids).logits
        return torch.nn.functional.cross_entropy(logits.view(-1, vocabulary), targets.reshape(-1))

    if "compile" in how:
        loss = torch.compile(loss)
    seconds = []
    for _ in range(int(steps) + WARM):
        ids = torch.randint(0, vocabulary, (int(rows), int(length) + 1))
        start = time.perf_counter()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled="bf16" in how):
            value = loss(ids[:, :-1], ids[:, 1:])
        optimizer.zero_grad(set_to_none=True)
        value.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        value.item()
        seconds.append(time.perf_counter() - start)
    rate = int(rows) * int(length) / statistics.median(seconds[WARM:])
    return rate, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    if sys.argv[1] in ("shard", "chars"):
        {"shard": shard, "chars": chars}[sys.argv[1]](*sys.argv[2:])
    else:
        print("%.1f %.0f" % {"ours": ours, "peer": peer}[sys.argv[1]](*sys.argv[2:]))
