# hf_logits.py MODEL ID...: the logits that transformers computes after each id,
# a line each, as t/llamacpp.c prints them. MODEL is a directory or a GGUF file.
# With "text" instead of ids: the ids of standard input by its tokenizer.
import os
import sys

import torch
import transformers

path = sys.argv[1]
where, more = (os.path.dirname(path) or ".", {"gguf_file": os.path.basename(path)}) \
    if path.endswith(".gguf") else (path, {})
if sys.argv[2] == "text":
    tokenizer = transformers.AutoTokenizer.from_pretrained(where, **more)
    ids = tokenizer(sys.stdin.read(), add_special_tokens=False)["input_ids"]
    print(*ids)
else:
    model = transformers.AutoModelForCausalLM.from_pretrained(where, dtype=torch.float32,
        attn_implementation="eager", **more)
    with torch.no_grad():
        logits = model(torch.tensor([[int(i) for i in sys.argv[2:]]])).logits[0]
    for row in logits.tolist():
        print(*(f"{x:.9g}" for x in row))
