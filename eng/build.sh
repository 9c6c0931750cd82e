# Sourced by run, chat, test and bench: builds a project or the solution, and prints only errors.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
configuration=${Configuration:-Release}
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1

say() { printf '%s\n' "$*" >&2; }

# output PROJECT ASSEMBLY: the path of an assembly that the project's build writes.
output() { printf '%s\n' "$root/$1/bin/$configuration/net10.0/$2.dll"; }

# build PROJECT ARGUMENT...: builds it; without changes that takes about two seconds.
build() {
    dotnet build "$root/$1" "${@:2}" -c "$configuration" -v quiet -consoleLoggerParameters:'ErrorsOnly;NoSummary' >&2 </dev/null
}
