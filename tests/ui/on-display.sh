#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# on-display.sh PROGRAM [ARGUMENT...]: runs PROGRAM on a display of its own. So no window appears on a desktop, nothing there
# disturbs a test, and tests with real pointers run side by side. Where Xvfb is missing, on the display that there is.
set -u
command -v Xvfb >/dev/null || exec "$@"

work=$(mktemp -d) || exit 1
server=
cleanup () {
  [ -z "$server" ] || kill "$server" 2>/dev/null
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# It goes on without clients: by default it begins anew when the last one leaves, and refuses whoever comes meanwhile.
Xvfb -displayfd 3 -screen 0 1280x800x24 -nolisten tcp -noreset 3>"$work/display" >"$work/log" 2>&1 &
server=$!
for _ in $(seq 300); do
  [ -s "$work/display" ] && break
  kill -0 "$server" 2>/dev/null || break
  sleep 0.1
done
if [ ! -s "$work/display" ]; then
  cat "$work/log" >&2
  echo "Bail out! Xvfb did not start"
  exit 1
fi
unset WAYLAND_DISPLAY XAUTHORITY
DISPLAY=:$(head -n 1 "$work/display") GDK_BACKEND=x11 "$@"
