# rl_loss.py: for each line of standard input, ROLLOUTS LOSS [KEY=VALUE ...],
# prints the loss of one update over all of ROLLOUTS, and the norm of its
# gradient, as rltrain(1) defines them.
#
# Without model=DIR the logprobs of the current model are the rollouts' "now" or,
# without that key, those of the sampler, and the norm is 0; with it (and ref=DIR)
# PyTorch and transformers compute the logprobs of both models, and the gradient
# is saved as FILE of save=FILE. Other keys have the names of rltrain's options.
import collections
import functools
import json
import math
import statistics
import sys

# advantage, average, what is clipped, level of the ratio, its bounds
OBJECTIVES = {
    "expert": ("best", "tokens", None, "token", 0, math.inf),
    "reinforce": ("batch", "tokens", None, "token", 0, math.inf),
    "rloo": ("others", "tokens", None, "token", 0, math.inf),
    "grpo": ("std", "sequences", "ratio", "token", .8, 1.2),
    "dr-grpo": ("group", "length", "ratio", "token", .8, 1.2),
    "dapo": ("std", "tokens", "ratio", "token", .8, 1.28),
    "gspo": ("std", "sequences", "ratio", "sequence", 1 - 3e-4, 1 + 4e-4),
    "cispo": ("std", "tokens", "weight", "token", 0, 5),
    "ppo": ("white", "tokens", "ratio", "token", .8, 1.2),
}
# whether there is a reference, means over tokens, beta, margin, smoothing, nll
PREFERENCES = {
    "dpo": (True, False, .1, 0, 0, 0),
    "ipo": (True, True, .1, 0, 0, 0),
    "hinge": (True, False, .1, 0, 0, 0),
    "robust": (True, False, .1, 0, .1, 0),
    "dpo-norm": (True, True, 5, 0, 0, 0),
    "simpo": (False, True, 2.5, 1.375, 0, 0),
    "apo-zero": (True, False, .1, 0, 0, 0),
    "orpo": (False, True, .1, 0, 0, 1),
}


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


def advantages(kind, group, every):
    rewards = [r["R"] for r in group]
    mean, all_mean = statistics.fmean(rewards), statistics.fmean(every)
    flat = max(rewards) == min(rewards)
    for r in group:
        x = r["R"]
        if kind == "best":
            yield 1 if x >= 1 or (x == max(rewards) and not flat) else None
        elif kind == "batch":
            yield x - all_mean
        elif kind == "white":
            yield (x - all_mean) / (statistics.stdev(every) + 1e-8)
        elif flat:
            yield None
        elif kind == "others":
            yield x - (sum(rewards) - x) / (len(rewards) - 1)
        elif kind == "std":
            yield (x - mean) / (statistics.stdev(rewards) + 1e-4)
        else:
            yield x - mean


# ---- numbers and tensors alike ----

def exp(x):
    return math.exp(x) if isinstance(x, (int, float)) else x.exp()


def log(x):
    return math.log(x) if isinstance(x, (int, float)) else x.log()


def constant(x):
    return x if isinstance(x, (int, float)) else x.detach()


def log_sigmoid(x):
    return -log(1 + exp(-x))


def sigmoid(x):
    return 1 / (1 + exp(-x))


# ---- losses of tokens ----

def importance(option, r, i):
    """The weight of token i that corrects for the sampler's distribution."""
    if "sample_logprobs" not in r or not option["is-cap"]:
        return 1
    logs = [a - b for a, b in zip(r["logprobs"], r["sample_logprobs"])]
    by_sequence = option["is-mode"].startswith("sequence")
    ratio = math.exp(sum(logs) if by_sequence else logs[i])
    low, high = option["is-low"], option["is-cap"]
    if option["is-mode"].endswith("mask"):
        return ratio if low <= ratio <= high else 0
    return max(low, min(ratio, high))


def surrogate(name, option, r, i, a):
    _, _, what, level, low, high = OBJECTIVES[name]
    now, n = r["now"][i], len(r["ids"])
    level = option.get("ratio", level)
    low = 1 - option["clip-low"] if "clip-low" in option else low
    high = 1 + option["clip-high"] if "clip-high" in option else high
    if level == "sequence":
        ratio = exp(sum(x - y for x, y in zip(r["now"], r["logprobs"])) / n)
    else:
        ratio = exp(now - r["logprobs"][i])
    if what == "ratio":
        return -min(a * ratio, a * max(low, min(high, ratio)))
    if what == "weight":
        return -a * constant(max(low, min(high, ratio))) * now
    return -a * now


