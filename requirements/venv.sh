#!/bin/sh
# Makes a virtual environment: venv.sh PYTHON FOLDER. Debian ships Python without ensurepip; python3-venv brings it.
set -eu
python=$1 folder=$2

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Easel needs Python 3.11 or newer; $("$python" --version 2>&1) was found. Try: make PYTHON=python3.12" >&2
    exit 1
}
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    need="apt-get install --yes --no-install-recommends python3-venv"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq && $need
    elif sudo -n true 2>/dev/null && command -v apt-get >/dev/null; then
        sudo -n apt-get update -qq && sudo -n $need
    else
        echo "This Python has no venv module. Type: sudo $need" >&2
        exit 1
    fi
fi
# What is left half made by a failure would be taken for whole the next time.
"$python" -m venv "$folder" || { rm -rf "$folder"; exit 1; }
