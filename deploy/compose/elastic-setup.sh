#!/bin/bash
# Set Kibana's password, create Filebeat's key and Grafana's read-only user, and install templates and
# saved objects. Safe to run at every start.
set -euo pipefail

call() { # METHOD PATH, the body on standard input
  printf 'user = "elastic:%s"\n' "$(cat /run/secrets/elastic_password)" >/tmp/curlrc
  curl --config /tmp/curlrc --fail-with-body --silent --show-error --max-time 30 \
    --request "$1" --header 'Content-Type: application/json' --data-binary @- "$ELASTICSEARCH_URL/$2"
}

field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }

printf '{"password": "%s"}' "$(cat /run/secrets/kibana_password)" |
  call POST _security/user/kibana_system/_password

call PUT _security/role/quizrun-logs-reader <<'JSON'
{
  "cluster": ["monitor"],
  "indices": [{"names": ["logs-quizrun-*"], "privileges": ["read", "view_index_metadata"]}]
}
JSON
printf '{"password": "%s", "roles": ["quizrun-logs-reader"]}' "$(cat /run/secrets/elastic_grafana_password)" |
  call PUT _security/user/quizrun-grafana

if [ ! -s /keys/filebeat ]; then
  key="$(call POST _security/api_key <<'JSON'
{
  "name": "quizrun-filebeat",
  "role_descriptors": {
    "filebeat": {
      "cluster": ["monitor", "read_ilm"],
      "indices": [
        {
          "names": ["logs-quizrun-*"],
          "privileges": ["create_doc", "auto_configure", "view_index_metadata"]
        }
      ]
    }
  }
}
JSON
)"
  printf '%s:%s' "$(field id <<<"$key")" "$(field api_key <<<"$key")" >/keys/filebeat.new
  chmod 444 /keys/filebeat.new
  mv /keys/filebeat.new /keys/filebeat
fi

key="$(call POST _security/api_key <<<'{"name": "quizrun-setup", "expiration": "15m"}')"
ELASTICSEARCH_API_KEY="$(field encoded <<<"$key")" exec sh /elastic/setup.sh
