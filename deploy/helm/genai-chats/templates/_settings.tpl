{{- /* Settings of all processes. */ -}}
{{- define "chats.common.settings" -}}
Orleans__ClusterId: {{ include "chats.cluster" . | quote }}
Orleans__ServiceId: {{ include "chats.cluster" . | quote }}
Orleans__Clustering__ProviderType: AdoNet
Orleans__Directory: Distributed
Chats__DrainTimeout: {{ include "chats.drain" . | quote }}
Telemetry__Prometheus: {{ .Values.metrics.enabled | quote }}
{{- with .Values.telemetry.endpoint }}
OTEL_EXPORTER_OTLP_ENDPOINT: {{ . | quote }}
{{- end }}
{{- end -}}

{{- define "chats.silo.settings" -}}
{{- $settings := include "chats.common.settings" . | fromYaml -}}
{{- $_ := set $settings "Silo__Address" "0.0.0.0" -}}
{{- $_ := set $settings "Silo__HealthGrpcPort" "50052" -}}
{{- $_ := set $settings "Silo__HttpPort" "8081" -}}
{{- $_ := set $settings "Orleans__SiloPort" "11111" -}}
{{- $_ := set $settings "Orleans__GatewayPort" "30000" -}}
{{- $_ := set $settings "Orleans__Kubernetes" (toString .Values.kubernetesHosting) -}}
{{- $_ := set $settings "Storage__Provider" "Postgres" -}}
{{- if .Values.models.echo }}{{ $_ := set $settings "Models__Echo" "true" }}{{ end -}}
{{- range $i, $route := .Values.models.routes -}}
{{- $prefix := printf "Models__Routes__%d__" $i -}}
{{- $_ := set $settings (print $prefix "Name") (required "models.routes: name is required" $route.name) -}}
{{- $_ := set $settings (print $prefix "Provider") (required "models.routes: provider is required" $route.provider) -}}
{{- with $route.baseUrl }}{{ $_ := set $settings (print $prefix "BaseUrl") . }}{{ end -}}
{{- end -}}
{{- $settings = mustMergeOverwrite $settings (deepCopy .Values.settings) (deepCopy .Values.silo.settings) -}}
{{- toYaml $settings -}}
{{- end -}}

{{- define "chats.front-door.settings" -}}
{{- $settings := include "chats.common.settings" . | fromYaml -}}
{{- $_ := set $settings "Api__Role" "FrontDoor" -}}
{{- $_ := set $settings "Api__Address" "0.0.0.0" -}}
{{- $_ := set $settings "Api__GrpcPort" "50051" -}}
{{- $_ := set $settings "Api__HttpPort" "8080" -}}
{{- $authentication := .Values.authentication -}}
{{- $_ := set $settings "Authentication__Schemes" $authentication.schemes -}}
{{- if contains "ApiKeys" $authentication.schemes -}}
{{- $_ := required "authentication.apiKeys.secretName is required with the scheme ApiKeys" $authentication.apiKeys.secretName -}}
{{- $_ := set $settings "Authentication__ApiKeys__File" (print "/etc/chats/keys/" $authentication.apiKeys.key) -}}
{{- end -}}
{{- if contains "Jwt" $authentication.schemes -}}
{{- $_ := set $settings "Authentication__Jwt__Issuer" (required "authentication.jwt.issuer is required with the scheme Jwt" $authentication.jwt.issuer) -}}
{{- $_ := set $settings "Authentication__Jwt__Audience" (required "authentication.jwt.audience is required with the scheme Jwt" $authentication.jwt.audience) -}}
{{- with $authentication.jwt.jwksUri }}{{ $_ := set $settings "Authentication__Jwt__JwksUri" . }}{{ end -}}
{{- end -}}
{{- if .Values.tls.secretName -}}
{{- $_ := set $settings "Api__Tls__Certificate" "/etc/chats/tls/tls.crt" -}}
{{- $_ := set $settings "Api__Tls__Key" "/etc/chats/tls/tls.key" -}}
{{- if .Values.tls.clientCaSecretName -}}
{{- $_ := set $settings "Api__Tls__ClientCa" "/etc/chats/client-ca/ca.crt" -}}
{{- end -}}
{{- else if .Values.tls.clientCaSecretName -}}
{{- fail "tls.clientCaSecretName needs tls.secretName" -}}
{{- end -}}
{{- $settings = mustMergeOverwrite $settings (deepCopy .Values.settings) (deepCopy .Values.frontDoor.settings) -}}
{{- toYaml $settings -}}
{{- end -}}
