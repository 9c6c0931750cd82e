#!/usr/bin/env python3
"""Checks the deployment files: Dockerfile, docker-compose.yml, and deploy/. Prints each problem on one line.

With --environments, prints the name, program, and environment of each of the service's containers as JSON instead.
With --own-rules, leaves out what docker-compose, promtool, and kubectl check.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import helm  # noqa: E402
import kustomize  # noqa: E402
import yaml  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
KUSTOMIZATIONS = ["deploy/k8s/base", "deploy/k8s/overlays/production"]

# Values with which the chart must render, and some of its objects.
CHART_VALUES = {
    "the defaults": ({}, {("Role", "chats-silo"), ("HorizontalPodAutoscaler", "chats-front-door")}),
    "everything": (
        {
            "tls": {"secretName": "chats-tls", "clientCaSecretName": "chats-ca"},
            "authentication": {
                "schemes": "ApiKeys,Jwt,ClientCertificates",
                "apiKeys": {"secretName": "chats-keys"},
                "jwt": {"issuer": "https://issuer.example.com", "audience": "chats", "jwksUri": "https://issuer.example.com/keys"},
            },
            "models": {"routes": [{"name": "gemini-*", "provider": "gemini", "keyFrom": "GEMINI_API_KEY"}, {"name": "*", "provider": "openai", "baseUrl": "http://vllm:8000/v1"}]},
            "metrics": {"podMonitor": {"enabled": True, "labels": {"release": "prometheus"}}, "rules": {"enabled": True}},
            "telemetry": {"endpoint": "http://collector:4317"},
            "drainSeconds": 3600,
            "settings": {"Logging__LogLevel__Default": "Warning"},
            "silo": {"autoscaling": {"enabled": True}, "settings": {"Orleans__CollectionAge": "00:05:00"}, "podAnnotations": {"a/b": "c"}},
            "frontDoor": {"service": {"type": "LoadBalancer", "annotations": {"a/b": "c"}}, "tolerations": [{"key": "a", "operator": "Exists"}]},
        },
        {("PodMonitor", "chats-silo"), ("PrometheusRule", "chats"), ("HorizontalPodAutoscaler", "chats-silo")},
    ),
    "little": (
        {
            "kubernetesHosting": False,
            "networkPolicy": {"enabled": False},
            "metrics": {"enabled": False},
            "silo": {"replicas": 1, "podDisruptionBudget": None},
            "frontDoor": {"replicas": 1, "podDisruptionBudget": None, "autoscaling": {"enabled": False}},
        },
        set(),
    ),
}

# Values that the chart must reject, and why.
WRONG_CHART_VALUES = [
    ({"secretName": ""}, "secretName is required"),
    ({"authentication": {"schemes": "ApiKeys"}}, "authentication.apiKeys.secretName is required"),
    ({"authentication": {"schemes": "Jwt"}}, "authentication.jwt.issuer is required"),
    ({"tls": {"clientCaSecretName": "chats-ca"}}, "tls.clientCaSecretName needs tls.secretName"),
    ({"models": {"routes": [{"name": "*"}]}}, "provider is required"),
    ({"drainSeconds": -1}, "drainSeconds must be between 0 and 3600"),
    ({"drainSeconds": "30"}, "drainSeconds: '30' is not of type 'integer'"),
    ({"replicas": 2}, "'replicas' was unexpected"),
    ({"silo": {"replica": 2}}, "silo: Additional properties are not allowed ('replica' was unexpected)"),
    ({"settings": {"Chats__MaxTurns": 1000}}, "settings.Chats__MaxTurns: 1000 is not of type 'string'"),
    ({"frontDoor": {"settings": {"Chats:MaxTurns": "1000"}}}, "'Chats:MaxTurns' does not match"),
    ({"frontDoor": {"service": {"type": "Loadbalancer"}}}, "'Loadbalancer' is not one of"),
    ({"models": {"routes": [{"name": "*", "provider": "openai", "key": "secret"}]}}, "'key' was unexpected"),
]

PROGRAMS = {"GenAI.Chats.Api.dll", "GenAI.Chats.Silo.dll"}

# The time that a server needs after draining: TimeAfterDrain in ChatSiloHostingExtensions.
AFTER_DRAIN = 15

# Keys of the secret "chats", which is created by hand.
SECRET = {"Storage__ConnectionString", "GEMINI_API_KEY", "OPENAI_API_KEY"}

# Names of variables. The service checks the rest of its own settings when it starts, and so does tests/Api.
SETTING = re.compile(
    r"(Api|Authentication|Chats|Limits|Models|Orleans|Silo|Storage|Telemetry)__\w+"
    r"|(GEMINI|GOOGLE|OPENAI)_[A-Z_]+|POD_(NAME|NAMESPACE)|OTEL_[A-Z_]+|DOTNET_\w+|Logging__LogLevel__\w+"
)

problems = []


def check(holds, what):
    if not holds:
        problems.append(what)


def seconds(duration):
    hours, minutes, rest = duration.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


def pod_of(item):
    return item["spec"]["template"]["spec"]


def environment(item, container, objects):
    """The environment of a container. Values from the pod and from secrets are shown as <their source>."""
    maps = {o["metadata"]["name"]: o["data"] for o in objects if o["kind"] == "ConfigMap"}
    found = {}
    for source in container.get("envFrom", []):
        name = source["configMapRef"]["name"]
        check(name in maps, f"{item['metadata']['name']}: ConfigMap {name} not found")
        found.update(maps.get(name, {}))
    for variable in container.get("env", []):
        source = variable.get("valueFrom", {})
        if "secretKeyRef" in source:
            check(source["secretKeyRef"]["key"] in SECRET, f"{item['metadata']['name']}: unknown key {source['secretKeyRef']} of the secret")
        found[variable["name"]] = variable.get("value", f"<{json.dumps(source)}>")
    return found


def check_workload(item, objects):
    name = item["metadata"]["name"]
    spec, pod = item["spec"], pod_of(item)
    labels = spec["template"]["metadata"]["labels"]
    check(spec["selector"]["matchLabels"].items() <= labels.items(), f"{name}: the selector doesn't match the pods")
    for spread in pod["topologySpreadConstraints"]:
        check(spread["labelSelector"]["matchLabels"].items() <= labels.items(), f"{name}: the topology spread doesn't match the pods")
    accounts = [o["metadata"]["name"] for o in objects if o["kind"] == "ServiceAccount"]
    check(pod["serviceAccountName"] in accounts, f"{name}: service account {pod['serviceAccountName']} not found")
    check(pod["securityContext"]["runAsNonRoot"] is True, f"{name}: can run as root")
    volumes = {volume["name"] for volume in pod.get("volumes", [])}
    for container in pod["containers"]:
        check(set(container["args"]) <= PROGRAMS, f"{name}: {container['args']} isn't a program of the image")
        settings = environment(item, container, objects)
        for key in settings:
            check(SETTING.fullmatch(key), f"{name}: unknown setting {key}")
        check({m["name"] for m in container["volumeMounts"]} <= volumes, f"{name}: a volume is missing")
        locked = container["securityContext"]
        check(locked["readOnlyRootFilesystem"] and not locked["allowPrivilegeEscalation"] and locked["capabilities"]["drop"] == ["ALL"], f"{name}: securityContext is too permissive")
        check({"requests", "limits"} <= set(container["resources"]), f"{name}: missing resource requests or limits")
        check_ports(name, container, settings)
        pause = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        need = pause + seconds(settings.get("Chats__DrainTimeout", "00:00:30")) + AFTER_DRAIN
        check(pod["terminationGracePeriodSeconds"] > need, f"{name}: terminationGracePeriodSeconds must be more than {need}")


def check_ports(name, container, settings):
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    own = {"silo": "Orleans__SiloPort", "gateway": "Orleans__GatewayPort", "grpc-health": "Silo__HealthGrpcPort", "grpc": "Api__GrpcPort"}
    own["http"] = "Silo__HttpPort" if "Silo__HttpPort" in settings else "Api__HttpPort"
    for port, number in ports.items():
        check(str(number) == settings.get(own[port]), f"{name}: port {port} is {number}, and {own[port]} is {settings.get(own[port])}")
    for kind in ("startupProbe", "livenessProbe", "readinessProbe"):
        probe = container[kind]
        if "httpGet" in probe:
            check(probe["httpGet"]["port"] in ports, f"{name}: {kind} uses port {probe['httpGet']['port']}")
            check(probe["httpGet"]["path"] in ("/healthz/live", "/healthz/ready"), f"{name}: {kind} uses {probe['httpGet']['path']}")
        else:
            check(probe["grpc"]["port"] in ports.values(), f"{name}: {kind} uses port {probe['grpc']['port']}")
    check(container["livenessProbe"]["httpGet"]["path"] == "/healthz/live", f"{name}: livenessProbe must use /healthz/live, because a server that isn't ready would be killed")


def check_references(objects):
    workloads = [o for o in objects if o["kind"] in ("Deployment", "StatefulSet")]
    names = [(o["kind"], o["metadata"]["name"]) for o in objects]
    check(len(names) == len(set(names)), f"duplicate name: {names}")

    def matching(selector):
        return [w for w in workloads if selector.items() <= w["spec"]["template"]["metadata"]["labels"].items()]

    for item in objects:
        kind, name, spec = item["kind"], item["metadata"]["name"], item.get("spec", {})
        if kind == "Service":
            for port in spec["ports"]:
                for workload in matching(spec["selector"]) or [None]:
                    ports = [p["name"] for c in pod_of(workload)["containers"] for p in c["ports"]] if workload else []
                    check(port["targetPort"] in ports, f"Service {name}: no pod has port {port['targetPort']}")
        elif kind == "PodDisruptionBudget":
            check(matching(spec["selector"]["matchLabels"]), f"{kind} {name} matches no pods")
        elif kind == "HorizontalPodAutoscaler":
            target = spec["scaleTargetRef"]
            found = [w for w in workloads if (w["kind"], w["metadata"]["name"]) == (target["kind"], target["name"])]
            check(found, f"{kind} {name} scales nothing")
            replicas = [w["spec"].get("replicas", spec["minReplicas"]) for w in found]
            check(all(spec["minReplicas"] <= number <= spec["maxReplicas"] for number in replicas), f"{kind} {name}: replicas are out of range")
            for metric in spec["metrics"]:
                if metric["type"] == "Pods":
                    check(is_metric(metric["pods"]["metric"]["name"]), f"{kind} {name}: unknown metric {metric['pods']['metric']['name']}")
        elif kind == "RoleBinding":
            check(("Role", item["roleRef"]["name"]) in names, f"{kind} {name}: Role {item['roleRef']['name']} not found")
            check(all((s["kind"], s["name"]) in names for s in item["subjects"]), f"{kind} {name}: a subject wasn't found")
        elif kind == "PodMonitor":
            for workload in matching(spec["selector"]["matchLabels"]) or [None]:
                ports = [p["name"] for c in pod_of(workload)["containers"] for p in c["ports"]] if workload else []
                check(all(endpoint["port"] in ports for endpoint in spec["podMetricsEndpoints"]), f"{kind} {name}: no pod has its port")
        elif kind == "NetworkPolicy":
            for selector in [spec["podSelector"]] + [s["podSelector"] for rule in spec["ingress"] for s in rule.get("from", [])]:
                check(matching(selector["matchLabels"]), f"{kind} {name} matches no pods: {selector}")


def is_metric(name):
    dotted = '"' + name.replace("_", ".") + '"'
    return any(dotted in path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*Metrics.cs"))


def check_compose():
    (compose,) = kustomize.load_all(ROOT / "docker-compose.yml")
    services = compose["services"]
    for name, service in services.items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            check((ROOT / source).is_file() if source.startswith(".") else source in compose["volumes"], f"{name}: {source} not found")
        check(set(service.get("depends_on", {})) <= set(services), f"{name}: depends on an unknown service")
        if "build" not in service:
            continue
        for key in service["environment"]:
            check(SETTING.fullmatch(key), f"{name}: unknown setting {key}")
        check(set(service["command"]) <= PROGRAMS and service["healthcheck"]["test"][2] in service["command"], f"{name}: {service['command']} isn't a program of the image")
        check(int(service["stop_grace_period"].rstrip("s")) > 30 + AFTER_DRAIN, f"{name}: stop_grace_period is too short")
        check(service["read_only"] and service["cap_drop"] == ["ALL"], f"{name}: securityContext is too permissive")
    return services


def check_envoy(services):
    (envoy,) = kustomize.load_all(ROOT / "deploy/envoy/envoy.yaml")
    static = envoy["static_resources"]
    clusters = {cluster["name"]: cluster for cluster in static["clusters"]}
    manager = static["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
    routes = [route["route"] for host in manager["route_config"]["virtual_hosts"] for route in host["routes"]]
    check(all(route["cluster"] in clusters for route in routes), "Envoy: a route has an unknown cluster")
    check(all(route["timeout"] == "0s" for route in routes), "Envoy: the timeout would cut off turns")
    check([policy["header"]["header_name"] for route in routes for policy in route["hash_policy"]] == ["x-chat-name"], "Envoy: doesn't hash by chat name")
    for cluster in clusters.values():
        check(cluster["lb_policy"] in ("RING_HASH", "MAGLEV"), "Envoy: lb_policy ignores the hash")
        for endpoint in cluster["load_assignment"]["endpoints"][0]["lb_endpoints"]:
            address = endpoint["endpoint"]["address"]["socket_address"]
            check(address["address"] in services and address["port_value"] == 50051, f"Envoy: unknown address {address}")
    published = services["proxy"]["ports"][0].split(":")[-1]
    check(static["listeners"][0]["address"]["socket_address"]["port_value"] == int(published), "Envoy: the port differs from docker-compose.yml")


def check_istio(objects):
    for item in kustomize.load_all(ROOT / "deploy/istio/chats.yaml"):
        spec = item["spec"]
        hosts = [spec["host"]] if "host" in spec else [r["destination"]["host"] for h in spec["http"] for r in h["route"]]
        for host in hosts:
            check(any(o["kind"] == "Service" and o["metadata"]["name"] == host for o in objects), f"Istio: unknown service {host}")


def check_image():
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    run = (ROOT / "run").read_text(encoding="utf-8")
    program = re.search(r"output src/Api ([\w.]+)\)", run).group(1) + ".dll"
    check('ENTRYPOINT ["dotnet"]' in lines and f'CMD ["{program}"]' in lines, f"Dockerfile: doesn't start {program}, as ./run does")
    check("USER $APP_UID" in lines, "Dockerfile: runs as root")
    check(not re.search(r"(?i)(password|_KEY|token)\s*=\s*\S", "\n".join(lines)), "Dockerfile: contains a secret")


def check_kubernetes_hosting(objects):
    """Silos that take part in Kubernetes need their pod's name, labels that say which cluster they are of, and the right to read pods."""
    for item in objects:
        if item["kind"] != "Deployment":
            continue
        (container,) = pod_of(item)["containers"]
        settings = environment(item, container, objects)
        if settings.get("Orleans__Kubernetes") != "true":
            check(pod_of(item)["automountServiceAccountToken"] is False, f"{item['metadata']['name']}: doesn't need a token")
            continue
        labels = item["spec"]["template"]["metadata"]["labels"]
        for label, key in (("orleans/serviceId", "Orleans__ServiceId"), ("orleans/clusterId", "Orleans__ClusterId")):
            check(labels.get(label) == settings[key], f"{item['metadata']['name']}: label {label} differs from {key}")
        check({"POD_NAME", "POD_NAMESPACE"} <= set(settings), f"{item['metadata']['name']}: POD_NAME or POD_NAMESPACE is missing")
        check(pod_of(item)["automountServiceAccountToken"] is True, f"{item['metadata']['name']}: needs a token")
        account = pod_of(item)["serviceAccountName"]
        roles = [o["roleRef"]["name"] for o in objects if o["kind"] == "RoleBinding" and any(s["name"] == account for s in o["subjects"])]
        rules = [rule for o in objects if o["kind"] == "Role" and o["metadata"]["name"] in roles for rule in o["rules"]]
        check(rules == [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]}], f"{item['metadata']['name']}: needs the right to read pods, and no other: {rules}")


