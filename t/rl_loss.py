# rl_loss.py: for each line of standard input, ROLLOUTS LOSS [KEY=VALUE ...],
# prints the loss of one update over all of ROLLOUTS, and the norm of its
# gradient, as rltrain(1) defines them.
#
# Without model=DIR the current model is the one that sampled and the norm is 0;
# with it (and ref=DIR) PyTorch and transformers compute the logprobs of both
# models. Other keys: cap, kl, kl_reward, entropy, beta, smoothing.
import collections
import functools
import json
import math
import statistics
import sys


@functools.cache
def load(directory):
    import torch
    from transformers import AutoModelForCausalLM
    torch.set_num_threads(1)
    return AutoModelForCausalLM.from_pretrained(
        directory, dtype=torch.float64, attn_implementation="eager").eval()


def score(model, r):
    """Logprobs of the answer's tokens, and entropies of their distributions."""
    import torch
    ids = torch.tensor([r["prompt_ids"] + r["ids"]])
    every = model(ids).logits[0].log_softmax(-1)[len(r["prompt_ids"]) - 1:-1]
    return (every[range(len(r["ids"])), r["ids"]],
            -(every.exp() * every).sum(-1))


def advantages(loss, group, every):
    rewards = [r["R"] for r in group]
    mean, all_mean = statistics.fmean(rewards), statistics.fmean(every)
    flat = max(rewards) == min(rewards)
    for r in group:
        x = r["R"]
        if loss == "expert":
            yield 1 if x >= 1 or (x == max(rewards) and not flat) else None
        elif loss == "reinforce":
            yield x - all_mean
        elif loss == "ppo":
            yield (x - all_mean) / (statistics.stdev(every) + 1e-8)
        elif flat:
            yield None
        elif loss == "rloo":
            yield x - (sum(rewards) - x) / (len(rewards) - 1)
        elif loss in ("grpo", "dapo"):
            yield (x - mean) / (statistics.stdev(rewards) + 1e-4)
        else:
            yield x - mean


def exp(x):
    return math.exp(x) if isinstance(x, (int, float)) else x.exp()


def log1p(x):
    return math.log1p(x) if isinstance(x, (int, float)) else x.log1p()


def token(name, option, r, i, a):
    now, old = r["now"][i], r["logprobs"][i]
    weight = 1
    if name != "expert" and "sample_logprobs" in r and option["cap"]:
        weight = min(math.exp(old - r["sample_logprobs"][i]), option["cap"])
    if name in ("expert", "reinforce", "rloo"):
        loss = -a * now
    else:
        ratio, high = exp(now - old), 1.28 if name == "dapo" else 1.2
        loss = -min(a * ratio, a * max(.8, min(high, ratio)))
    if option["kl"]:
        d = r["ref"][i] - now
        loss = loss + option["kl"] * (exp(d) - d - 1)
    return weight * loss - option["entropy"] * r["entropy"][i]


def policy_loss(name, option, groups):
    every = [r["R"] for group in groups for r in group]
    part = []
    for group in groups:
        part += [(r, a) for r, a in zip(group, advantages(name, group, every))
                 if a is not None]
    tokens = sum(len(r["ids"]) for r, _ in part)
    longest = max(len(r["ids"]) for r, _ in part)
    total = 0
    for r, a in part:
        n = len(r["ids"])
        total = total + sum(token(name, option, r, i, a) for i in range(n)) / (
            len(part) * n if name == "grpo" else
            len(part) * longest if name == "dr-grpo" else tokens)
    return total


def dpo_loss(option, groups):
    losses = []
    for group in groups:
        best = max(group, key=lambda r: r["R"])
        worst = min(group, key=lambda r: r["R"])
        if best["R"] == worst["R"]:
            continue
        x = option["beta"] * (sum(best["now"]) - sum(best["ref"])
                              - sum(worst["now"]) + sum(worst["ref"]))
        s = option["smoothing"]
        losses.append((1 - s) * log1p(exp(-x)) + s * log1p(exp(x)))
    return sum(losses) / len(losses)


def prepare(option, r):
    n = len(r["ids"])
    r["now"], r["entropy"], r["ref"] = r["logprobs"], [0] * n, [0] * n
    if "model" in option:
        r["now"], r["entropy"] = score(load(option["model"]), r)
    if "ref" in option:
        r["ref"] = score(load(option["ref"]), r)[0].detach()
    r["R"] = r["reward"]
    if option["kl_reward"]:
        r["R"] -= option["kl_reward"] * sum(
            old - float(ref) for old, ref in zip(r["logprobs"], r["ref"]))


def answer(path, name, *words):
    option = {"cap": 2, "kl": 0, "kl_reward": 0, "entropy": 0, "beta": .1,
              "smoothing": 0}
    for word in words:
        key, value = word.split("=")
        option[key] = value if key in ("model", "ref") else float(value)
    groups = collections.defaultdict(list)
    for line in open(path):
        r = json.loads(line)
        if r.get("reward") is not None:
            prepare(option, r)
            groups[r["id"]].append(r)
    if name == "dpo":
        loss = dpo_loss(option, groups.values())
    else:
        loss = policy_loss(name, option, groups.values())
    norm = 0
    if "model" in option:
        model = load(option["model"])
        model.zero_grad()
        loss.backward()
        norm = math.sqrt(sum((p.grad ** 2).sum().item() for p in model.parameters()))
        loss = loss.item()
    print(loss, norm, flush=True)


for line in sys.stdin:
    answer(*line.split())
