# inside_parity.py MODEL DUMP: compares the output of t/unit/inside.c for a model
# directory with what transformers has inside: attentions and hidden states to
# 1e-4 (hidden states relative to their norm), the logit lens computed from them.
import sys
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained(
    sys.argv[1], torch_dtype=torch.float32, attn_implementation="eager")
model.eval()
dump = load_file(sys.argv[2])
ids = dump["ids"].long()
with torch.no_grad():
    out = model(ids, output_attentions=True, output_hidden_states=True)
    norm = model.transformer.ln_f if hasattr(model, "transformer") else model.model.norm
    bad = 0

    def check(what, layer, ours, theirs):
        global bad
        d = ((ours - theirs).abs().max() / theirs.abs().max().clamp(min=1)).item()
        print(f"{what} of layer {layer}: largest difference {d:.2g}")
        bad += not d <= 1e-4

    last = len(out.attentions)
    for layer, theirs in enumerate(out.attentions):
        check("attention", layer, dump["attention"][layer], theirs[0])
    for layer, theirs in enumerate(out.hidden_states):
        ours = dump["residual"][layer]
        normed = norm(ours) if layer == last else norm(theirs[0])
        # transformers returns the last one after the final norm
        check("residual", layer, normed if layer == last else ours, theirs[0])
        lens = model.lm_head(theirs[0] if layer == last else normed).log_softmax(-1)
        lens = lens[:-1].gather(1, ids[0, 1:, None])[:, 0]
        check("lens", layer, dump["lens"][layer][:-1], lens)
sys.exit(bad > 0)
