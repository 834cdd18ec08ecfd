# random_models.py DIR: small random models of each architecture, written by
# transformers: DIR/NAME in fp32, DIR/NAME.bf16, and DIR/NAME.shards in shards of
# 60 kB. Biases and gains are random too.
import sys
import torch
from transformers import AutoConfig, AutoModelForCausalLM

top = sys.argv[1]
family = dict(vocab_size=300, hidden_size=48, intermediate_size=80,
    num_hidden_layers=3, num_attention_heads=6, num_key_value_heads=2,
    max_position_embeddings=64, bos_token_id=1, eos_token_id=[2, 3])
llama3 = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0,
    high_freq_factor=4.0, original_max_position_embeddings=32,
    rope_theta=10000.0)
models = {
    "gpt2": ("gpt2", dict(vocab_size=300, n_embd=48, n_layer=3, n_head=6,
        n_positions=64, bos_token_id=1, eos_token_id=2)),
    "llama": ("llama", dict(family, tie_word_embeddings=False,
        rope_scaling=llama3)),
    "llama_biased": ("llama", dict(family, attention_bias=True,
        mlp_bias=True, tie_word_embeddings=True)),
    "qwen2": ("qwen2", dict(family, tie_word_embeddings=True)),
    "qwen2_untied": ("qwen2", dict(family, tie_word_embeddings=False)),
    "qwen3": ("qwen3", dict(family, head_dim=16, tie_word_embeddings=False)),
    "qwen3_biased": ("qwen3", dict(family, head_dim=8, attention_bias=True,
        tie_word_embeddings=True)),
    "mistral": ("mistral", dict(family, sliding_window=None)),
    "mistral_window": ("mistral", dict(family, sliding_window=64)),
}
for seed, (name, (kind, keys)) in enumerate(models.items()):
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(kind, **keys))
    with torch.no_grad():
        for key, p in model.named_parameters():
            gain = "norm" in key or "ln_" in key
            p.normal_(1.0 if gain and key.endswith("weight") else 0.0, 0.08)
    model.save_pretrained(f"{top}/{name}")
    model.save_pretrained(f"{top}/{name}.shards", max_shard_size="60kB")
    model.to(torch.bfloat16).save_pretrained(f"{top}/{name}.bf16")
    print(name)
