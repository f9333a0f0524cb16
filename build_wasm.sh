#!/usr/bin/env bash
# Builds Ribostep: ./build_wasm.sh [serve|build|test|bench|clean]   (serve is the default)
# Installs what is missing (Debian: apt), gets the third-party sources, compiles, and serves http://localhost:8080.
# Environment: PORT, RIBOSTEP_CACHE, IMGUI_DIR, SDL2_DIR, ZLIB_DIR (own source folders), JOBS.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$PWD
cache=${RIBOSTEP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ribostep}
jobs=${JOBS:-$(nproc 2>/dev/null || echo 2)}
port=${PORT:-8080}

# Third-party sources: name, upstream version, path in a Debian mirror's pool, SHA256 of that file.
sources=(
  "zlib 1.2.13 pool/main/z/zlib/zlib_1.2.13.dfsg.orig.tar.bz2 71feb7947e3c00ef125f83b79a4e529bde31171e5babe48b391f06758d1ab0a1"
  "sdl2 2.26.5 pool/main/libs/libsdl2/libsdl2_2.26.5+dfsg.orig.tar.gz b3f2c822151804125d08db94c65852f711c2e5df2145a59da120748dc32eb9c3"
  "imgui 1.90.1 pool/main/i/imgui/imgui_1.90.1+ds.orig.tar.xz ecce377df0f90b292f15dcbd83d438bddc162b2388c881132bde18c787572a1c"
)

