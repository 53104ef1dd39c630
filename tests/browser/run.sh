#!/usr/bin/env bash
# Runs the browser tests (with words: those whose names have one), or says what is missing for them and ends well.
set -euo pipefail
cd "$(dirname "$0")"

chromium=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || true)}
if [ -z "$chromium" ]; then echo "browser tests skipped: no chromium"; exit 0; fi
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then echo "browser tests skipped: no node with npm"; exit 0; fi
if ! npm ci --silent --no-audit --no-fund >/dev/null 2>&1; then
  echo "browser tests skipped: playwright-core and axe-core cannot be installed"
  exit 0
fi
# As the tests are built, so that little is compiled twice.
if [ -z "${GONGBAO:-}" ]; then (cd ../.. && cargo build --quiet --locked --bins --tests); fi
CHROMIUM=$chromium exec node run.mjs "$@"
