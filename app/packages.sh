# SPDX-License-Identifier: Apache-2.0
#
# What app/run and tests/run need from the system, and how it is installed. Sourced by both, from
# the top folder; it builds nothing. Sets nothing but the functions and lists below.

# Debian and Ubuntu. The window needs GTK and libadwaita, the processor's fast path oneDNN; icons,
# a font and the SVG loader are there so that the window looks right on a bare system too.
packages_build="gcc g++ libc6-dev pkg-config meson ninja-build gettext libglib2.0-dev libpng-dev libjpeg-dev
  libgdk-pixbuf-2.0-dev libjson-glib-dev libarchive-dev zlib1g-dev libcairo2-dev libpango1.0-dev libdnnl-dev libdcmtk-dev
  libgtk-4-dev libadwaita-1-dev libxml2-utils adwaita-icon-theme librsvg2-common
  fonts-dejavu-core desktop-file-utils gtk-update-icon-cache"
packages_test="xvfb locales"

# Elsewhere the names are only printed.
packages_dnf="gcc gcc-c++ pkgconf meson ninja-build gettext glib2-devel libpng-devel libjpeg-turbo-devel
  gdk-pixbuf2-devel json-glib-devel libarchive-devel zlib-devel cairo-devel pango-devel onednn-devel dcmtk-devel gtk4-devel
  libadwaita-devel libxml2 adwaita-icon-theme librsvg2 dejavu-sans-fonts
  desktop-file-utils gtk-update-icon-cache"
packages_dnf_test="xorg-x11-server-Xvfb glibc-locale-source"
packages_pacman="gcc pkgconf meson ninja gettext glib2-devel libpng libjpeg-turbo gdk-pixbuf2 json-glib
  libarchive zlib cairo pango onednn dcmtk gtk4 libadwaita libxml2 adwaita-icon-theme librsvg ttf-dejavu
  desktop-file-utils gtk-update-icon-cache"
packages_pacman_test="xorg-server-xvfb"

say () { printf '%s\n' "$*" >&2; }
fail () { say "$*"; exit 1; }

# Prints those of the named Debian packages that are not installed.
missing_packages () {
  local name
  for name in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || printf '%s ' "$name"
  done
}

# TRUE if everything that the build looks for is there, whatever package it came from.
have_build_tools () {
  command -v cc meson ninja pkg-config >/dev/null \
    && [ "$(command -v cc meson ninja pkg-config | wc -l)" -eq 4 ] \
    && pkg-config --exists glib-2.0 gio-unix-2.0 libpng libjpeg gdk-pixbuf-2.0 json-glib-1.0 libarchive zlib cairo \
         pangocairo gtk4 libadwaita-1 \
    && printf '#include <oneapi/dnnl/dnnl.h>\n' | cc -E - >/dev/null 2>&1
}

# One line of the packages named with line breaks above.
one_line () { printf '%s' "$*" | tr -s ' \n' ' '; }

# Runs apt-get as root: directly, or through sudo after asking.
run_apt () {
  local missing=$1 answer
  local -a prefix=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "Please have an administrator run: apt-get install $missing"
    [ -t 0 ] || fail "Not run from a terminal, so nothing is installed. Please run: sudo apt-get install $missing"
    printf 'Install them now with sudo apt-get? [y/N] ' >&2
    read -r answer
    case $answer in [yYjJ]*) ;; *) fail "Nothing was installed. To go on without: $0 --no-install" ;; esac
    prefix=(sudo)
  fi
  # Word splitting of the list is wanted.
  # shellcheck disable=SC2086
  { "${prefix[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q update \
      && "${prefix[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends $missing; } >&2 \
    || fail "The packages could not be installed; the lines above say why"
}

# install_packages WITH_TESTS MAY_INSTALL: sees to it that what is needed is there.
install_packages () {
  local wanted=$packages_build missing
  [ "$1" = yes ] && wanted="$wanted $packages_test"
  if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
    # shellcheck disable=SC2086
    missing=$(missing_packages $wanted)
    [ -z "$missing" ] && return 0
    say "Missing packages: $missing"
    if [ "$2" = no ]; then
      say "Going on without them, as --no-install says"
      return 0
    fi
    run_apt "$missing"
    return 0
  fi
  have_build_tools && return 0
  say "This script installs packages on Debian and Ubuntu only. The build needs a C compiler, Meson, Ninja, pkg-config,"
  say "GLib 2.74, libpng, libjpeg, gdk-pixbuf, json-glib, libarchive, zlib, Cairo, Pango, oneDNN, GTK 4.8 and libadwaita 1.2."
  if command -v dnf >/dev/null; then
    say "On Fedora: sudo dnf install $(one_line "$packages_dnf $([ "$1" = yes ] && echo "$packages_dnf_test")")"
  elif command -v pacman >/dev/null; then
    say "On Arch: sudo pacman -S --needed $(one_line "$packages_pacman $([ "$1" = yes ] && echo "$packages_pacman_test")")"
  fi
  [ "$2" = no ] || fail "Install them and run this again, or go on without what is optional: $0 --no-install"
}

# configure FOLDER OPTION...: sets up a build folder once; later runs keep it as it is.
configure () {
  local folder=$1
  shift
  command -v meson >/dev/null || fail "Meson is missing; without --no-install this script installs it"
  if [ ! -f "$folder/build.ninja" ]; then
    meson setup "$folder" "$@" >&2 || fail "The build could not be set up; the lines above say what is missing"
  fi
}

# build FOLDER [TARGET...]: compiles, saying what to do when the folder came from elsewhere.
build () {
  local folder=$1
  shift
  ninja -C "$folder" "$@" >&2 \
    || fail "The build failed. If $folder/ came with a copy from another machine, remove it and run this again"
}
