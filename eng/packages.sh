# Sourced by run, chat and test. Decides which set of packages the build takes, and builds. See "Two sets of packages" in docs/architecture.md.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
package_set=$root/PackageSet.props
configuration=${Configuration:-Release}
build_log=$root/artifacts/build.log
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1 MSBUILDTERMINALLOGGER=off

say() { printf '%s\n' "$*" >&2; }

# What a choice depends on: the versions asked for, and where packages come from.
package_set_key() {
    {
        cat "$root/Directory.Packages.props" "$root/Directory.Build.targets"
        cat "$root"/[Nn]u[Gg]et.[Cc]onfig "${HOME:-/root}/.nuget/NuGet/NuGet.Config" "${RestoreConfigFile:-/dev/null}" 2>/dev/null
        printf '%s\n' "${OrleansVersion:-}" "${GrpcVersion:-}" "${ProtobufVersion:-}" "${RestoreSources:-}"
    } | cksum | tr -d ' \n'
}

# The kept choice, true or false; nothing where there is none, or it was made for other versions or sources.
kept_choice() {
    [ -f "$package_set" ] && grep -q ">$(package_set_key)<" "$package_set" && sed -n "s:.*<UseStandIns>\(.*\)</UseStandIns>.*:\1:p" "$package_set"
}

# For plain dotnet commands and editors. A file that says the same is left alone: a newer one has everything compiled again.
keep_choice() {
    local text
    text="<Project>
  <!-- The set of packages that ./run and ./test chose. Without this file they choose anew. -->
  <PropertyGroup>
    <UseStandIns>$UseStandIns</UseStandIns>
    <PackageSetKey>$(package_set_key)</PackageSetKey>
  </PropertyGroup>
</Project>"
    [ -f "$package_set" ] && [ "$(cat "$package_set")" = "$text" ] && return
    printf '%s\n' "$text" >"$package_set.$$" && mv "$package_set.$$" "$package_set"
}

# restore PROJECT: quiet, its output in the log.
restore() {
    mkdir -p "$root/artifacts"
    dotnet restore "$1" -p:TreatWarningsAsErrors=false >"$build_log" 2>&1 </dev/null
}

# The errors of the log, each once, without the project that met it.
show_errors() {
    if grep -q ' error ' "$build_log"; then
        grep ' error ' "$build_log" | sed -E 's/ \[[^]]*(proj|sln)\]$//; s/^[^ ]+ : error (NU[0-9]+)/error \1/' | awk '!seen[$0]++' >&2
    else
        tail -n 30 "$build_log" >&2
    fi
}

# Whether the restore failed for no other reason than that packages are missing.
packages_are_missing() {
    grep -Eq 'error NU110[123]:' "$build_log" && ! grep -E ' error ' "$build_log" | grep -Evq 'error NU110[123]:'
}

# Sets and exports UseStandIns. Fails where nothing can be restored.
choose_packages() {
    local why='as UseStandIns says'
    if [ -z "${UseStandIns:-}" ]; then
        why='as before: see PackageSet.props'
        UseStandIns=$(kept_choice) || UseStandIns=
    fi
    case $UseStandIns in
        true | false) ;;
        '')
            UseStandIns=false
            if ! UseStandIns=false restore "$root/GenAIOrleans.sln"; then
                if ! packages_are_missing; then
                    show_errors
                    return 1
                fi
                UseStandIns=true
                why='as the package source lacks parts of both'
            fi
            ;;
        *)
            say "UseStandIns is '$UseStandIns'; it must be true or false."
            return 1
            ;;
    esac
    export UseStandIns
    if [ "$UseStandIns" = true ]; then
        say "With the stand-ins for Orleans and gRPC, $why."
    fi
}

# What a build of the programs depends on. Times and sizes tell of edits, the list of names of files that are gone.
program_sources() {
    {
        printf '%s\n' "$UseStandIns $configuration" "${OrleansVersion:-}" "${GrpcVersion:-}" "${ProtobufVersion:-}"
        find "$root/src" "$root/protos" "$root/standins" \( -name bin -o -name obj \) -prune -o -type f -printf '%p %T@ %s\n'
        find "$root" -maxdepth 1 \( -name 'Directory.*' -o -name .editorconfig \) -printf '%p %T@ %s\n'
    } | sort | cksum
}

# The programs: what is run, and a file that says of which sources it was built.
server_dll=$root/src/Api/bin/$configuration/net10.0/GenAI.Chats.Api.dll
server_stamp=$root/src/Api/obj/$configuration.built
console_dll=$root/src/Console/bin/$configuration/net10.0/chat.dll
console_stamp=$root/src/Console/obj/$configuration.built

# is_built DLL STAMP
is_built() { [ -f "$1" ] && [ "$(program_sources)" = "$(cat "$2" 2>/dev/null)" ]; }

# build PROJECT STAMP...: a program, or the solution, which has them all.
build() {
    local sources project=$1 stamp
    shift
    sources=$(program_sources)
    if ! restore "$project"; then
        show_errors
        return 1
    fi
    keep_choice
    if ! dotnet build "$project" --no-restore -c "$configuration" -v quiet >"$build_log" 2>&1 </dev/null; then
        show_errors
        return 1
    fi
    for stamp; do
        printf '%s\n' "$sources" >"$stamp"
    done
}
