#!/bin/sh
# The page's tests need Chromium: install Debian's package when it is missing and we may, else say so.
command -v chromium >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Debian's chromium for the page's tests ..."
    patient="-qq -o Acquire::Retries=5 -o DPkg::Lock::Timeout=300"
    if apt-get $patient update && DEBIAN_FRONTEND=noninteractive apt-get $patient install -y --no-install-recommends chromium >/dev/null; then
        exit 0
    fi
fi
if [ -n "$CI" ]; then
    echo "chromium is missing and could not be installed: CI must drive the page." >&2
    exit 1
fi
echo "chromium is missing: the page's tests will be skipped. To run them: sudo apt-get install chromium" >&2
exit 0
