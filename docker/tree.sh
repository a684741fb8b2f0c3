#!/bin/sh
# Lays out the files of the image in the folder $1 from .build/dist: the suite's executable under the names of all its
# programs, an empty data directory that any user may write, a temporary directory, and the certificates that TLS clients
# trust, if this machine has them.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
tree=$1
rm -rf "$tree"
mkdir -p "$tree/usr/local/bin" "$tree/etcd-data" "$tree/tmp" "$tree/etc/ssl/certs" "$tree/etc/etcd"
chmod 1777 "$tree/tmp" "$tree/etcd-data"
# One file with several names: a layer holds it once, as long as one COPY brings the whole folder.
cp "$root/.build/dist/etcd-suite" "$tree/usr/local/bin/etcd"
chmod 755 "$tree/usr/local/bin/etcd"
for program in etcdctl etcdutl; do ln "$tree/usr/local/bin/etcd" "$tree/usr/local/bin/$program"; done
if [ -f /etc/ssl/certs/ca-certificates.crt ]; then cp /etc/ssl/certs/ca-certificates.crt "$tree/etc/ssl/certs/"; fi
printf 'root:x:0:0:root:/:/none\nnonroot:x:65532:65532:nonroot:/etcd-data:/none\n' >"$tree/etc/passwd"
printf 'root:x:0:\nnonroot:x:65532:\n' >"$tree/etc/group"
