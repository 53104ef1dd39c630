#!/usr/bin/env bash
# Sends what the API's description allows, and much that it does not, to a service of its own, and checks every answer
# against the description: no fault, no status and no shape that is not described.
#
#   tests/schemathesis.sh [CASES] [SEED]   # cases for each operation, 300 by default; what they are depends on the seed, 1 by default
#
# The same seed sends the same, so that a change is judged by what it changed; try others by hand.
# Needs cargo, curl and Python 3 with venv; schemathesis goes into a folder of its own below target/. Exit 3 when it cannot be
# installed, 1 when an answer is wrong.
set -euo pipefail
cd "$(dirname "$0")/.."
cases=${1:-300}
seed=${2:-1}
venv=target/schemathesis
if [ ! -x "$venv/bin/st" ]; then
  if ! { python3 -m venv "$venv" && "$venv/bin/pip" install --quiet 'schemathesis==4.*' 'openapi-spec-validator>=0.7'; }; then
    echo "schemathesis cannot be installed" >&2
    exit 3
  fi
fi
# As the tests are built, so that little is compiled twice.
cargo build --quiet --locked --bins --tests
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; rm -rf "$work"' EXIT
gongbao=(env GONGBAO_SERVER__ADMIN_BIND=127.0.0.1:0 target/debug/gongbao --log error --data "$work/data")

# Reports with two versions, among them the one of the examples.
for text in 推行双随机、一公开监管。 全面推行双随机、一公开监管，办理行政复议。; do
  printf '{"id": "4cf44a4e1f7b12c0f4f0f6a0f4fd4b6a", "url": "https://a.example.gov.cn/1.html", "title": "泾县2020年度法治政府建设情况报告", "text": "%s\\n执法力量不足。", "region_code": "341823", "year": 2020, "genre": "rule-of-law-report"}\n' "$text" >"$work/lines.jsonl"
  "${gongbao[@]}" import "$work/lines.jsonl" >/dev/null 2>&1
done
mkdir "$work/portals"
printf 'name = "泾县人民政府"\nregion = "341823"\nseeds = ["http://127.0.0.1:9/"]\n' >"$work/portals/jingxian.toml"
key=$("${gongbao[@]}" keys create --scope admin)
GONGBAO_CRAWL__PORTALS="$work/portals" "${gongbao[@]}" serve --bind 127.0.0.1:0 >"$work/address" 2>"$work/log" &
server=$!
for _ in $(seq 300); do
  [ -s "$work/address" ] && break
  sleep 0.1
done
address=$(cat "$work/address")

curl -sf "${address}api/v1/openapi.json" >"$work/openapi.json"
"$venv/bin/openapi-spec-validator" "$work/openapi.json"
# Two checks are not for this API: a job that was stopped is still there and says so, and an alert need not have a webhook.
"$venv/bin/st" --config-file tests/schemathesis.toml run "${address}api/v1/openapi.json" --header "Authorization: Bearer $key" \
  --max-examples "$cases" --seed "$seed" --checks all --exclude-checks use_after_free,ensure_resource_availability --workers 1 --generation-database none \
  --suppress-health-check all --no-color
if grep -q '"level":"ERROR"\| ERROR ' "$work/log"; then
  cat "$work/log"
  exit 1
fi
