#!/bin/sh
# Creates a virtual environment: venv.sh PYTHON FOLDER. Debian's Python lacks ensurepip, which python3-venv provides.
set -eu
python=$1 folder=$2

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Easel needs Python 3.11 or newer, not $("$python" --version 2>&1). Try: make PYTHON=python3.12" >&2
    exit 1
}
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    need="apt-get install --yes --no-install-recommends python3-venv"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq && $need
    elif sudo -n true 2>/dev/null && command -v apt-get >/dev/null; then
        sudo -n apt-get update -qq && sudo -n $need
    else
        echo "This Python has no venv module. Run: sudo $need" >&2
        exit 1
    fi
fi
# Remove an incomplete environment: make would take it for a complete one the next time.
"$python" -m venv "$folder" || { rm -rf "$folder"; exit 1; }
