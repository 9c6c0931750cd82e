{{- define "chats.name" -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "chats.cluster" -}}
{{- .Values.clusterId | default (include "chats.name" .) -}}
{{- end -}}

{{- define "chats.silo.selector" -}}
app.kubernetes.io/name: chats-silo
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "chats.front-door.selector" -}}
app.kubernetes.io/name: chats-front-door
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "chats.labels" -}}
app.kubernetes.io/part-of: genai-chats
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{- define "chats.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{- define "chats.drain" -}}
{{- $seconds := int .Values.drainSeconds -}}
{{- if or (lt $seconds 0) (gt $seconds 3600) -}}
{{- fail "drainSeconds must be between 0 and 3600" -}}
{{- end -}}
{{- printf "%02d:%02d:%02d" (div $seconds 3600) (div (mod $seconds 3600) 60) (mod $seconds 60) -}}
{{- end -}}

{{- define "chats.grace" -}}
{{- add (int .Values.drainSeconds) 30 -}}
{{- end -}}

{{- define "chats.pod-annotations" -}}
{{- if and .root.Values.metrics.enabled .root.Values.metrics.annotations }}
prometheus.io/scrape: "true"
prometheus.io/port: {{ .port | quote }}
prometheus.io/path: /metrics
{{- end }}
checksum/settings: {{ include (print "chats." .role ".settings") .root | sha256sum }}
{{- with .own.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "chats.pod" -}}
terminationGracePeriodSeconds: {{ include "chats.grace" .root }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include (print "chats." .role ".selector") .root | nindent 8 }}
securityContext:
  runAsNonRoot: true
  runAsUser: 1654
  runAsGroup: 1654
  fsGroup: 1654
  seccompProfile:
    type: RuntimeDefault
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .own.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .own.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .own.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "chats.container" -}}
image: {{ include "chats.image" .root }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
resources:
  {{- toYaml .own.resources | nindent 2 }}
startupProbe:
  httpGet:
    path: /healthz/live
    port: http
  periodSeconds: 2
  failureThreshold: {{ .own.probes.startupFailureThreshold }}
livenessProbe:
  httpGet:
    path: /healthz/live
    port: http
  periodSeconds: {{ .own.probes.livenessPeriodSeconds }}
  failureThreshold: 3
readinessProbe:
  httpGet:
    path: /healthz/ready
    port: http
  periodSeconds: {{ .own.probes.readinessPeriodSeconds }}
  timeoutSeconds: 2
  failureThreshold: 1
{{- end -}}

{{- define "chats.secret-key" -}}
valueFrom:
  secretKeyRef:
    name: {{ required "secretName is required" .root.Values.secretName }}
    key: {{ .key }}
    {{- if .optional }}
    optional: true
    {{- end }}
{{- end -}}