deps_web=""
deps_native=""
started=$SECONDS
part_started=$SECONDS
say() { printf '\n\033[1m== %s\033[0m\n' "$*"; part_started=$SECONDS; }
took() { printf -- '-- %s: %d s\n' "$1" $((SECONDS - part_started)); }
die() { printf 'build_wasm.sh: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# ---- tools ------------------------------------------------------------------------------------------------------
installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# Debian packages wanted for "$1", one a line; commands found on PATH count as installed.
wanted_packages() {
  local pair
  for pair in emcc:emscripten cmake:cmake ninja:ninja-build g++:g++ node:nodejs git:git xz:xz-utils bzip2:bzip2; do
    have "${pair%%:*}" || echo "${pair#*:}"
  done
  local package
  for package in ca-certificates libeigen3-dev nlohmann-json3-dev doctest-dev fonts-inter fonts-jetbrains-mono fonts-dejavu-core \
    python3-fonttools; do
    installed "$package" || echo "$package"
  done
  if [ "$1" = test ] || [ "$1" = bench ]; then
    have npm || echo npm
    [ -x /usr/bin/chromium ] || echo chromium
    installed python3-torch || echo python3-torch
  fi
  if [ "$1" = test ]; then
    have clang-format || echo clang-format
  fi
}

need_tools() {
  if ! have apt-get; then
    local tool missing=""
    for tool in emcc cmake ninja node python3 git; do have "$tool" || missing+=" $tool"; done
    [ -z "$missing" ] || die "please install:$missing (and Python's fonttools); see the README"
    return
  fi
  local packages
  packages=$(wanted_packages "$1" | tr '\n' ' ')
  [ -n "${packages// /}" ] || return 0
  local line="apt-get install -y --no-install-recommends $packages"
  local as=()
  if [ "$(id -u)" != 0 ]; then
    have sudo || die "missing packages; run as root:  apt-get update && $line"
    as=(sudo)
  fi
  say "Installing packages: $packages"
  local env=(env DEBIAN_FRONTEND=noninteractive)
  # The package lists may be absent or old: refresh them, but let a good install go through when a mirror is down.
  "${as[@]}" "${env[@]}" apt-get update -q || echo "-- apt-get update failed; trying with the lists at hand"
  # shellcheck disable=SC2086
  "${as[@]}" "${env[@]}" $line || die "could not install; try by hand:  $line"
  took "packages"
}

# ---- sources ----------------------------------------------------------------------------------------------------
# Debian archives this machine is set up for: .sources and classic lists.
mirrors() {
  {
    cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list /etc/apt/sources.list 2>/dev/null |
      sed -nE 's/^[[:space:]]*URIs:[[:space:]]*//p; s/^[[:space:]]*deb(-src)?[[:space:]]+(\[[^]]*\][[:space:]]+)?([^[:space:]]+).*/\3/p' |
      tr -s ' \t' '\n' | grep -E '^(https?|ftp|file|tor\+https?)://' | grep -v security || true
  } | sed 's#/*$##' | awk '!seen[$0]++'
}

checked() { [ -f "$1" ] && [ "$(sha256sum "$1" | cut -d' ' -f1)" = "$2" ]; }

# download PATH SHA256 FILE: the first mirror whose file has the right checksum wins.
download() {
  local path=$1 sha=$2 file=$3 mirror
  for mirror in $(mirrors); do
    rm -f "$file.part"
    if [ -x /usr/lib/apt/apt-helper ]; then  # knows this machine's proxies and logins
      /usr/lib/apt/apt-helper download-file "$mirror/$path" "$file.part" "SHA256:$sha" >/dev/null 2>&1 || true
    elif have curl; then
      curl -fsSL --retry 2 -o "$file.part" "$mirror/$path" || true
    elif have wget; then
      wget -q -O "$file.part" "$mirror/$path" || true
    fi
    if checked "$file.part" "$sha"; then
      mv "$file.part" "$file"
      return 0
    fi
  done
  rm -f "$file.part"
  return 1
}

# Sets ZLIB_DIR, SDL2_DIR, IMGUI_DIR unless the caller did. Where no archive can be reached they stay empty and
# CMake fetches the pinned upstream tags instead.
need_sources() {
  local row name version path sha variable folder file
  mkdir -p "$cache/download" "$cache/source"
  for row in "${sources[@]}"; do
    read -r name version path sha <<<"$row"
    variable=${name^^}_DIR
    if [ -n "${!variable:-}" ]; then continue; fi
    folder=$cache/source/$name-$version-${sha:0:8}
    if [ ! -d "$folder" ]; then
      file=$cache/download/${path##*/}
      say "Source of $name $version"
      if ! checked "$file" "$sha" && ! download "$path" "$sha" "$file"; then
        echo "-- not in any Debian archive in reach; CMake will fetch the upstream tag"
        continue
      fi
      rm -rf "$folder.part" && mkdir -p "$folder.part"
      tar -xf "$file" -C "$folder.part" --strip-components=1
      mv "$folder.part" "$folder"
      took "$name: checked and unpacked"
    fi
    printf -v "$variable" '%s' "$folder"
  done
}

source_options() {
  printf -- '-DZLIB_DIR=%s\n-DSDL2_DIR=%s\n-DIMGUI_DIR=%s\n' "${ZLIB_DIR:-}" "${SDL2_DIR:-}" "${IMGUI_DIR:-}"
}

# ---- building ---------------------------------------------------------------------------------------------------
# emcc's optimiser looks for acorn where Debian puts Node modules, which only Debian's own node searches.
if [ -d /usr/share/nodejs ]; then export NODE_PATH="/usr/share/nodejs${NODE_PATH:+:$NODE_PATH}"; fi

# build FOLDER TARGET... : ninja with its one-line progress on a terminal, only the essentials in a log.
build() {
  local folder=$1
  shift
  ninja -C "$folder" -j "$jobs" "$@"
}

# configure KIND(web|native) FOLDER SOURCE OPTION... : once; ninja re-runs cmake by itself afterwards.
configure() {
  local kind=$1 folder=$2 source=$3
  shift 3
  local stamp
  stamp=$(printf '%s\n' "$kind" "$source" "$@" "$(compiler "$kind")" | sha256sum | cut -c1-16)
  if [ -f "$folder/build.ninja" ] && [ "$(cat "$folder/configured" 2>/dev/null)" = "$stamp" ]; then return 0; fi
  rm -rf "$folder/CMakeCache.txt" "$folder/CMakeFiles"
  mkdir -p "$folder"
  local log=$folder/configure.log cmake=(cmake)
  [ "$kind" = native ] || cmake=(emcmake cmake)
  "${cmake[@]}" -G Ninja -S "$source" -B "$folder" -DCMAKE_BUILD_TYPE=Release "$@" >"$log" 2>&1 ||
    { cat "$log"; die "cmake failed for $folder"; }
  echo "$stamp" >"$folder/configured"
}

compiler() {
  if [ "$1" = web ]; then emcc --version | head -1; else ${CXX:-c++} --version | head -1; fi
}

# Third-party code, compiled once per compiler and recipe; prints nothing when it is there. Sets deps_<kind>.
need_deps() {
  local kind=$1 key folder
  key=$( { compiler "$kind"; cat src/platform/build/deps/CMakeLists.txt src/platform/imconfig.h; source_options; } | sha256sum | cut -c1-12)
  folder=$cache/deps-$kind-$key
  if [ ! -f "$folder/done" ]; then
    say "Third-party code ($kind)"
    local options
    mapfile -t options < <(source_options)
    configure "$kind" "$folder" src/platform/build/deps "${options[@]}" "-DRIBOSTEP_IMCONFIG_DIR=$root/src"
    build "$folder"
    touch "$folder/done"
    took "third-party code ($kind)"
  fi
  # Sources that CMake fetched itself are known from its cache.
  local name
  for name in ZLIB SDL2 IMGUI; do
    local variable=${name}_DIR
    if [ -z "${!variable:-}" ]; then
      printf -v "$variable" '%s' "$(sed -n "s/^${variable}:[^=]*=//p" "$folder/CMakeCache.txt")"
    fi
  done
  printf -v "deps_$kind" '%s' "$folder"
}

# emcc named its stack option differently over the years.
stack_option() {
  local version
  version=$(emcc --version | head -1 | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -1)
  if [ "$(printf '%s\n3.1.25\n' "$version" | sort -V | head -1)" = 3.1.25 ]; then
    echo -sSTACK_SIZE=1MB
  else
    echo -sTOTAL_STACK=1MB
  fi
}

configure_web() {
  need_deps web
  local options
  mapfile -t options < <(source_options)
  configure web build/web . "${options[@]}" "-DRIBOSTEP_DEPS=$deps_web" "-DRIBOSTEP_STACK_SIZE=$(stack_option)"
}

configure_native() {  # FOLDER OPTION...
  need_deps native
  local folder=$1 options
  shift
  mapfile -t options < <(source_options)
  configure native "$folder" . "${options[@]}" "-DRIBOSTEP_DEPS=$deps_native" "$@"
}

# What tests and benches drive the page with, and measure it against.
npm_packages() {
  if [ -d node_modules/playwright-core ] && [ ! package-lock.json -nt node_modules/.package-lock.json ]; then return 0; fi
  say "npm packages"
  npm ci --no-audit --no-fund --ignore-scripts || return 1
  took "npm packages"
}

build_page() {
  configure_web
  say "The page"
  build build/web app ribostep_fonts || return 1
  cmake --install build/web --prefix dist >build/web/install.log || { cat build/web/install.log; die "install failed"; }
  # Whatever an older build left behind does not belong to the page.
  find dist -type f | sort | comm -23 - <(sed "s#/\./#/#; s#^$root/##" build/web/install_manifest.txt | sort) | xargs -r rm -f
  find dist -type d -empty -delete
  took "the page"
  du -sh --apparent-size dist/app.wasm dist/app.mjs dist/fonts dist/assets | sed 's/^/   /'
}

# ---- commands ---------------------------------------------------------------------------------------------------
do_build() {
  need_tools build
  need_sources
  build_page
  printf '\nBuilt dist/ in %d s. Any static web server can serve that folder.\n' $((SECONDS - started))
}

do_serve() {
  do_build
  exec node web/dev/serve.mjs dist "$port"
}

passed=0
failed=0
count() { passed=$((passed + $1)); failed=$((failed + $2)); }

# one NAME COMMAND... : a check that counts as one test; false when it failed.
one() {
  local name=$1
  shift
  if "$@"; then
    count 1 0
    echo "ok   $name"
  else
    count 0 1
    echo "FAIL $name"
    return 1
  fi
}

# doctest_run NAME COMMAND... : adds doctest's own totals; a crash without totals is one failure.
doctest_run() {
  local name=$1 log status=0 line p f
  shift
  log=$root/build/$name.log
  "$@" --no-colors=true >"$log" 2>&1 || status=$?
  line=$(grep -aE '^\[doctest\] test cases:' "$log" | tail -1 || true)
  p=$(sed -nE 's/.*\| *([0-9]+) passed.*/\1/p' <<<"$line")
  f=$(sed -nE 's/.*\| *([0-9]+) failed.*/\1/p' <<<"$line")
  if [ -z "$p" ] || { [ "$status" != 0 ] && [ "${f:-0}" = 0 ]; }; then
    tail -40 "$log"
    echo "FAIL $name: stopped with status $status"
    count "${p:-0}" 1
    return
  fi
  if [ "$f" != 0 ]; then tail -80 "$log"; fi
  echo "$name: $p passed, $f failed"
  count "$p" "$f"
}

# totals_run NAME COMMAND... : shows the output; its line "NAME: N passed, N failed" counts, its absence is a failure.
totals_run() {
  local name=$1 log=$root/build/$1.log status=0 line
  shift
  "$@" 2>&1 | tee "$log" || status=$?
  line=$(grep -aE "^$name: [0-9]+ passed, [0-9]+ failed" "$log" | tail -1 || true)
  if [ -z "$line" ]; then
    echo "FAIL $name: no totals, status $status"
    count 0 1
    return
  fi
  local p f
  p=$(sed -E 's/^[^:]*: ([0-9]+) passed.*/\1/' <<<"$line")
  f=$(sed -E 's/.* ([0-9]+) failed.*/\1/' <<<"$line")
  count "$p" "$f"
  if [ "$status" != 0 ] && [ "$f" = 0 ]; then
    echo "FAIL $name: status $status"
    count 0 1
  fi
}

formatted() {
  local files
  mapfile -t files < <(find src tests -name '*.cpp' -o -name '*.h' | sort)
  [ ${#files[@]} = 0 ] || clang-format --dry-run --Werror "${files[@]}" 2>&1 | head -40
}

do_test() {
  need_tools test
  need_sources
  mkdir -p build
  local sanitize=build/native-sanitize native=build/native web=build/web

  say "Format"
  one "clang-format" formatted || true
  took "format"

  # A part that does not build is a failure of the suite, not the end of it: the other parts still tell something.
  if compgen -G 'tests/*.cpp' >/dev/null; then
    configure_native "$sanitize" -DRIBOSTEP_SANITIZE=ON
    say "Native tests with address and undefined-behaviour sanitizers"
    if one "sanitized tests compile" build "$sanitize" ribostep_tests; then
      doctest_run native-sanitized env UBSAN_OPTIONS=print_stacktrace=1 "$sanitize/ribostep_tests"
    fi
    took "native tests"
  fi
  if compgen -G 'tests/ui/*.cpp' >/dev/null; then
    say "Tests of the screen, without a window"
    if one "tests of the screen compile" build "$sanitize" ribostep_ui_tests; then
      doctest_run screen "$sanitize/ribostep_ui_tests"
    fi
    took "tests of the screen"
  fi

  configure_native "$native"
  say "Native release build"
  local release=(ribostep)
  if [ -f tests/bits/compare.sh ]; then release+=(ribostep_tests); fi
  if one "native build" build "$native" "${release[@]}" && [ -f tests/cli.mjs ]; then
    totals_run cli env RIBOSTEP_CLI="$root/$native/ribostep" node tests/cli.mjs
    totals_run cli_looks env RIBOSTEP_CLI="$root/$native/ribostep" node tests/cli_looks.mjs
    totals_run cli_motif env RIBOSTEP_CLI="$root/$native/ribostep" node tests/cli_motif.mjs
    totals_run cli_languages env RIBOSTEP_CLI="$root/$native/ribostep" node tests/cli_languages.mjs
  fi
  took "native release build and the command line"
  if [ -x "$native/ribostep" ]; then
    say "Every recurrent layer against PyTorch"
    totals_run torch env RIBOSTEP_CLI="$root/$native/ribostep" /usr/bin/python3 tests/torch_matrix.py
    took "PyTorch"
  fi

  configure_web
  if compgen -G 'tests/*.cpp' >/dev/null; then
    say "The same tests as WebAssembly in Node"
    if one "WebAssembly tests compile" build "$web" ribostep_tests; then
      doctest_run wasm-node node "$web/ribostep_tests.cjs"
    fi
    took "WebAssembly tests"
  fi

  if [ -f tests/bits/compare.sh ]; then
    say "Same bits, native and WebAssembly"
    one "bits are equal" env NATIVE="$root/$native" WEB="$root/$web" bash tests/bits/compare.sh || true
    took "bits"
  fi

  if one "the page builds" build_page_checked && [ -f tests/e2e/run.mjs ]; then
    one "npm packages" npm_packages || true
    say "End to end, in Chromium"
    totals_run e2e env DIST="$root/dist" RIBOSTEP_CLI="$root/$native/ribostep" node tests/e2e/run.mjs
    took "end to end"
  fi

  printf '\nAll parts took %d s.\n' $((SECONDS - started))
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ] && [ "$passed" != 0 ]
}

# In a subshell, so that a failing build is counted instead of ending the run.
build_page_checked() { (build_page); }

# do_bench [words of lines] [--list --again --quick --full --write]: see tests/bench/run.mjs.
do_bench() {
  need_tools bench
  npm_packages
  if [[ " $* " == *" --list "* ]]; then
    node tests/bench/run.mjs "$@"
    return
  fi
  need_sources
  configure_native build/native
  say "The bench's programs"
  build build/native ribostep_bench
  configure_web
  build build/web ribostep_bench_web
  took "the bench's programs"
  build_page
  say "Bench (stops and goes on where it was; stored in build/bench)"
  local status=0
  node tests/bench/run.mjs "$@" || status=$?
  took "bench"
  return "$status"
}

verb=${1:-serve}
[ $# = 0 ] || shift
case $verb in
  serve) do_serve ;;
  build) do_build ;;
  test) do_test ;;
  bench) do_bench "$@" ;;
  clean)
    rm -rf build dist node_modules
    echo "Removed build/, dist/ and node_modules/. Sources and compiled third-party code stay in $cache."
    ;;
  *) die "usage: ./build_wasm.sh [serve|build|test|bench|clean]" ;;
esac
