#!/bin/sh
# Unpacks Debian's current Pythons into target/pythons, beside whatever the system has.
#
#     benches/python/unpack.sh                 # 3.13, 3.14 and 3.15
#     benches/python/unpack.sh 3.14
#
# Only `cargo bench --bench python` looks there. To let everything else find them, too:
#
#     export PATH="$PWD/target/pythons/bin:$PATH"
#
# Nothing is installed, and nothing outside of that folder changes. The packages come from Debian's unstable release,
# through the mirror that apt uses on this machine. It needs Debian; its apt checks all signatures.
set -eu

here=$(cd "$(dirname "$0")/../.." && pwd)/target/pythons
[ $# -gt 0 ] || set -- 3.13 3.14 3.15

mirror=$(apt-get indextargets --format '$(SITE)' 'Origin: Debian' 'Label: Debian' 2>/dev/null | head -n 1) || true
keys=/usr/share/keyrings/debian-archive-keyring.gpg
if [ -z "$mirror" ] || [ ! -e "$keys" ]; then
    echo "This needs Debian, and an apt that knows a mirror: try 'apt-get update' first." >&2
    echo "Elsewhere, install Python as you usually do; the benchmark measures each one on PATH." >&2
    exit 1
fi

# An apt of its own, with its own lists, for a system on which nothing is installed yet: so it downloads everything that
# a Python needs, down to the C library.
mkdir -p "$here/apt/lists/partial" "$here/apt/cache/archives/partial" "$here/bin"
echo "deb [signed-by=$keys] $mirror sid main" >"$here/apt/sources.list"
: >"$here/apt/status"
apt() {
    apt-get --quiet=2 -o Dir::Etc::sourcelist="$here/apt/sources.list" -o Dir::Etc::sourceparts=- \
        -o Dir::State::Lists="$here/apt/lists" -o Dir::Cache="$here/apt/cache" -o Dir::State::status="$here/apt/status" \
        -o APT::Sandbox::User= -o Acquire::Languages=none -o Debug::NoLocking=1 "$@"
}
packages=patchelf
for version; do packages="$packages python$version"; done
apt update
apt install --yes --no-install-recommends --download-only $packages

for package in "$here"/apt/cache/archives/*.deb; do
    dpkg-deb --extract "$package" "$here/root"
done
loader=$(echo "$here"/root/usr/lib*/ld-linux*.so.*)
libraries=$(dirname "$(echo "$here"/root/usr/lib/*/libc.so.6)")

# A program names its loader, and the loader finds the C library. Both have to be the ones that were unpacked. (In two
# steps: patchelf 0.18 breaks the program if it does both at once.)
patch() {
    "$loader" --library-path "$libraries" "$here/root/usr/bin/patchelf" "$@"
}
for version; do
    python=$here/root/usr/bin/python$version
    patch --force-rpath --set-rpath "$libraries" --output "$python.path" "$python"
    patch --set-interpreter "$loader" --output "$python.patched" "$python.path"
    mv "$python.patched" "$python"
    rm "$python.path"
    ln -sf "$python" "$here/bin/python$version"
    "$here/bin/python$version" --version
done
rm -r "$here/apt"
