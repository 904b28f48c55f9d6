#!/usr/bin/env bash
# Builds llama.cpp's own llama-server from the source package of llama-cpp-python (MIT), which pip
# brings from the package index, and keeps it by version: some minutes the first time, nothing after
# that. Prints the binary's path. Needs cmake, g++ and ninja (apt-get install cmake g++ ninja-build).
# LLAMA_SERVER_HOME names another folder to keep it in. The version stands in llama_server.py too.
set -euo pipefail
version=0.3.36
home=${LLAMA_SERVER_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/llama-server-$version}
if [[ -x $home/llama-server ]]; then echo "$home/llama-server"; exit 0; fi
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
{
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" download --quiet --no-deps --no-binary llama-cpp-python -d "$work" "llama-cpp-python==$version"
  mkdir "$work/src"
  tar xzf "$work"/llama_cpp_python-*.tar.gz -C "$work/src" --strip-components=3 "llama_cpp_python-$version/vendor/llama.cpp"
  cmake -S "$work/src" -B "$work/b" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF \
    -DGGML_NATIVE=OFF -DGGML_OPENMP=OFF -DGGML_CPU_REPACK=OFF -DGGML_LLAMAFILE=OFF \
    -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_APP=OFF \
    -DLLAMA_BUILD_UI=OFF -DLLAMA_USE_PREBUILT_UI=OFF -DLLAMA_OPENSSL=OFF \
    -DCMAKE_CXX_FLAGS_RELEASE="-O1 -DNDEBUG"
  cmake --build "$work/b" --target llama-server -j"$(nproc)"
  mkdir -p "$home" && strip -o "$home/.new" "$work/b/bin/llama-server" && mv "$home/.new" "$home/llama-server"
} >&2
echo "$home/llama-server"
