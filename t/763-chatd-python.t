#!/bin/sh
# chatd with the clients that people use: OpenAI's Python client against every
# interface; lm-eval's local-completions against the same tasks by transformers.
. "${0%/*}/lib.sh"
needs_long
needs_command python3
[ -x "$BUILD/bin/chatd" ] || skip_all 'chatd was not built: no libmicrohttpd'
venv openai 'lm_eval[api,hf]' torch transformers safetensors
export PYTHONPATH="$TOP/t" PYTHONDONTWRITEBYTECODE=1 HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1

with() {	# NAME [OPTIONS OF chatd] <<program of Python, with the server s
	name=$1; shift
	{ cat <<-X
	from chatd import *
	import openai
	def client(s, key="none"):
	    return openai.OpenAI(base_url="http://%s:%d/v1" % s.address, api_key=key, max_retries=0)
	X
	printf 'with Server("%s") as s:\n    c = client(s)\n' "$(echo "$@" | sed 's/ /", "/g')"
	sed 's/^/    /'; } >case.py
	ok "$name" 'timeout 900 "$venv/bin/python" case.py'
}
unit mkmodel m scale=3 kv=2 tokens=900
printf 'a key of the tests\n' >key

with 'openai: models, chat and completions, whole and streamed' m <<'X'
assert [x.id for x in c.models.list()] == ["m"]
q = dict(model="m", messages=[{"role": "system", "content": "be kind"}, {"role": "user", "content": "hi"}],
    max_tokens=20, seed=3, temperature=.7, top_p=.9, n=2, stop=["zz"], logprobs=True, top_logprobs=3,
    user="me", logit_bias={"5": -100}, response_format={"type": "text"}, presence_penalty=.5, frequency_penalty=-.25)
r = c.chat.completions.create(**q)
assert r.object == "chat.completion" and len(r.choices) == 2 and r.usage.completion_tokens > 0
for choice in r.choices:
    assert choice.message.role == "assistant" and choice.finish_reason in ("stop", "length")
    assert all(len(t.top_logprobs) == 3 and t.logprob <= 0 for t in choice.logprobs.content)
text = {0: "", 1: ""}
usage = None
for e in c.chat.completions.create(**q, stream=True, stream_options={"include_usage": True}):
    usage = e.usage or usage
    for x in e.choices:
        text[x.index] += x.delta.content or ""
assert text == {x.index: x.message.content for x in r.choices} and usage == r.usage
q = dict(model="m", prompt=["one", "two"], max_tokens=9, seed=1, logprobs=2, echo=True)
r = c.completions.create(**q)
assert [x.index for x in r.choices] == [0, 1] and r.choices[0].text.startswith("one")
l = r.choices[1].logprobs
assert len(l.tokens) == len(l.token_logprobs) == len(l.top_logprobs) == len(l.text_offset)
q = dict(model="m", prompt="one", max_tokens=9, seed=1)
assert "".join(e.choices[0].text for e in c.completions.create(**q, stream=True)) == \
    c.completions.create(**q).choices[0].text
with c.chat.completions.create(model="m", messages=[{"role": "user", "content": "hi"}], stream=True) as stream:
    next(iter(stream))		# and vanish
X
with 'openai: each kind of error is its exception' m --key-file key <<'X'
def raises(kind, f, **q):
    try:
        f(**q)
    except kind as e:
        return e
    raise AssertionError("no error")
raises(openai.AuthenticationError, c.models.list)
c = client(s, "a key of the tests")
m = [{"role": "user", "content": "x"}]
e = raises(openai.BadRequestError, c.chat.completions.create, model="m", messages=m, frequency_penalty=3)
assert e.param == "frequency_penalty" and e.type == "invalid_request_error" and "frequency_penalty" in e.message
e = raises(openai.NotFoundError, c.chat.completions.create, model="gpt", messages=m)
assert e.code == "model_not_found"
e = raises(openai.BadRequestError, c.completions.create, model="m", prompt="x " * 400)
assert e.code == "context_length_exceeded"
X

# ---- lm-eval ----

awk 'BEGIN { for (i = 0; i < 2000; i++)
	printf "{\"text\":\"Number %d comes after %d, and %d after that.\"}\n", i, i - 1, i + 1 }' >docs
