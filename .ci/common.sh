# What the scripts beside this file share. Sourced, not run.

say() { printf '%s\n' "$*" >&2; }

# Run as root: directly, else through sudo.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else return 1; fi
}

# need COMMAND PACKAGE: install PACKAGE if COMMAND is not there.
need() {
    command -v "$1" >/dev/null && return
    say "installing $2 (\`$1\` is missing)"
    apt_install "$2" || { say "\`$1\` is missing: install it (on Debian: apt-get install $2)"; exit 1; }
}

# apt_install PACKAGE…: false if there is no apt-get or no way to be root.
apt_install() {
    command -v apt-get >/dev/null || return 1
    [ -n "${apt_updated:-}" ] || as_root apt-get update -qq >&2 || return 1
    apt_updated=1
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

# A port of the loopback that nobody listens on.
free_port() {
    local port
    while port=$((20000 + RANDOM)); (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
    echo "$port"
}
