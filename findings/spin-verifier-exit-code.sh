#!/usr/bin/env bash
# SPIN: the exit code of a verification says nothing about its outcome.
#
# Guess: a verifier that finds an assertion violated exits with a code other than 0, as the simulator of the same tool does,
# so a script can rely on it.
# Seen: `spin -run` and the compiled verifier report "errors: 1" and exit with 0. `spin MODEL`, a simulation of the same
# model, exits with 1. Whoever races or compares with SPIN must read the line with "errors:", as docs/spin/compare does.
#
# Needs apt-get, dpkg-deb and gcc. Ends with 1 if the behaviour is another one.
set -euo pipefail
export LC_ALL=C
version=6.5.2+dfsg-1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq "spin=$version"
dpkg-deb -x spin_*.deb root
spin=$work/root/usr/bin/spin
"$spin" -V
gcc --version | head -n 1

cat > model.pml <<'MODEL'
active proctype p() { assert(false) }
MODEL

code() {
	local c=0
	"$@" > out.txt 2>&1 || c=$?
	echo "$c"
}

simulated=$(code "$spin" model.pml)
verified=$(code "$spin" -run model.pml)
errors=$(grep -o 'errors: [0-9]*' out.txt)
"$spin" -a model.pml
gcc -o pan pan.c
compiled=$(code ./pan)

echo "simulation: exit code $simulated; spin -run: exit code $verified, $errors; the compiled verifier: exit code $compiled"
[[ $simulated = 1 && $verified = 0 && $errors = "errors: 1" && $compiled = 0 ]]
