#!/bin/sh
# Create the namespace of the runs. Safe to run at every start. The workers register the search
# attributes themselves.
set -eu

until temporal operator cluster health; do
  echo "Waiting for Temporal."
  sleep 2
done
temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" ||
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 72h
