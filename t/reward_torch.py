# reward_torch.py: reward models in PyTorch and transformers.
#   score DIR TEXTS       a line per rollout of TEXTS (messages, text): its score by
#                         apply_chat_template, all rows in padded batches
#   ids DIR ROLLOUTS      the same from the ids of ROLLOUTS, in batches padded with
#                         the tokenizer's pad_token
#   loss DIR PAIRS [C]    loss of one update over PAIRS (with margins), centering C,
#                         then the gradient's norm, then of each tensor NAME NORM
#   make CLASS DIR        writes a random reward model of the class to DIR, with the
#                         tokenizer that is there
import json
import math
import sys

import torch
import transformers

torch.set_num_threads(1)


def tokenizer(directory):
    # What tokenizer_config.json names: AutoTokenizer takes Qwen2Tokenizer for
    # models of that type, which splits text in its own way.
    return transformers.PreTrainedTokenizerFast.from_pretrained(directory)


def load(directory, dtype=torch.float32):
    model = transformers.AutoModelForSequenceClassification.from_pretrained(
        directory, dtype=dtype, attn_implementation="eager").eval()
    # transformers does not train the embedding of the token that fills rows, which
    # may be part of the template; we do.
    for module in model.modules():
        if isinstance(module, torch.nn.Embedding):
            module.padding_idx = None
    return tokenizer(directory), model


def render(tok, messages):
    return tok.apply_chat_template(messages, tokenize=True, return_dict=False)


def prompt(r):
    p = r.get("messages") or r["prompt"]
    return [{"role": "user", "content": p}] if isinstance(p, str) else p


def batched(tok, model, rows, size=5):
    assert model.config.num_labels == 1
    assert tok.pad_token_id == model.config.pad_token_id
    for i in range(0, len(rows), size):
        batch = tok.pad({"input_ids": rows[i:i + size]}, return_tensors="pt",
                        padding_side="right")
        with torch.no_grad():
            for x in model(**batch).logits[:, 0].tolist():
                print(x)


def answer(text):
    return {"role": "assistant", "content": text}


def loss(directory, path, center=0):
    tok, model = load(directory, torch.float64)
    losses = []
    for line in open(path):
        r = json.loads(line)
        better, worse = (model(torch.tensor([render(tok, prompt(r) + [answer(r[k])])]))
                         .logits[0, 0] for k in ("chosen", "rejected"))
        losses.append(-torch.nn.functional.logsigmoid(better - worse - r.get("margin", 0))
                      + center * (better + worse) ** 2)
    total = sum(losses) / len(losses)
    total.backward()
    norms = {n: p.grad.norm().item() for n, p in model.named_parameters()
             if p.grad is not None}
    print(total.item(), math.sqrt(sum(x * x for x in norms.values())))


def make(name, directory):
    config = getattr(transformers, name.replace("ForSequenceClassification", "Config"))
    tok = tokenizer(directory)
    torch.manual_seed(1)
    sizes = ({"n_layer": 2, "n_embd": 48, "n_head": 4, "n_positions": 64}
             if name.startswith("GPT2") else
             {"num_hidden_layers": 2, "hidden_size": 48, "num_attention_heads": 4,
              "num_key_value_heads": 2, "intermediate_size": 96,
              "max_position_embeddings": 64})
    model = getattr(transformers, name)(config(
        vocab_size=len(tok) + 7, num_labels=1, pad_token_id=tok.pad_token_id,
        bos_token_id=None, eos_token_id=None, initializer_range=.2, **sizes))
    model.save_pretrained(directory)


command, *args = sys.argv[1:]
if command == "make":
    make(*args)
elif command == "loss":
    loss(args[0], args[1], *map(float, args[2:]))
else:
    tok, model = load(args[0])
    lines = [json.loads(line) for line in open(args[1])]
    if command == "score":
        rows = [render(tok, prompt(r) + [answer(r["text"])]) for r in lines]
    else:
        rows = [r["prompt_ids"] + r["ids"] for r in lines]
    batched(tok, model, rows)
