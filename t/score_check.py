"""Checks of score against other programs of pipelm, which know nothing of it:
generate gives the logits after a prompt, tokenize the ids of a text.

	score_check.py tokens MODEL CONTEXT STRIDE <lines of score --tokens --top 5
	score_check.py choices MODEL QUESTIONS <lines of score --choices --each
	score_check.py totals EACH TOTALS	of score --choices
"""
import json, math, subprocess, sys


def run(command, text):
    return subprocess.run(command, input=text, stdout=subprocess.PIPE, check=True).stdout


def predictions(model, prompts):
    """The log-probabilities of every id after each prompt."""
    lines = "".join(json.dumps({"prompt_ids": p}) + "\n" for p in prompts)
    out = run(["generate", "-q", "-m", model, "--jsonl", "-n", "0", "--top", "100000"],
              lines.encode())
    for line in out.decode().splitlines():
        top = json.loads(line)["top"]
        most = top[0][1]
        lse = most + math.log(sum(math.exp(x - most) for _, x in top))
        yield [(i, x - lse) for i, x in top]


def near(a, b, what, tolerance=2e-4):
    assert abs(a - b) <= tolerance * (1 + abs(b)), (what, a, b)


def windows(n, context, stride):
    """first[i]: the first token that the prediction of token i sees."""
    first, end, begin = {}, 1, 0
    while end < n:
        for i in range(end, min(begin + context + 1, n)):
            first[i] = begin
        end = min(begin + context + 1, n)
        begin += stride
    return first


def tokens(model, context, stride):
    bos = json.load(open(model + "/config.json"))["bos_token_id"]
    texts = {}
    for line in sys.stdin:
        x = json.loads(line)
        texts.setdefault(x["doc"], []).append(x)
    lines, prompts = [], []
    for text in texts.values():
        ids = [bos] + [x["id"] for x in text]
        assert [x["i"] for x in text] == list(range(1, len(ids)))
        for i, first in windows(len(ids), context, stride).items():
            lines.append(text[i - 1])
            prompts.append(ids[first:i])
    assert len(lines) > 50
    for x, p in zip(lines, predictions(model, prompts)):
        of = dict(p)
        near(x["logprob"], of[x["id"]], x)
        near(x["bits"], -of[x["id"]] / math.log(2), x)
        near(x["entropy"], -sum(math.exp(l) * l for _, l in p) / math.log(2), x)
        better = sum(l > of[x["id"]] for _, l in p)
        assert abs(x["rank"] - better) <= 1, (x, better)
        assert len(x["top"]) == 5
        for (i, l), (j, want) in zip(x["top"], p):
            near(l, want, x)
            near(of[i], of[j], x)


def encode(model, text):
    return [int(i) for i in run(["tokenize", "-q", "-t", model, "-r", "-a", "-"],
                                text.encode()).split()]


def parts(q):
    """Prompt, choices and the number of the right one."""
    choices = q.get("choices", q.get("endings"))
    labels, answer = [], q.get("answer", q.get("label", q.get("answerKey")))
    prompt = q.get("prompt", q.get("ctx", q.get("question")))
    if isinstance(choices, dict):
        choices, labels = choices["text"], choices["label"]
    if isinstance(prompt, dict):
        labels = [c["label"] for c in prompt["choices"]]
        choices = [c["text"] for c in prompt["choices"]]
        prompt = prompt["stem"]
    if "question" in q and "answerKey" in q:
        prompt = "Question: " + prompt + "\nAnswer:"
    if answer in labels:
        return prompt, choices, labels.index(answer)
    if answer in choices:
        return prompt, choices, choices.index(answer)
    if isinstance(answer, str) and answer.isalpha():
        return prompt, choices, "ABCDEFG".index(answer)
    return prompt, choices, int(answer)


def choices(model, questions):
    for line, question in zip(sys.stdin, open(questions)):
        x, q = json.loads(line), json.loads(question)
        prompt, options, answer = parts(q)
        assert x["answer"] == answer, (x, q)
        assert x.get("id") == q.get("id")
        assert x["bytes"] == [len(c.encode()) for c in options]
        sums = []
        for c in options:
            space = "" if prompt[-1:].isspace() or c[:1].isspace() else " "
            ids = encode(model, prompt + space + c)
            first = len(encode(model, prompt.rstrip()))
            found = list(predictions(model, [ids[:i] for i in range(first, len(ids))]))
            sums.append(sum(dict(p)[i] for p, i in zip(found, ids[first:])))
        for a, b in zip(x["logprobs"], sums):
            near(a, b, q)
        sums, norms = x["logprobs"], [s / n for s, n in zip(x["logprobs"], x["bytes"])]
        assert x["choice"] == sums.index(max(sums)), x
        assert x["choice_norm"] == norms.index(max(norms)), x


def interval(k, n, z=1.959964):
    """The limits of the shares p for which k of n is within z deviations."""
    def edge(low, high, outside_is_low):
        for _ in range(100):
            p = (low + high) / 2
            outside = abs(k / n - p) > z * math.sqrt(p * (1 - p) / n)
            if outside == outside_is_low:
                low = p
            else:
                high = p
        return p
    return [edge(0, k / n, True) if k else 0, edge(k / n, 1, False) if k < n else 1]


def totals(each, total):
    lines = [json.loads(line) for line in open(each)]
    t, n = json.load(open(total)), len(lines)
    assert t["questions"] == n
    for key, name in (("choice", "acc"), ("choice_norm", "acc_norm")):
        right = sum(x[key] == x["answer"] for x in lines)
        near(t[name], right / n, name, 1e-9)
        for a, b in zip(t[name + "_interval"], interval(right, n)):
            near(a, b, name, 1e-6)
    near(t["chance"], sum(1 / len(x["bytes"]) for x in lines) / n, "chance", 1e-9)
    answers = [x["answer"] for x in lines]
    near(t["majority"], max(map(answers.count, answers)) / n, "majority", 1e-9)


if sys.argv[1] == "tokens":
    tokens(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
elif sys.argv[1] == "choices":
    choices(*sys.argv[2:])
else:
    totals(*sys.argv[2:])