bpe-train -q -n 400 -p gpt2 -o tok.json docs
tokenize -q -t tok.json -o s docs
pretrain -q -o base -t tok.json --arch llama --layers 3 --width 96 --heads 4 \
	--context 128 --batch 8 --steps 60 s_train_000001.bin
mkdir tasks
"$venv/bin/python" - <<'X'
import json, random
random.seed(1)
with open("tasks/choice.jsonl", "w") as f:
    for i in range(100):
        n = random.randrange(2, 1900)
        right = " %d, and" % (n - 1)
        wrong = [" %d, and" % random.randrange(1900), " of the world. Caf\u00e9!", " comes after Number"]
        choices = wrong + [right]
        random.shuffle(choices)
        f.write(json.dumps({"query": "Number %d comes after" % n, "choices": choices,
            "gold": choices.index(right)}) + "\n")
X
cat >tasks/choice.yaml <<X
task: pipelm_choice
dataset_path: json
dataset_kwargs: {data_files: {test: $PWD/tasks/choice.jsonl}}
test_split: test
output_type: multiple_choice
doc_to_text: "{{query}}"
target_delimiter: ""
doc_to_choice: "{{choices}}"
doc_to_target: gold
metric_list: [{metric: acc}, {metric: acc_norm}]
X
cat >tasks/rolling.yaml <<X
task: pipelm_rolling
dataset_path: json
dataset_kwargs: {data_files: {test: $PWD/docs40}}
test_split: test
output_type: loglikelihood_rolling
doc_to_text: ""
doc_to_target: "{{text}}"
metric_list: [{metric: bits_per_byte}]
X
cat >tasks/words.yaml <<X
task: pipelm_words
dataset_path: json
dataset_kwargs: {data_files: {test: $PWD/tasks/choice.jsonl}}
test_split: test
output_type: generate_until
doc_to_text: "{{query}}"
doc_to_target: "{{choices[gold]}}"
generation_kwargs: {until: [",", "."], max_gen_toks: 12, do_sample: false, temperature: 0}
metric_list: [{metric: exact_match}]
X
head -n 40 docs >docs40
cat >eval.py <<'X'
import json, sys
import lm_eval
from lm_eval.tasks import TaskManager
def run(model, args, **more):
    r = lm_eval.simple_evaluate(model=model, model_args=args, log_samples=True, bootstrap_iters=0,
        tasks=["pipelm_choice", "pipelm_rolling", "pipelm_words"],
        task_manager=TaskManager(include_path="tasks", include_defaults=False), **more)
    return r["results"], {t: [(s["doc_id"], s["resps"]) for s in v] for t, v in r["samples"].items()}
X
with 'lm-eval: local-completions gives the accuracies and log-likelihoods of transformers' base --parallel 8 <<'X'
from eval import run
url = "http://%s:%d/v1/completions" % s.address
ours, a = run("local-completions", dict(model="base", base_url=url, tokenizer="base", max_length=128,
    tokenizer_backend="huggingface", num_concurrent=4, batch_size=3))
theirs, b = run("hf", dict(pretrained="base", tokenizer="base", dtype="float32", max_length=127,
    device="cpu", add_bos_token=False))
worst = 0
for task in theirs:
    for metric, value in theirs[task].items():
        if isinstance(value, float):
            if "bits" in metric:
                assert abs(ours[task][metric] - value) < 1e-4, (task, metric, ours, theirs)
            else:
                assert ours[task][metric] == value, (task, metric, ours[task], theirs[task])
def flat(samples):
    return {i: r for i, r in samples}
for i, r in flat(b["pipelm_choice"]).items():
    for (mine,), (his,) in zip(flat(a["pipelm_choice"])[i], r):
        worst = max(worst, abs(float(mine[0]) - float(his[0])))
        assert str(mine[1]) == str(his[1]), (i, mine, his)
for i, r in flat(b["pipelm_rolling"]).items():
    worst = max(worst, abs(float(flat(a["pipelm_rolling"])[i][0][0]) - float(r[0][0])))
assert flat(a["pipelm_words"]) == flat(b["pipelm_words"])
print("accuracy", theirs["pipelm_choice"], "largest difference of log-likelihoods", worst)
assert worst < 1e-4
X
done_testing
