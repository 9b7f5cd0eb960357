#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The rules of the source tree that a compiler does not check: which room may include which, what
# the engine must not call, licence lines, format. Prints TAP; each failed rule lists where,
# and the exit status is 1.
set -u
shopt -s lastpipe # rule counts in this shell
cd "$(dirname "$(readlink -f "$0")")/.." || exit 1

rooms="core image data nn backend model eval train experiment report"
number=0 n_broken=0

# rule NAME: what stands on standard input breaks it.
rule () {
  local broken
  broken=$(cat)
  number=$((number + 1))
  if [ -z "$broken" ]; then
    printf 'ok %d /tree/%s\n' "$number" "$1"
  else
    n_broken=$((n_broken + 1))
    printf 'not ok %d /tree/%s\n' "$number" "$1"
    printf '%s\n' "$broken" | sed 's/^/#   /'
  fi
}

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

find app engine ui resources tests po meson.build meson_options.txt README.md LICENSE \
  -type f ! -name '*~' ! -path '*/__pycache__/*' 2>/dev/null | LC_ALL=C sort >"$work/files"
grep -E '\.(c|cc|h|cu|cuh)$' "$work/files" >"$work/sources"

# FILE:LINE:INCLUDED for each include of a source.
xargs grep -nH '^ *# *include' <"$work/sources" \
  | sed -E 's/^([^:]*:[0-9]+):[^"<]*["<]([^">]*)[">].*/\1:\2/' >"$work/includes"

