#!/bin/sh
# GGUF files.
. "${0%/*}/lib.sh"
needs_command python3

ok 'blocks of quantized types have the values of their definitions' '
	python3 "$TOP/t/quant.py" "$BUILD/unit/quant"
'
done_testing
