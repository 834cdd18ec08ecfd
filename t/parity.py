# parity.py MODEL DUMP: compares the output of t/unit/gradients.c for a model
# directory with PyTorch and transformers, which load the directory unchanged.
# Loss to 1e-6 relative, each gradient tensor ||d||/||g|| <= 1e-5, logits (as
# log-softmax, up to a constant) to 1e-4.
import sys
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

torch.manual_seed(0)
model = AutoModelForCausalLM.from_pretrained(
    sys.argv[1], torch_dtype=torch.float32, attn_implementation="eager")
model.eval()
dump = load_file(sys.argv[2])
ids, targets = dump["ids"].long(), dump["targets"].long()
logits = model(ids).logits
loss = torch.nn.functional.cross_entropy(
    logits.view(-1, logits.size(-1)), targets.view(-1))
loss.backward()
bad = 0

ours = -dump["logprobs"].double().mean().item()
rel = abs(ours - loss.item()) / loss.item()
print(f"loss {ours:.8f} torch {loss.item():.8f} relative {rel:.2g}")
bad += rel > 1e-6

d = (dump["log_softmax"] - logits.log_softmax(-1)).abs().max().item()
print(f"logits: largest difference {d:.2g}")
bad += d > 1e-4

worst, count = 0, 0
for name, p in model.named_parameters():
    g = p.grad
    e = ((dump[name] - g).norm() / g.norm()).item()
    worst, count = max(worst, e), count + 1
    if e > 1e-5:
        print(f"gradient of {name}: {e:.2g}")
        bad += 1
print(f"gradients: {count} tensors, worst {worst:.2g}")
missing = set(dict(model.named_parameters())) - set(dump)
bad += len(missing)
sys.exit(bad > 0)
