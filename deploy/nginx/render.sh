#!/bin/sh
# Write nginx's configuration from the environment: render.sh DIRECTORY, then nginx -c DIRECTORY/nginx.conf.
# README.md lists the variables. POSIX sh and sed only, so that it runs in nginx's own image.
# shellcheck disable=SC2034  # settings are read by their names
set -eu

source_dir=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
target=${1:?"usage: render.sh DIRECTORY"}

fail() {
    echo "render.sh: $1" >&2
    exit 1
}

# setting NAME DEFAULT: the environment's value; a setting without a default must be given.
setting() {
    eval "value=\${NGINX_$1-$2}"
    [ -n "$value" ] || [ "${3-}" = may_be_empty ] || fail "NGINX_$1 is not set."
    # Characters that would end a directive or a sed replacement.
    case $value in *[\;\{\}\"\'\\\|\&]* | *'
'*) fail "NGINX_$1 has a character that cannot stand in a configuration." ;; esac
    eval "$1=\$value"
}

setting GATEWAYS ""
setting SERVER_NAMES ""
setting CERTIFICATE ""
setting CERTIFICATE_KEY ""
setting TRUSTED_PROXIES "" may_be_empty
setting ADMIN_NETWORKS "" may_be_empty
setting ADDRESSES "0.0.0.0"
setting HTTPS_PORT 443
setting HTTP_PORT 80
setting STATUS_ADDRESS 127.0.0.1:8081
setting TLS_PROTOCOLS TLSv1.3
setting WORKERS auto
setting USER "" may_be_empty
setting WORKER_CONNECTIONS 40000
setting CONNECTIONS 20000
setting FILE_RATE 5000
setting FILE_BURST 50000
setting PAGE_RATE 1000
setting PAGE_BURST 20000
setting SOCKET_RATE 5000
setting SOCKET_BURST 20000
setting API_RATE 500
setting API_BURST 5000
setting SIGN_IN_RATE 20
setting SIGN_IN_BURST 200
setting MAX_BODY 32m
setting STATE_DIR /var/cache/nginx
setting PID /run/nginx.pid
setting ACCESS_LOG /var/log/nginx/access.log
setting ERROR_LOG /var/log/nginx/error.log

# Each WebSocket uses two: one to the client, one to the gateway.
OPEN_FILES=$((WORKER_CONNECTIONS + 1024))
# By default the user that nginx was built with.
USER_LINE=
[ -z "$USER" ] || USER_LINE="user $USER;"
PORT_SUFFIX=
[ "$HTTPS_PORT" = 443 ] || PORT_SUFFIX=":$HTTPS_PORT"

parts=$(mktemp -d)
trap 'rm -rf "$parts"' EXIT
for part in GATEWAYS SOCKET_GATEWAYS GATEWAY_UPSTREAMS GATEWAY_OF_TAG TRUSTED_PROXIES ADMIN_NETWORKS LISTEN_DEFAULT LISTEN_HTTPS LISTEN_HTTP; do
    : >"$parts/$part"
done

for gateway in $GATEWAYS; do
    tag=${gateway%%=*}
    address=${gateway#*=}
    case $gateway in *=*:*) ;; *) fail "NGINX_GATEWAYS: '$gateway' is not of the form tag=host:port." ;; esac
    case $tag in "" | *[!A-Za-z0-9_-]*) fail "NGINX_GATEWAYS: '$tag' is not a tag (letters, digits, - and _)." ;; esac
    echo "    server $address max_fails=3 fail_timeout=1s;" >>"$parts/GATEWAYS"
    echo "    server $address max_fails=0;" >>"$parts/SOCKET_GATEWAYS"
    cat >>"$parts/GATEWAY_UPSTREAMS" <<END
upstream gateway_$tag {
    zone gateway_$tag 64k;
    server $address;
    keepalive 16;
    keepalive_timeout 4s;
    keepalive_requests 10000;
}
END
    echo "    $tag gateway_$tag;" >>"$parts/GATEWAY_OF_TAG"
done
for proxy in $TRUSTED_PROXIES; do
    echo "set_real_ip_from $proxy;" >>"$parts/TRUSTED_PROXIES"
done
for network in $ADMIN_NETWORKS; do
    echo "    allow $network;" >>"$parts/ADMIN_NETWORKS"
done
for address in $ADDRESSES; do
    echo "    listen $address:$HTTPS_PORT ssl http2 default_server;" >>"$parts/LISTEN_DEFAULT"
    echo "    listen $address:$HTTPS_PORT ssl http2;" >>"$parts/LISTEN_HTTPS"
    echo "    listen $address:$HTTP_PORT;" >>"$parts/LISTEN_HTTP"
done

# A line that consists of a part's name is replaced by that part; other names by their values.
script="$parts/script"
for part in GATEWAYS SOCKET_GATEWAYS GATEWAY_UPSTREAMS GATEWAY_OF_TAG TRUSTED_PROXIES ADMIN_NETWORKS LISTEN_DEFAULT LISTEN_HTTPS LISTEN_HTTP; do
    printf '/^ *@%s@$/{\nr %s\nd\n}\n' "$part" "$parts/$part" >>"$script"
done
for name in SERVER_NAMES CERTIFICATE CERTIFICATE_KEY STATUS_ADDRESS TLS_PROTOCOLS WORKERS WORKER_CONNECTIONS \
    USER_LINE OPEN_FILES PORT_SUFFIX CONNECTIONS FILE_RATE FILE_BURST PAGE_RATE PAGE_BURST SOCKET_RATE SOCKET_BURST \
    API_RATE API_BURST SIGN_IN_RATE SIGN_IN_BURST MAX_BODY STATE_DIR PID ACCESS_LOG ERROR_LOG; do
    eval "value=\$$name"
    printf 's|@%s@|%s|g\n' "$name" "$value" >>"$script"
done

mkdir -p "$target/snippets" "$target/conf.d" "$target/html" "$STATE_DIR"
for file in nginx.conf snippets/types.conf snippets/logging.conf snippets/client.conf snippets/limits.conf \
    snippets/upstream.conf snippets/proxy.conf snippets/api.conf snippets/locations.conf conf.d/gateways.conf conf.d/server.conf; do
    sed -f "$script" "$source_dir/$file" >"$target/$file.new"
    mv "$target/$file.new" "$target/$file"
done
cp "$source_dir/html/unavailable.html" "$target/html/"
