# Adapters in PEFT.
#	lora_parity.py make BASE OUT LIST	PEFT makes a random adapter; LIST: options
#		of LoraConfig as Python
#	lora_parity.py check BASE ADAPTER DUMP	compares what t/unit/gradients.c says of an
#		adapter's directory with PEFT, which loads it unchanged: loss to 1e-6
#		relative, logits (as log-softmax) to 1e-4, gradients ||d||/||g|| <= 1e-5
#	lora_parity.py merged BASE ADAPTER MODEL	the logits of a merged model
import json
import sys
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

torch.manual_seed(0)


def load(path):
    model = AutoModelForCausalLM.from_pretrained(
        path, torch_dtype=torch.float32, attn_implementation="eager")
    return model.eval()


def adapted(base, adapter):
    model = load(base)
    ids = json.load(open(adapter + "/adapter_config.json"))["trainable_token_indices"]
    lists = ids.values() if isinstance(ids, dict) else [ids or []]
    need = max([i + 1 for ids in lists for i in ids], default=0)
    if need > model.get_input_embeddings().num_embeddings:
        model.resize_token_embeddings(need)
    model = PeftModel.from_pretrained(model, adapter, is_trainable=True)
    return model.eval()


def make(base, out, options):
    model = get_peft_model(load(base), LoraConfig(task_type="CAUSAL_LM", **eval(options)))
    with torch.no_grad():
        for name, p in model.named_parameters():
            if "lora_" in name or "trainable_tokens" in name:
                p.copy_(torch.randn_like(p) * .2)
    model.save_pretrained(out)


def check(base, adapter, dump):
    model, dump = adapted(base, adapter), load_file(dump)
    ids, targets = dump["ids"].long(), dump["targets"].long()
    logits = model(ids).logits
    loss = torch.nn.functional.cross_entropy(
        logits.view(-1, logits.size(-1)), targets.view(-1))
    loss.backward()
    ours = -dump["logprobs"].double().mean().item()
    bad = abs(ours - loss.item()) / loss.item() > 1e-6
    print(f"loss {ours:.8f} PEFT {loss.item():.8f}")
    d = (dump["log_softmax"] - logits.log_softmax(-1)).abs().max().item()
    print(f"logits: largest difference {d:.2g}")
    bad += d > 1e-4
    seen = set()
    for name, p in model.named_parameters():
        if not p.requires_grad:
            continue
        own = name.removeprefix("base_model.model.").replace(".default", "")
        g = p.grad
        e = ((dump[own] - g).norm() / max(g.norm(), 1e-30)).item()
        seen.add(own)
        if not e <= 1e-5:
            print(f"gradient of {own}: {e:.2g}")
            bad += 1
    files = load_file(adapter + "/adapter_model.safetensors")
    left = {name.removeprefix("base_model.model.") for name in files} - seen
    print(f"gradients: {len(seen)} tensors; without a counterpart: {left}")
    return bad + len(left) + (not seen)


def merged(base, adapter, model):
    ids = torch.arange(40).view(2, 20)
    a, b = adapted(base, adapter)(ids).logits, load(model)(ids).logits
    d = (a - b).abs().max().item()
    print(f"merged: largest difference of logits {d:.2g}")
    return d > 1e-4


what = {"make": make, "check": check, "merged": merged}[sys.argv[1]]
with torch.set_grad_enabled(sys.argv[1] == "check"):
    sys.exit(int(bool(what(*sys.argv[2:]))))
