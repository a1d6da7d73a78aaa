#!/bin/bash
# Give Kibana and Filebeat their users, and the logs their index template. Safe to run at every start.
set -euo pipefail

call() { # METHOD PATH, the body on standard input
  curl --fail-with-body --silent --show-error --max-time 30 \
    --user "elastic:$(cat /run/secrets/elastic_password)" \
    --request "$1" --header 'Content-Type: application/json' --data-binary @- \
    "$ELASTICSEARCH_URL/$2"
  echo
}

printf '{"password": "%s"}' "$(cat /run/secrets/kibana_password)" |
  call POST _security/user/kibana_system/_password

call PUT _security/role/quizrun_filebeat <<'JSON'
{
  "cluster": ["monitor", "read_ilm", "read_pipeline"],
  "indices": [
    {"names": ["quizrun-*"], "privileges": ["create_doc", "auto_configure", "view_index_metadata"]}
  ]
}
JSON
printf '{"password": "%s", "roles": ["quizrun_filebeat"]}' "$(cat /run/secrets/filebeat_password)" |
  call PUT _security/user/quizrun_filebeat

call PUT _ilm/policy/quizrun-logs </elastic/ilm-policy.json
call PUT _index_template/quizrun-logs </elastic/index-template.json