def check_objects(objects):
    check_references(objects)
    check_kubernetes_hosting(objects)
    for item in objects:
        if item["kind"] in ("Deployment", "StatefulSet"):
            check_workload(item, objects)


def check_chart_schema(schema, values, path="values"):
    """Each value of the chart is in the schema, and the other way around."""
    known = set(schema["properties"]) - ({"global"} if path == "values" else set())
    check(known == set(values), f"{helm.CHART}/values.schema.json: {path} differs from values.yaml in {sorted(known ^ set(values))}")
    for key, part in schema["properties"].items():
        if "properties" in part and key in values:
            check_chart_schema(part, values[key], f"{path}.{key}")


def check_chart(program):
    check_chart_schema(helm.schema(), helm.defaults())
    for name, (values, expected) in CHART_VALUES.items():
        before = len(problems)
        try:
            objects = helm.render(program, values)
            check_objects(objects)
        except (helm.ChartError, yaml.YAMLError, AttributeError, KeyError, TypeError, ValueError) as error:
            check(False, f"{helm.CHART} with {name}: {type(error).__name__}: {error}")
            continue
        problems[before:] = [f"{helm.CHART} with {name}: {problem}" for problem in problems[before:]]
        missing = expected - {helm.name_of(item) for item in objects}
        check(not missing, f"{helm.CHART} with {name}: {missing} not found")
        for item in objects:
            if item["kind"] == "PrometheusRule":
                (rules,) = kustomize.load_all(ROOT / "deploy/prometheus/alerts.yaml")
                check(item["spec"] == rules, f"{helm.CHART}: the rules differ from deploy/prometheus/alerts.yaml")
    for values, reason in WRONG_CHART_VALUES:
        try:
            helm.render(program, values)
            check(False, f"{helm.CHART} accepts {values}")
        except helm.ChartError as error:
            check(reason in str(error), f"{helm.CHART} rejects {values} with: {error}")


