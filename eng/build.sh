# Sourced by run, chat, test, and bench.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
configuration=${Configuration:-Release}
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1

say() { printf '%s\n' "$*" >&2; }

# output PROJECT ASSEMBLY: the path of an assembly that the project's build writes.
output() { printf '%s\n' "$root/$1/bin/$configuration/net10.0/$2.dll"; }

# build PROJECT: builds a project's folder or the solution, and prints only errors. Without changes that takes about two seconds.
build() {
    local project=$root/$1
    [ ! -d "$project" ] || project=$(echo "$project"/*.csproj)
    command -v dotnet >/dev/null || { say 'The .NET 10 SDK is missing. Get it from https://dotnet.microsoft.com/download/dotnet/10.0'; return 1; }
    # One compiler process for all projects takes half of the time of one for each. It ends with the build.
    local compiler=chats-build-$$ status=0
    dotnet msbuild "$project" -restore -m -nologo -v:quiet -p:Configuration="$configuration" \
        -p:UseSharedCompilation=true -p:SharedCompilationId="$compiler" >&2 </dev/null || status=$?
    pkill -f -- "-pipename:$compiler" 2>/dev/null || true
    return "$status"
}
