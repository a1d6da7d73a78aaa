{{- define "quizrun.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "quizrun.image" -}}
{{- if .Values.image.digest }}{{ printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}{{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) }}{{ end }}
{{- end }}

{{/* What stays the same for the life of a component; called with (list $ "gateway"). */}}
{{- define "quizrun.selector" -}}
app.kubernetes.io/name: {{ (index . 0).Chart.Name }}
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "quizrun.labels" -}}
{{- $root := index . 0 -}}
{{ include "quizrun.selector" . }}
app.kubernetes.io/part-of: quizrun
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end }}

{{/* Name, namespace and labels of an object; called with (list $ component). */}}
{{- define "quizrun.metadata" -}}
{{- $root := index . 0 -}}
name: {{ include "quizrun.name" $root }}-{{ index . 1 }}
namespace: {{ $root.Release.Namespace }}
labels:
  {{- include "quizrun.labels" . | nindent 2 }}
{{- end }}

{{/* Which key of the secret gives which setting. One that `settings` has comes from there. */}}
{{- define "quizrun.secretFiles" -}}
{{- range $name, $key := .Values.secrets.files }}
{{- if not (hasKey $.Values.settings $name) }}
{{ $name }}: {{ $key | quote }}
{{- end }}
{{- end }}
{{- end }}

{{/* A component's environment; called with (list $ settings), where settings are its own. A
     component's settings win over those for all. */}}
{{- define "quizrun.env" -}}
{{- $root := index . 0 -}}
{{- $typed := dict
      "QUIZRUN_KAFKA_BOOTSTRAP" (required "servers.kafka.bootstrap is needed: the brokers, as host:port, comma-separated." $root.Values.servers.kafka.bootstrap)
      "QUIZRUN_KAFKA_REPLICATION_FACTOR" $root.Values.servers.kafka.replicationFactor
      "QUIZRUN_KAFKA_PARTITIONS" $root.Values.servers.kafka.partitions
      "QUIZRUN_TEMPORAL_ADDRESS" (required "servers.temporal.address is needed: host:port of Temporal's frontend." $root.Values.servers.temporal.address)
      "QUIZRUN_TEMPORAL_NAMESPACE" $root.Values.servers.temporal.namespace
      "QUIZRUN_PUBLIC_URL" (required "publicUrl is needed: where browsers find Quizrun." $root.Values.publicUrl)
-}}
- name: QUIZRUN_PROCESS_NAME
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
{{- range $name, $key := include "quizrun.secretFiles" $root | fromYaml }}
- name: {{ $name }}_FILE
  value: /run/secrets/quizrun/{{ $key }}
{{- end }}
{{- range $name, $value := merge (dict) (index . 1) $root.Values.settings $typed }}
- name: {{ $name }}
  value: {{ kindIs "string" $value | ternary $value (toJson $value) | quote }}
{{- end }}
{{- end }}

{{- define "quizrun.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
capabilities: {drop: [ALL]}
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "quizrun.mounts" -}}
- name: tmp
  mountPath: /tmp
- name: secrets
  mountPath: /run/secrets/quizrun
  readOnly: true
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Called with (list $ size of /tmp). */}}
{{- define "quizrun.volumes" -}}
{{- $root := index . 0 -}}
- name: tmp
  emptyDir: {sizeLimit: {{ index . 1 }}}
- name: secrets
  secret:
    secretName: {{ $root.Values.secrets.existingSecret }}
    defaultMode: 288 # 0440: root and the group of the pod
    items:
      {{- range include "quizrun.secretFiles" $root | fromYaml | values | uniq | sortAlpha }}
      - {key: {{ . | quote }}, path: {{ . | quote }}}
      {{- end }}
{{- with $root.Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* What all pods have in common; called with (list $ component). */}}
{{- define "quizrun.pod" -}}
{{- $root := index . 0 -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- with $root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Spread a component over zones first, then over nodes; called with (list $ component). */}}
{{- define "quizrun.spread" -}}
{{- range $index, $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
{{- if $index }}
{{ end -}}
- maxSkew: 1
  topologyKey: {{ $key }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "quizrun.selector" $ | nindent 6 }}
  matchLabelKeys: [pod-template-hash]
{{- end }}
{{- end }}

{{/* Called with the name of the port that tells whether the pod is ready. */}}
{{- define "quizrun.probes" -}}
startupProbe:
  httpGet: {path: /healthz, port: http}
  periodSeconds: 2
  failureThreshold: 60
livenessProbe:
  httpGet: {path: /healthz, port: http}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
# 503 only while PostgreSQL is unavailable; otherwise "degraded", which stays in service.
readinessProbe:
  httpGet: {path: /readyz, port: {{ . }}}
  periodSeconds: 5
  timeoutSeconds: 5
  failureThreshold: 3
{{- end }}
