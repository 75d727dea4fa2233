#!/bin/sh
# The front end is held against a circuit simulator: install Debian's ngspice when it is missing and we may, else say so.
command -v ngspice >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Debian's ngspice for the front end's tests ..."
    patient="-qq -o Acquire::Retries=5 -o DPkg::Lock::Timeout=300"
    if apt-get $patient update && DEBIAN_FRONTEND=noninteractive apt-get $patient install -y --no-install-recommends ngspice >/dev/null; then
        exit 0
    fi
fi
if [ -n "$CI" ]; then
    echo "ngspice is missing and could not be installed: CI must simulate the front end's circuits." >&2
    exit 1
fi
echo "ngspice is missing: the circuits' tests will be skipped. To run them: sudo apt-get install ngspice" >&2
exit 0
