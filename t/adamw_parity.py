# adamw_parity.py MODEL SHARD: ten steps of pretrain -m MODEL over the rows of a
# shard in order, compared with torch's AdamW: the losses agree to 1e-5 relative
# and the parameters to 1e-4 of their total change.
import os
import subprocess
import sys
import numpy as np
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

T, B, STEPS, LR = 64, 1, 10, 1e-3
model_dir, shard = sys.argv[1:3]
tokens = np.fromfile(shard, dtype="<u2", offset=1024)[: B * T * STEPS + 1]

# A stream is used in order, and torch gets the same order.
ours = subprocess.run(
    ["sh", "-c", f"shard head -n {len(tokens)} {shard} | pretrain -q -o adamw --optimizer adamw"
     f" -m {model_dir} --batch {B} --lr {LR} --schedule constant"
     f" --warmup 0 --steps {STEPS}"], check=True)
log = [float(line.split("\t")[1]) for line in open("adamw/trainlog.tsv")
       if line[0] != "s"]

model = AutoModelForCausalLM.from_pretrained(
    model_dir, dtype=torch.float32, attn_implementation="eager")
start = {n: p.detach().clone() for n, p in model.named_parameters()}
decay = [p for p in model.parameters() if p.ndim == 2]
plain = [p for p in model.parameters() if p.ndim == 1]
opt = torch.optim.AdamW(
    [{"params": decay, "weight_decay": 0.1}, {"params": plain, "weight_decay": 0}],
    lr=LR, betas=(0.9, 0.95), eps=1e-8)
bad = 0
for step in range(STEPS):
    x = torch.tensor(tokens[step * T: step * T + T + 1].astype(np.int64))
    loss = torch.nn.functional.cross_entropy(
        model(x[None, :-1]).logits[0], x[1:])
    opt.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step()
    rel = abs(log[step] - loss.item()) / loss.item()
    print(f"step {step + 1}: loss {log[step]:.7g} torch {loss.item():.7g} relative {rel:.1g}")
    bad += rel > 1e-5
dump = load_file("adamw/model.safetensors")
for name, p in model.named_parameters():
    way = (p - start[name]).norm().item()
    off = (dump[name] - p).norm().item()
    if off > 1e-3 * way + 1e-7:
        print(f"{name}: off by {off:.2g}, went {way:.2g}")
        bad += 1
sys.exit(bad > 0)
