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

# For scripts that start a server of their own. It runs as OWNER, a user that is not root, in $folder, a temporary folder, and is
# gone when the script ends, however it ends. The script says in stop_server how it is told to.

# server_folder USER: USER is the one that the server's package made, and is taken if this is root.
server_folder() {
    as_server=()
    owner=$(id -un)
    if [ "$(id -u)" = 0 ]; then
        owner=nobody
        if id "$1" >/dev/null 2>&1; then owner=$1; fi
        as_server=(runuser -u "$owner" --)
    fi
    folder=$(mktemp -d)
    command=
    trap end_server EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    chown "$owner" "$folder"
}

end_server() {
    trap - EXIT INT TERM HUP
    # The command is the leader of a process group: its children end with it.
    [ -z "$command" ] || kill -TERM -- "-$command" 2>/dev/null || true
    stop_server 2>/dev/null || true
    rm -rf "$folder"
}

# Runs in the folder: the working directory of root need not be readable to the owner.
server() { (cd "$folder" && "${as_server[@]}" "$@"); }

# run_beside COMMAND…: job control gives the command a process group; it is waited for in the background so that a signal is
# heard at once.
run_beside() {
    local status=0
    set -m
    "$@" </dev/null &
    command=$!
    set +m
    wait "$command" || status=$?
    command=
    exit "$status"
}