def divergence(option, now, ref):
    d = ref - now
    return {"k1": -d, "k2": d * d / 2, "k3": exp(d) - d - 1}[
        option["kl-estimator"]]


def token(name, option, r, i, a):
    loss = surrogate(name, option, r, i, a)
    if option["kl"]:
        loss = loss + option["kl"] * divergence(option, r["now"][i], r["ref"][i])
    weight = 1 if name == "expert" else importance(option, r, i)
    return weight * loss - option["entropy"] * r["entropy"][i]


def policy_loss(name, option, groups):
    kind, average = OBJECTIVES[name][:2]
    average = option.get("average", average)
    every = [r["R"] for group in groups for r in group]
    part = []
    for group in groups:
        part += [(r, a) for r, a in zip(group, advantages(kind, group, every))
                 if a is not None]
    tokens = sum(len(r["ids"]) for r, _ in part)
    longest = max(len(r["ids"]) for r, _ in part)
    total = 0
    for r, a in part:
        n = len(r["ids"])
        total = total + sum(token(name, option, r, i, a) for i in range(n)) / (
            len(part) * n if average == "sequences" else
            len(part) * longest if average == "length" else tokens)
    return total


# ---- losses of pairs ----

def odds(x):
    return log(exp(x) / (1 - exp(x)))


def pair_loss(name, option, c, r, own):
    beta, margin, e = option["beta"], option["margin"], option["smoothing"]
    x = beta * (c - r) - margin
    loss = {
        "ipo": lambda: (c - r - 1 / (2 * beta)) ** 2,
        "hinge": lambda: max(0, 1 - x),
        "robust": lambda: (-(1 - e) * log_sigmoid(x) + e * log_sigmoid(-x)) /
        (1 - 2 * e),
        "apo-zero": lambda: 1 - sigmoid(beta * c) + sigmoid(beta * r),
        "orpo": lambda: -beta * log_sigmoid(odds(c) - odds(r)),
    }.get(name, lambda: -(1 - e) * log_sigmoid(x) - e * log_sigmoid(-x))()
    return loss - option["nll"] * own


def preference_loss(name, option, groups):
    reference, per_token, *numbers = PREFERENCES[name]
    option = dict(zip(("beta", "margin", "smoothing", "nll"), numbers)) | option
    losses = []
    for group in groups:
        best = max(group, key=lambda r: r["R"])
        worst = min(group, key=lambda r: r["R"])
        if best["R"] == worst["R"]:
            continue
        c, r = ((sum(x["now"]) - (sum(x["ref"]) if reference else 0)) /
                (len(x["ids"]) if per_token else 1) for x in (best, worst))
        losses.append(pair_loss(name, option, c, r,
                                sum(best["now"]) / len(best["ids"])))
    return sum(losses) / len(losses)


# ---- a line ----

def prepare(option, r):
    n = len(r["ids"])
    r["now"] = r.get("now", r["logprobs"])
    r["entropy"], r["ref"] = [0] * n, [0] * n
    if "model" in option:
        r["now"], r["entropy"] = score(load(option["model"]), r)
    if "ref" in option:
        r["ref"] = score(load(option["ref"]), r)[0].detach()
    r["R"] = r["reward"]
    if option["kl-reward"]:
        r["R"] -= option["kl-reward"] * sum(
            old - float(ref) for old, ref in zip(r["logprobs"], r["ref"]))


def save_gradient(model, path):
    from safetensors.torch import save_file
    save_file({name: p.grad.contiguous() for name, p in model.named_parameters()},
              path)


def parse(words):
    option = {"is-cap": 2, "is-low": 0, "is-mode": "truncate", "kl": 0,
              "kl-estimator": "k3", "kl-reward": 0, "entropy": 0}
    for word in words:
        key, value = word.split("=")
        try:
            option[key] = float(value)
        except ValueError:
            option[key] = value
    return option


def answer(path, name, *words):
    option = parse(words)
    groups = collections.defaultdict(list)
    for line in open(path):
        r = json.loads(line)
        if r.get("reward") is not None:
            prepare(option, r)
            groups[r["id"]].append(r)
    of = policy_loss if name in OBJECTIVES else preference_loss
    loss, norm = of(name, option, groups.values()), 0
    if "model" in option:
        model = load(option["model"])
        model.zero_grad()
        loss.backward()
        norm = math.sqrt(sum((p.grad ** 2).sum().item() for p in model.parameters()))
        loss = loss.item()
        if "save" in option:
            save_gradient(model, option["save"])
    print(loss, norm, flush=True)


for line in sys.stdin:
    answer(*line.split())
