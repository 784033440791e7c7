#!/bin/sh
# Finds or installs Chromium for the browser tests. Never fails: without a browser the tests are skipped with a reason.
set -u
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && exit 0
done
get="apt-get install --yes --no-install-recommends chromium fonts-noto-color-emoji fonts-wqy-microhei"
if ! command -v apt-get >/dev/null; then
    echo "no Chromium and no apt-get: the browser tests will be skipped" >&2
elif [ "$(id -u)" = 0 ]; then
    (apt-get update -qq && $get) >/dev/null 2>&1 || echo "Chromium could not be installed: the browser tests will be skipped" >&2
elif sudo -n true 2>/dev/null; then
    (sudo -n apt-get update -qq && sudo -n $get) >/dev/null 2>&1 || echo "Chromium could not be installed: the browser tests will be skipped" >&2
else
    echo "no Chromium: the browser tests will be skipped. To install it, run: sudo $get" >&2
fi
exit 0
