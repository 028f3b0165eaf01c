#!/usr/bin/env bash
# deps.sh [build|test|judges|bench|deb|deb-test]: installs what is missing of Debian's packages, and says what. Does nothing, quickly, when nothing is
# missing. Asks for sudo only when not root. `build` is enough to build and run; `test` (the default) adds what the tests use; `bench`
# adds the programs that the benchmark compares with; `judges` adds the tools of others that judge
# the gateway; `deb` builds Debian packages, `deb-test` tries them.
set -eu
what=${1:-test}

build="gcc make pkg-config libssl-dev libevent-dev libnghttp2-dev libprotobuf-c-dev protobuf-c-compiler protobuf-compiler
       libprotobuf-dev libsodium-dev libyaml-dev libjansson-dev libexpat1-dev libsqlite3-dev libxxhash-dev libseccomp-dev openssl python3"
test="libcmocka-dev clang clang-format clang-tidy lld libclang-rt-14-dev afl++ python3-cryptography python3-grpcio python3-protobuf python3-jsonschema python3-yaml chromium ffmpeg jq mandoc minisign git curl spin strace e2fsprogs valgrind"
bench="mosquitto libmosquitto-dev nats-server libnats-dev rabbitmq-server librabbitmq-dev haproxy nginx-light
       libnginx-mod-stream"
judges="testssl.sh sslscan gnutls-bin nghttp2-client haproxy curl nodejs prometheus libnss3-tools fonts-noto-cjk python3-hyperframe python3-hpack python3-h2"
deb="debhelper dpkg-dev"
deb_test="lintian debootstrap systemd"

case $what in
build) wanted=$build ;;
test) wanted="$build $test" ;;
judges) wanted="$build $test $judges" ;;
bench) wanted="$build $test $bench" ;;
deb) wanted="$build $deb" ;;
deb-test) wanted="$build $deb $deb_test" ;;
*) echo "usage: deps.sh [build|test|judges|bench|deb|deb-test]" >&2; exit 2 ;;
esac

missing=
for package in $wanted; do
    state=$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null || true)
    [ "${state:0:2}" = ii ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

sudo=
[ "$(id -u)" -eq 0 ] || sudo=sudo
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
# The package lists may be older than the packages they name.
# shellcheck disable=SC2086
$sudo apt-get install -y --no-install-recommends $missing > /dev/null 2>&1 || {
    $sudo apt-get update -q
    $sudo apt-get install -y --no-install-recommends $missing
}