# FILE:LINE:code without comments and the insides of strings.
LC_ALL=C awk '
  FNR == 1 { inside = 0 }
  {
    line = $0
    gsub (/\\\\/, "", line); gsub (/\\"/, "", line); gsub (/"[^"]*"/, "\"\"", line)
    out = ""
    while (line != "")
      if (inside) {
        if ((i = index (line, "*/")) == 0) break
        line = substr (line, i + 2); inside = 0
      } else {
        i = index (line, "/*"); j = index (line, "//")
        if (j && (!i || j < i)) { out = out substr (line, 1, j - 1); break }
        if (!i) { out = out line; break }
        out = out substr (line, 1, i - 1) " "; line = substr (line, i + 2); inside = 1
      }
    if (out ~ /[^ ]/) print FILENAME ":" FNR ":" out
  }' $(cat "$work/sources") /dev/null >"$work/code"

# calls WHERE NAMES: calls of functions of these names in files whose path matches WHERE.
calls () {
  grep -aE "^($1)[^:]*:" "$work/code" | grep -aE "(^|[^A-Za-z0-9_>.])($2) *\\("
}


{
  earlier=
  for room in $rooms; do
    earlier="$earlier|$room"
    grep "^engine/$room/" "$work/includes" | grep ':engine/' | grep -vE ":engine/(${earlier#|})/"
  done
  grep '^engine/' "$work/includes" | grep -E ':(ui|app)/'
  grep '^ui/' "$work/includes" | grep ':app/'
  grep '^ui/plot/' "$work/includes" | grep ':ui/' | grep -v ':ui/plot/'
} | rule "rooms-include-only-rooms-before-them"

# Rooms inside rooms, in the order in which they may include each other.
{
  for order in "engine/data:import demo" "engine/nn:graph blocks models" \
    "engine/backend/cpu:simd kernels onednn ops lower" "ui:session widgets dialogs pages window"; do
    parent=${order%%:*} earlier=
    for room in ${order#*:}; do
      grep "^$parent/$room/" "$work/includes" | grep ":$parent/[a-z0-9]*/" \
        | grep -vE ":$parent/(plot|$room${earlier:+|$earlier})/"
      earlier="${earlier:+$earlier|}$room"
    done
  done
} | rule "inner-rooms-include-only-rooms-before-them"

# An arrow goes from a source to the source that defines a function it names (definitions begin in
# the first column), and from a header to the headers that it includes.
{
  sed -nE 's#^((engine|ui|app)/[^:]*\.h):[0-9]+:((engine|ui|app)/.*)$#\1 \3#p' "$work/includes"
  LC_ALL=C awk -F: '
    $1 ~ /^(engine|ui|app)\/.*\.(c|cu)$/ {
      text = $0; sub (/^[^:]*:[^:]*:/, "", text)
      if (match (text, /^_?nmd_[a-z0-9_]+ \(/) && text !~ /;$/)
        { home[substr (text, 1, RLENGTH - 2)] = $1; next }
      while (match (text, /_?nmd_[a-z0-9_]+/)) {
        use[++n] = $1 " " substr (text, RSTART, RLENGTH)
        text = substr (text, RSTART + RLENGTH)
      }
    }
    END {
      for (i = 1; i <= n; i++) {
        split (use[i], pair, " ")
        if ((pair[2] in home) && home[pair[2]] != pair[1]) print pair[1], home[pair[2]]
      }
    }' "$work/code"
} | sort -u | tsort 2>&1 >/dev/null | sed 's/^tsort: //; s/^-: input contains a loop:/a circle:/' \
  | rule "no-circles"

{
  sed -nE 's#^((engine|ui|app)/.*):(.*-private\.h)$#\1 \3#p' "$work/includes" \
    | while read -r file header; do
        [ "${header%/*}" = "$header" ] && continue
        case $file in "${header%/*}"/*) ;; *) echo "$file: $header" ;; esac
      done
} | rule "private-headers-stay-in-their-room"

grep -E '^(engine|ui/plot)/' "$work/includes" | grep -E ':(gtk|gdk|adwaita|gsk)[/.]' \
  | rule "no-gtk-in-engine-and-plot"
grep '^engine/' "$work/includes" | grep -E ':(cairo|pango)' | rule "no-cairo-in-engine"

calls 'engine/' 'exit|_exit|_Exit|quick_exit|abort|printf|vprintf|puts|putchar|perror|g_print|g_printerr|setlocale' \
  | rule "engine-never-prints-exits-or-sets-the-locale"
grep -a '^engine/' "$work/code" | grep -aE '[^A-Za-z0-9_](stdout|stderr)([^A-Za-z0-9_]|$)' \
  | rule "engine-leaves-standard-output-alone"

calls 'engine/|ui/|app/' 'strtod|strtof|atof|g_strtod|scanf|sscanf|fscanf' \
  | rule "numbers-are-read-independent-of-the-locale"
calls 'engine/|ui/|app/|tests/' 'sprintf|vsprintf|strcpy|strcat|gets|system|popen|alloca|strtok' \
  | rule "no-unsafe-calls"
# g_autofree on an array frees its first element only
grep -aE '[^A-Za-z0-9_](g_autofree|g_autoptr *\([A-Za-z0-9_]+\)|g_auto *\([A-Za-z0-9_]+\))[^;=({]*[A-Za-z0-9_]\[' "$work/code" \
  | rule "no-arrays-freed-by-themselves"
{
  calls 'engine/|ui/|app/' 'socket|getaddrinfo|gethostbyname|g_socket_[a-z_]+|g_inet_[a-z_]+|g_network_[a-z_]+'
  grep -E ':(libsoup|curl/|sys/socket|netinet/|netdb|arpa/)' "$work/includes"
} | rule "no-network"
calls 'ui/' 'g_thread_new|g_thread_try_new|g_task_run_in_thread|pthread_create|fopen|g_fopen' \
  | rule "ui-starts-no-threads-and-opens-no-files"

{
  grep -E '\.(c|cc|h|cu|cuh|sh|css)$|/run$' "$work/files" | while read -r file; do
    head -n 3 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' || echo "$file: no licence line"
  done
  [ -s LICENSE ] || echo "LICENSE is missing"
} | rule "licence-lines"

# Pictures and other data are passed over by -I.
{
  xargs -d '\n' grep -InH "$(printf '\t')" <"$work/files" | grep -v '^LICENSE:' | cut -c 1-100
  xargs -d '\n' grep -InHE ' +$' <"$work/files" | grep -vE '^(LICENSE|[^:]*\.po):' | cut -c 1-100
} | rule "no-tabs-no-trailing-blanks"

# Paths of one person's machine; and the folder of test data is named by tests alone.
{
  xargs -d '\n' grep -InHE '(^|[^A-Za-z0-9_.-])/(wo''rk|ho''me|o''pt|ro''ot)/' <"$work/files" | cut -c 1-100
  grep -v '^tests/' "$work/files" | xargs -d '\n' grep -InHE '\.\./shar''ed' | cut -c 1-100
} | rule "no-paths-of-one-machine"

# The umbrella header has every public header but those that only compilers of graphs need.
grep -E '^engine/.*\.h$' "$work/sources" \
  | grep -vE -- '-private\.h$|^engine/nmd\.h$|^engine/backend/(cpu|cuda|reference)/|^engine/nn/models/' \
  | grep -vE '^engine/nn/graph/nmd-(liveness|patterns)\.h$' \
  | while read -r header; do
      grep -q "^engine/nmd\.h:[0-9]*:$header$" "$work/includes" \
        || grep -q "^engine/nn/.*\.h:[0-9]*:$header$" "$work/includes" || echo "$header: not in engine/nmd.h"
    done | rule "umbrella-header"

# A file is read by people. Tables of cases and of a network's layers may be longer.
grep -vE '^(engine/nn/models|tests/[a-z]+/cases)/' "$work/sources" | while read -r file; do
  lines=$(wc -l <"$file")
  [ "$lines" -le 700 ] || echo "$file: $lines lines, at most 700"
done | rule "files-of-at-most-700-lines"

# po/POTFILES names every file with texts for people, and no other; both lists are sorted.
{
  {
    xargs grep -lE '^#include (<glib/gi18n|"ui/plot/nmd-plot-words)' <"$work/sources" | grep -vE '^tests/|\.h$'
    grep -E '^resources/.*\.ui$' "$work/files" | xargs grep -l 'translatable="yes"'
    grep -E '^resources/.*\.(desktop|gschema\.xml|metainfo\.xml)$' "$work/files"
  } | LC_ALL=C sort >"$work/texts"
  grep -v '^#' po/POTFILES >"$work/potfiles"
  grep -v '^#' po/LINGUAS >"$work/languages"
  LC_ALL=C diff "$work/potfiles" "$work/texts" \
    | sed -nE 's/^< (.*)/po\/POTFILES: \1 has no texts, or is not in its place/p
               s/^> (.*)/\1: has texts and is not in po\/POTFILES, or not in its place/p'
  LC_ALL=C sort -c "$work/languages" 2>&1
  sed -n 's/^po\/\([^/]*\)\.po$/\1/p' "$work/files" | diff - "$work/languages" \
    | sed -n 's/^[<>] \(.*\)/po\/LINGUAS: \1 stands in one place only, there or as a file/p'
  xargs grep -nHE '[^A-Za-z0-9_](_|N_|ngettext) \([^"]*"[^"]*" *G_G?U?INT' <"$work/sources" \
    | sed 's/$/: a text that no translator sees/'
  xargs grep -nHE '(title|label|tooltip-text|description|subtitle|placeholder-text)">[^<]*[a-z]{3}' \
    $(grep -E '^resources/.*\.ui$' "$work/files") </dev/null
} | rule "texts-are-translatable"

# msgfmt compares placeholders and mnemonics. Here: ends of sentences and of menu items; nothing is left out.
if command -v xgettext >/dev/null; then
  xgettext -f "$work/potfiles" --from-code=UTF-8 -k_ -kN_ -kngettext:1,2 -kg_dngettext:2,3 -kC_:1c,2 --add-comments=Translators \
    --flag=g_strdup_printf:1:c-format --flag=g_string_append_printf:2:c-format -o "$work/texts.pot" 2>"$work/log"
  {
    grep -v -e '^$' -e 'fallback ITS rule' "$work/log" # without the package appstream
    while read -r language; do
      msgfmt -c --check-accelerators=_ -o /dev/null "po/$language.po" 2>&1
      msgmerge -q --no-fuzzy-matching -o "$work/now.po" "po/$language.po" "$work/texts.pot" 2>&1
      msgattrib --only-fuzzy "po/$language.po" | sed -n "s/^msgid/po\/$language.po: fuzzy/p"
      n=$(LC_ALL=C msgfmt --statistics -o /dev/null "$work/now.po" 2>&1 \
        | sed -nE 's/.* ([0-9]+) untranslated.*/\1/p')
      [ -z "$n" ] || echo "po/$language.po: $n texts are not translated: ninja nmd-assist-update-po"
      msgcat --no-wrap "$work/now.po" | awk -v file="po/$language.po" '
        function text (line) { sub (/^[^"]*"/, "", line); sub (/"$/, "", line); return line }
        # Ends of one kind: a stop, an ellipsis, a colon, a question (full-width signs have theirs). Of "pos." only
        # the language knows.
        function end_of (t) {
          if (t ~ /(\.|。) ?$/) return "."
          if (t ~ /…$/) return "…"
          if (t ~ /(:|：) ?$/) return ":"
          if (t ~ /(\?|？)$/) return "?"
          return t ~ /\\n$/ ? "n" : ""
        }
        function compare () {
          if (length (id) > 5 && str != "" && end_of(id) != end_of(str)) print file ": ends differ: " id " | " str
          id = str = ""
        }
        /^msgid /        { compare(); id = text($0); last = "id"; next }
        /^msgid_plural / { last = ""; next }
        /^msgstr(\[0\])? / { str = text($0); last = "str"; next }
        /^msgstr/        { last = ""; next }
        /^"/             { if (last == "id") id = id text($0); else if (last == "str") str = str text($0) }
        END              { compare() }'
    done <"$work/languages"
  } | rule "translations"
else
  : | rule "translations (not checked: no gettext)"
fi

# Section titles are one line.
xargs grep -nHE '^ \* -{20,}' <"$work/sources" | cut -c 1-60 | rule "section-titles-are-one-line"

# Releases of clang-format disagree in details, so only one is asked.
formatter=$(command -v clang-format-14 || command -v clang-format)
if [ -n "$formatter" ] && "$formatter" --version | grep -q 'version 14\.'; then
  grep '\.c$' "$work/sources" | xargs "$formatter" --dry-run 2>&1 | grep 'warning:' \
    | cut -d: -f1 | sort | uniq -c | sed -E 's/^ *([0-9]+) (.*)/\2: \1 places, run clang-format -i/' \
    | rule "format"
else
  : | rule "format (not checked: no clang-format 14)"
fi

echo "1..$number"
[ "$n_broken" -eq 0 ]
