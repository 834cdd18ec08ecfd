# gguf_py.py F32.gguf FILE...: reads files that ckpt wrote of one model with the
# gguf package of PyPI: it accepts names, shapes, types and offsets, and its own
# quantization of the numbers in F32.gguf gives the same bytes.
import sys

import gguf
import numpy


def raw(x):
    return numpy.ascontiguousarray(x).reshape(-1).view(numpy.uint8)


whole = {t.name: t for t in gguf.GGUFReader(sys.argv[1]).tensors}
assert len(whole) > 5
for path in sys.argv[1:]:
    file = gguf.GGUFReader(path)
    assert [t.name for t in file.tensors] == list(whole)
    for t in file.tensors:
        want = gguf.quants.quantize(numpy.asarray(whole[t.name].data), t.tensor_type)
        assert t.shape.tolist() == whole[t.name].shape.tolist(), t.name
        assert numpy.array_equal(raw(want), raw(t.data)), f"{path}: {t.name}"
    tokens = file.fields["tokenizer.ggml.tokens"].contents()
    assert len(tokens) == len(file.fields["tokenizer.ggml.token_type"].contents())
    print(path, len(file.tensors), len(tokens))
