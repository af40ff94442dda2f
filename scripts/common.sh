# shellcheck shell=bash
# The scripts share this file; they source it, it is not run. Afterwards the working directory is the project's root.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export PATH="/usr/bin:/bin:$PATH"  # Debian's tools, before anything that a version manager put first
export MPLBACKEND=Agg              # pictures go to files: there may be no screen
unset PYTHONDONTWRITEBYTECODE      # tests start hundreds of processes, each of which would compile all that it imports
logs=build/logs
mkdir -p "$logs"

say() { printf '%s\n' "$@"; }
die() {
  printf '%s\n' "$*" >&2
  exit 1
}

# logged NAME COMMAND...: runs the command; its output goes to build/logs/NAME.log.
logged() {
  local log="$logs/$1.log"
  shift
  "$@" >"$log" 2>&1 </dev/null
}

# show_end NAME: shows the end of that log, indented.
show_end() {
  tail -n 40 "$logs/$1.log" | cut -c 1-200 | sed 's/^/    /'
  say "    (all of it: $logs/$1.log)"
}

# logged_or_die NAME COMMAND...: does as logged does; if the command fails, shows the log's end and ends the script.
logged_or_die() {
  logged "$@" || die_with_log "$1"
}

# die_with_log NAME: shows the end of that log, and ends the script.
die_with_log() {
  show_end "$1" >&2
  die "${0##*/}: $1 failed"
}

# install_debian_packages PACKAGE...: installs those that are missing. The caller holds build/setup.lock.
install_debian_packages() {
  local package missing=() root=()
  command -v dpkg-query >/dev/null || die "scripts/${0##*/} needs Debian 12. Elsewhere install: $*"
  for package in "$@"; do
    [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
      missing+=("$package")
  done
  ((${#missing[@]} == 0)) && return
  say "${0##*/}: installing Debian packages: ${missing[*]}"
  if [[ $(id -u) != 0 ]]; then
    command -v sudo >/dev/null || die "That needs root, or sudo. As root: apt-get install ${missing[*]}"
    root=(sudo)
  fi
  logged_or_die apt-update "${root[@]}" apt-get update -q
  logged_or_die apt-install "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -qy --no-install-recommends "${missing[@]}"
}

cxx_files() { find include src examples tests python bench -name '*.[ch]pp' -print0; }
