#!/usr/bin/env bash
# Compiles the quickstart example in Go or Java with Debian's packages, and writes the program DIRECTORY/durable_chat. Usage: compile.sh go|java DIRECTORY
set -euo pipefail
root=$(cd "$(dirname "$0")/../../.." && pwd)
language=$1 directory=$2
sources=("$root/protos" "$root/examples/$language" "$root/tests/System/Clients")
mkdir -p "$directory"
cd "$directory"

# The second one of two test processes waits, and finds the program.
exec 9>lock
flock 9
if [ -x durable_chat ] && [ -z "$(find "${sources[@]}" -type f -newer durable_chat -not -path '*/obj/*' -not -path '*/bin/*' -not -path '*/__pycache__/*' -print -quit)" ]; then
    exit
fi
rm -rf work
mkdir work
cd work

case $language in
go)
    # Without modules, packages are those that Debian keeps in /usr/share/gocode.
    export GO111MODULE=off GOFLAGS= GOPATH=$PWD:/usr/share/gocode
    mkdir -p src/example.com/durable
    cp "$root"/examples/go/*.go src/example.com/durable
    cp "$root/tests/System/Clients/go/connect.go" src/example.com/durable
    cd src/example.com/durable
    # Debian's plugin for gRPC works with optional fields, but doesn't say so to protoc (supported_features in its response).
    printf '#!/bin/sh\n/usr/bin/protoc-gen-go-grpc && printf "\\020\\001"\n' >protoc-gen-go-grpc
    chmod +x protoc-gen-go-grpc
    # The command in the example, with other paths.
    command=$(sed -n 's|^//go:generate protoc -I../../protos ||p' durable_chat.go)
    # shellcheck disable=SC2086
    PATH=$PWD:$PATH protoc "-I$root/protos" $command
    go vet .
    go build -o "$directory/durable_chat" .
    ;;
java)
    jars=$(printf '/usr/share/java/%s.jar:' grpc-{api,context,core,netty,protobuf,protobuf-lite,stub} protobuf guava perfmark-api geronimo-annotation-1.3-spec \
        netty-{buffer,codec,codec-http,codec-http2,common,handler,handler-proxy,resolver,transport,transport-native-unix-common})
    mkdir generated classes
    protoc "-I$root/protos" --java_out=generated --plugin=protoc-gen-grpc-java="$(command -v grpc_java_plugin)" --grpc-java_out=generated \
        genai/chats/v1/chats.proto genai/chats/v1/content.proto
    find generated "$root/examples/java/src" -name '*.java' >files
    javac --release 17 -nowarn -cp "$jars" -d classes @files
    printf '#!/bin/sh\nexec java -XX:TieredStopAtLevel=1 -cp "%s:%s" DurableChat "$@"\n' "$PWD/classes" "$jars" >../durable_chat
    chmod +x ../durable_chat
    ;;
esac
