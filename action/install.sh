#!/usr/bin/env bash
# Makes an environment of its own, so that nothing of the caller's Python changes, and installs schemaguard there.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
venv="$RUNNER_TEMP/schemaguard-venv"

python=''
for candidate in python3 python3.14 python3.13 python3.12 python3.11 python; do
  if "$candidate" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python="$candidate"
    break
  fi
done
if [ -z "$python" ]; then
  echo '::error title=schemaguard::there is no Python 3.11 or later here: put actions/setup-python before this step'
  exit 2
fi

export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
"$python" -m venv --clear "$venv"
bin="$venv/bin"
[ -d "$bin" ] || bin="$venv/Scripts" # Windows

"$bin/python" -m pip install --quiet --require-hashes --only-binary :all: --requirement "$root/action/requirements.txt"
if [ -n "${SCHEMAGUARD_VERSION:-}" ]; then
  if ! [[ "$SCHEMAGUARD_VERSION" =~ ^[0-9]+(\.[0-9A-Za-z]+)*$ ]]; then
    echo '::error title=schemaguard::the input `version` is no version; it looks like 1.2.3'
    exit 2
  fi
  "$bin/python" -m pip install --quiet --no-deps --only-binary :all: "schemaguard==$SCHEMAGUARD_VERSION"
else
  "$bin/python" -m pip install --quiet --no-deps --no-build-isolation "$root"
fi
echo "python=$bin/python" >>"$GITHUB_OUTPUT"