def check_with_tools(all_objects):
    """Checks with docker-compose, promtool, and kubectl, if they're installed."""
    if shutil.which("promtool"):
        run = subprocess.run(["promtool", "check", "rules", ROOT / "deploy/prometheus/alerts.yaml"], capture_output=True, text=True, check=False)
        check(run.returncode == 0, f"promtool check rules: {run.stdout}{run.stderr}")
    if shutil.which("docker-compose"):
        run = subprocess.run(["docker-compose", "-f", ROOT / "docker-compose.yml", "config", "-q"], capture_output=True, text=True, check=False)
        check(run.returncode == 0, f"docker-compose config: {run.stderr}")
    version = subprocess.run(["kubectl", "version", "--client"], capture_output=True, text=True, check=False).stdout if shutil.which("kubectl") else ""
    if not re.search(r"Kustomize Version: v([5-9]|\d\d)", version):
        return
    for directory, objects in all_objects.items():
        run = subprocess.run(["kubectl", "kustomize", ROOT / directory], capture_output=True, text=True, check=False)
        check(run.returncode == 0, f"kubectl kustomize {directory}: {run.stderr}")

        # kubectl appends a hash of the content to the names of generated objects.
        for item in objects:
            if item["kind"] == "ConfigMap":
                run.stdout = re.sub(rf"\b({item['metadata']['name']})-[a-z0-9]{{10}}\b", r"\1", run.stdout)
        rendered = list(yaml.safe_load_all(run.stdout))
        for item in objects + rendered:
            same = [o for o in (rendered if item in objects else objects) if (o["kind"], o["metadata"]["name"]) == (item["kind"], item["metadata"]["name"])]
            check(same == [item], f"{directory}: {item['kind']} {item['metadata']['name']} is rendered differently by kubectl: {same} instead of {item}")


