# parity.py MODEL DUMP [bf16]: compares the output of t/unit/gradients.c for a model
# directory with PyTorch and transformers, which load the directory unchanged.
# Loss to 1e-6 relative, each gradient tensor ||d||/||g|| <= 1e-5, logits (as
# log-softmax, up to a constant) to 1e-4.
#
# bf16: with linear maps that round both factors of each product, forward and
# backward. A last bit in fp32 may round to the next bf16 number, so bounds are wider,
# but narrow enough that the same model in fp32 does not pass. Also the loss to 1e-3
# of autocast, which computes all of attention and of the residual stream in bf16.
import sys
import torch
import transformers
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

torch.manual_seed(0)
model = AutoModelForCausalLM.from_pretrained(
    sys.argv[1], torch_dtype=torch.float32, attn_implementation="eager")
model.eval()
dump = load_file(sys.argv[2])
rounds = sys.argv[3:] == ["bf16"]
LOSS, GRADIENT, LOGITS = (4e-5, 4e-3, 1.5e-2) if rounds else (1e-6, 1e-5, 1e-4)


def rounded(x):
    return x.bfloat16().float()


class Product(torch.autograd.Function):
    """x W^T of rounded factors."""

    @staticmethod
    def forward(ctx, x, w):
        x, w = rounded(x), rounded(w)
        ctx.save_for_backward(x, w)
        return x @ w.t()

    @staticmethod
    def backward(ctx, d):
        x, w = ctx.saved_tensors
        d = rounded(d)
        return d @ w, d.flatten(0, -2).t() @ x.flatten(0, -2)


def with_bias(y, bias):
    return y if bias is None else y + bias


if rounds:
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        logits = model(dump["ids"].long()).logits.float()
        autocast = torch.nn.functional.cross_entropy(
            logits.view(-1, logits.size(-1)), dump["targets"].long().view(-1)).item()
    tied = model.get_input_embeddings()
    if tied.weight is model.get_output_embeddings().weight:
        tied.forward = lambda ids: torch.nn.functional.embedding(ids, rounded(tied.weight))
    torch.nn.Linear.forward = lambda m, x: with_bias(Product.apply(x, m.weight), m.bias)
    transformers.pytorch_utils.Conv1D.forward = lambda m, x: with_bias(
        Product.apply(x, m.weight.t()), m.bias)
ids, targets = dump["ids"].long(), dump["targets"].long()
logits = model(ids).logits
loss = torch.nn.functional.cross_entropy(
    logits.view(-1, logits.size(-1)), targets.view(-1))
loss.backward()
bad = 0

ours = -dump["logprobs"].double().mean().item()
rel = abs(ours - loss.item()) / loss.item()
print(f"loss {ours:.8f} torch {loss.item():.8f} relative {rel:.2g}")
bad += rel > LOSS
if rounds:
    rel = abs(ours - autocast) / autocast
    print(f"autocast {autocast:.8f} relative {rel:.2g}")
    bad += rel > 1e-3

d = (dump["log_softmax"] - logits.log_softmax(-1)).abs().max().item()
print(f"logits: largest difference {d:.2g}")
bad += d > LOGITS

worst, count = 0, 0
for name, p in model.named_parameters():
    g = p.grad
    e = ((dump[name] - g).norm() / g.norm()).item()
    worst, count = max(worst, e), count + 1
    if e > GRADIENT:
        print(f"gradient of {name}: {e:.2g}")
        bad += 1
print(f"gradients: {count} tensors, worst {worst:.2g}")
missing = set(dict(model.named_parameters())) - set(dump)
bad += len(missing)
sys.exit(bad > 0)
