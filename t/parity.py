# parity.py MODEL DUMP [bf16]: compares the output of t/unit/gradients.c for a model
# directory with PyTorch and transformers, which load the directory unchanged.
# Loss to 1e-6 relative, each gradient tensor ||d||/||g|| <= 1e-5, logits (as
# log-softmax, up to a constant) to 1e-4.
#
# bf16: with linear maps that round both factors of each product, forward and
# backward, and attention that does so backward only. A last bit in fp32 may round to
# the next bf16 number, and from there on all differs: so the bound of each gradient is
# twice what this reference differs from itself with weights changed in their last bits,
# 1e-3 at least; those of loss and logits are 4e-5 and 1.5e-2. The same model in fp32
# does not pass. Also the loss to 1e-3 of autocast, which computes all of attention and
# of the residual stream in bf16.
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
LOSS, LOGITS = (4e-5, 1.5e-2) if rounds else (1e-6, 1e-4)


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


class Attention(torch.autograd.Function):
    """Causal attention, forward in fp32."""

    @staticmethod
    def forward(ctx, q, k, v, scale):
        future = torch.ones(q.size(-2), k.size(-2), dtype=torch.bool).triu(1)
        p = (scale * (q @ k.mT)).masked_fill(future, -torch.inf).softmax(-1)
        out = p @ v
        ctx.save_for_backward(q, k, v, p, out)
        ctx.scale = scale
        return out

    @staticmethod
    def backward(ctx, d):
        q, k, v, p, out = ctx.saved_tensors
        ds = p * (rounded(d) @ rounded(v).mT - (d * out).sum(-1, keepdim=True))
        ds = rounded(ctx.scale * ds)
        return ds @ rounded(k), ds.mT @ rounded(q), rounded(p).mT @ rounded(d), None


def attention(module, q, k, v, mask, scaling, **unused):
    k, v = (x.repeat_interleave(q.size(1) // x.size(1), 1) for x in (k, v))
    return Attention.apply(q, k, v, scaling).transpose(1, 2), None


class RoundedGradient(torch.autograd.Function):
    """x, whose gradient is rounded."""

    @staticmethod
    def forward(ctx, x):
        return x.view_as(x)

    @staticmethod
    def backward(ctx, d):
        return rounded(d)


def with_bias(y, m):
    if m.bias is None:
        return y
    bias = m.bias.expand_as(y)
    # The gradient of what the activation reads is written rounded.
    return y + (RoundedGradient.apply(bias) if m in before_activation else bias)


if rounds:
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        logits = model(dump["ids"].long()).logits.float()
        autocast = torch.nn.functional.cross_entropy(
            logits.view(-1, logits.size(-1)), dump["targets"].long().view(-1)).item()
    tied = model.get_input_embeddings()
    if tied.weight is model.get_output_embeddings().weight:
        tied.forward = lambda ids: torch.nn.functional.embedding(ids, rounded(tied.weight))
    before_activation = {m.c_fc for m in model.modules() if hasattr(m, "c_fc")}
    torch.nn.Linear.forward = lambda m, x: with_bias(Product.apply(x, m.weight), m)
    transformers.pytorch_utils.Conv1D.forward = lambda m, x: with_bias(
        Product.apply(x, m.weight.t()), m)
    transformers.AttentionInterface.register("rounded", attention)
    model.set_attn_implementation("rounded")
ids, targets = dump["ids"].long(), dump["targets"].long()


def step():
    """The loss, log-softmax of the logits and gradients of all parameters."""
    model.zero_grad()
    logits = model(ids).logits
    loss = torch.nn.functional.cross_entropy(
        logits.view(-1, logits.size(-1)), targets.view(-1))
    loss.backward()
    return (loss.item(), logits.detach().log_softmax(-1),
            {name: p.grad.clone() for name, p in model.named_parameters()})


def distance(a, b):
    return ((a - b).norm() / b.norm()).item()


loss, logprobs, gradient = step()
bound = dict.fromkeys(gradient, 1e-5)
if rounds:
    with torch.no_grad():
        for p in model.parameters():
            p.mul_(1 + 4e-7 * (torch.rand_like(p) - .5))
    other = step()[2]
    bound = {name: max(1e-3, 2 * distance(other[name], g))
             for name, g in gradient.items()}
bad = 0

ours = -dump["logprobs"].double().mean().item()
rel = abs(ours - loss) / loss
print(f"loss {ours:.8f} torch {loss:.8f} relative {rel:.2g}")
bad += rel > LOSS
if rounds:
    rel = abs(ours - autocast) / autocast
    print(f"autocast {autocast:.8f} relative {rel:.2g}")
    bad += rel > 1e-3

d = (dump["log_softmax"] - logprobs).abs().max().item()
print(f"logits: largest difference {d:.2g}")
bad += d > LOGITS

worst = 0
for name, g in gradient.items():
    e = distance(dump[name], g)
    worst = max(worst, e / bound[name])
    if e > bound[name]:
        print(f"gradient of {name}: {e:.2g}, bound {bound[name]:.2g}")
        bad += 1
print(f"gradients: {len(gradient)} tensors, worst {worst:.2g} of its bound")
missing = set(gradient) - set(dump)
bad += len(missing)
sys.exit(bad > 0)