def environments(all_objects):
    for directory, objects in all_objects.items():
        for item in objects:
            if item["kind"] == "Deployment":
                for container in pod_of(item)["containers"]:
                    yield {"name": f"{directory}: {item['metadata']['name']}", "program": container["args"][0], "environment": environment(item, container, objects)}
    (compose,) = kustomize.load_all(ROOT / "docker-compose.yml")
    for name, service in compose["services"].items():
        if "build" in service:
            yield {"name": f"docker-compose.yml: {name}", "program": service["command"][0], "environment": {k: str(v) for k, v in service["environment"].items()}}


def main():
    charts = ROOT / helm.CHART / "templates"
    for path in (ROOT / "deploy").rglob("*.yaml"):
        if charts not in path.parents:
            kustomize.load_all(path)
    all_objects = {directory: kustomize.render(ROOT / directory) for directory in KUSTOMIZATIONS}
    if "--render" in sys.argv:
        print(yaml.safe_dump_all(all_objects[sys.argv[-1]]))
        return 0
    with tempfile.TemporaryDirectory() as directory:
        program = helm.build(directory)
        if "--environments" in sys.argv:
            print(json.dumps(list(environments({**all_objects, helm.CHART: helm.render(program, {})}))))
            return 0
        check_chart(program)
    for objects in all_objects.values():
        check_objects(objects)
        check_istio(objects)
    check_envoy(check_compose())
    check_image()
    if "--own-rules" not in sys.argv:
        check_with_tools(all_objects)
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
