#!/bin/sh
# The namespace, created where it is missing, and waited for: a new one is usable some seconds later. May be repeated.
# TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and RETENTION come from the environment.
set -eu

usable() { temporal workflow count --namespace "$TEMPORAL_NAMESPACE"; }
exists() { temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE"; }
create() { temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"; }

for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    if usable >/dev/null 2>&1; then
        echo "namespace $TEMPORAL_NAMESPACE is ready"
        exit 0
    fi
    exists >/dev/null 2>&1 || create || true
    sleep 2
done
usable
