#!/bin/sh
# Install the lifecycle policy, the templates and Kibana's saved objects. Safe to repeat.
#
#   ELASTICSEARCH_URL=https://… ELASTICSEARCH_API_KEY=… [KIBANA_URL=https://…] [CURL_CA_BUNDLE=ca.pem] \
#       deploy/elastic/setup.sh
#
# ELASTICSEARCH_API_KEY is the encoded form (base64). LIFECYCLE=none skips ILM, which OpenSearch lacks.
set -eu
cd "$(dirname "$0")"

# The key is passed by standard input: everyone on the machine can see arguments.
call() {
    authorization=${ELASTICSEARCH_API_KEY:+Authorization: ApiKey $ELASTICSEARCH_API_KEY}
    printf 'header = "%s"\n' "${authorization:-X-Quizrun: setup}" |
        curl --silent --show-error --fail-with-body --max-time 30 --config - "$@"
    echo
}

put() {
    echo "$1"
    call --request PUT --header 'Content-Type: application/json' --data-binary "$2" \
        "${ELASTICSEARCH_URL%/}/$1"
}

if [ "${LIFECYCLE:-ilm}" = none ]; then
    put _component_template/quizrun-logs-lifecycle '{"template": {}}'
else
    put _ilm/policy/quizrun-logs @ilm-policy.json
    put _component_template/quizrun-logs-lifecycle @component-lifecycle.json
fi
put _component_template/quizrun-logs-mappings @component-mappings.json
put _index_template/quizrun-logs @index-template.json

if [ -n "${KIBANA_URL:-}" ]; then
    echo "saved objects"
    call --request POST --header 'kbn-xsrf: true' --form file=@kibana/quizrun.ndjson \
        "${KIBANA_URL%/}/api/saved_objects/_import?overwrite=true"
fi
