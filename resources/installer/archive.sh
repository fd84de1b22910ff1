#!/bin/bash
# The Linux archive of a packed folder: archive.sh FOLDER OUT.tar.xz
# Unpacks to one folder, oicdesk/. The same folder gives the same bytes.
set -euo pipefail
folder=$1 out=$2
tar --sort=name --mtime="@${SOURCE_DATE_EPOCH:-0}" --owner=0 --group=0 --numeric-owner \
  -C "$(dirname "$folder")" -cf - "$(basename "$folder")" | xz -T0 "-${XZ_LEVEL:-6}" > "$out.part"
mv "$out.part" "$out"
printf '%s: %d MB\n' "$out" "$(($(stat -c %s "$out") / 1000000))"
