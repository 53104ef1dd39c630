// A data directory with invented reports, served by the program.
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const program = process.env.GONGBAO || fileURLToPath(new URL("../../target/debug/gongbao", import.meta.url));

const text = (year, more) => [
  "根据有关要求，现将本年度法治政府建设情况报告如下。",
  "一、主要做法和成效",
  "一是完善制度。推进法治政府建设，落实“双随机、一公开”监管。二是规范执法。办理行政复议案件12件。",
  "单位\t件数\t占比",
  "县司法局\t12\t60%",
  "县市场监督管理局\t8\t40%",
  "二、存在的问题",
  `（一）法治意识有待加强。部分单位对法治政府建设重视不够，${year}年培训不足。`,
  "三、下一步打算",
  `继续推进法治政府建设，优化营商环境。${more}`,
].join("\n");

const COUNTIES = [["430482", "常宁市"], ["430424", "衡东县"], ["110105", "朝阳区"]];

const reports = (more) => COUNTIES.flatMap(([region, name], n) => [2019, 2020, 2021, 2022].map((year) => ({
  id: `r-${region}-${year}`,
  url: `https://www.example.gov.cn/${n}/${year}.html`,
  title: `${name}${year}年度法治政府建设工作情况报告`,
  text: text(year, region === "430482" && year === 2020 ? more : ""),
  region_code: region,
  year,
  genre: "rule-of-law-report",
  issuer: `${name}人民政府`,
  published: `${year + 1}-02-27`,
  attachments: [{ url: "https://www.example.gov.cn/a.pdf", name: "附件.pdf" }],
})));

export class Service {
  // With more reports, and portals by id and name.
  static async start(lines = [], portals = []) {
    const service = new Service();
    service.folder = mkdtempSync(join(tmpdir(), "gongbao-browser-"));
    mkdirSync(join(service.folder, "portals"));
    writeFileSync(join(service.folder, "gongbao.toml"), '[server]\nadmin_bind = "127.0.0.1:0"\n');
    for (const [id, name] of [["changning", "常宁市人民政府（示例）"], ...portals]) {
      // A string of JSON is one of TOML.
      writeFileSync(join(service.folder, "portals", `${id}.toml`),
        `id = "${id}"\nname = ${JSON.stringify(name)}\nregion = "430482"\nseeds = ["https://www.${id}.invalid/zwgk/"]\n`);
    }
    service.import([...reports(""), ...lines]);
    service.import(reports("健全长效机制。"));
    service.key = service.run("keys", "create", "--scope", "crawl").stdout.trim();
    service.child = spawn(program, service.args("serve", "--bind", "127.0.0.1:0"), { stdio: ["ignore", "pipe", "ignore"] });
    service.base = await new Promise((resolve, reject) => {
      createInterface({ input: service.child.stdout }).once("line", resolve);
      service.child.once("exit", (code) => reject(new Error(`serve ended with ${code}`)));
    });
    service.base = service.base.replace(/\/$/, "");
    return service;
  }

  args(...args) {
    return ["--config", join(this.folder, "gongbao.toml"), "--data", join(this.folder, "data"), ...args];
  }

  run(...args) {
    const ran = spawnSync(program, this.args(...args), { encoding: "utf8" });
    if (ran.status !== 0) throw new Error(`${args.join(" ")}: ${ran.stderr}`);
    return ran;
  }

  import(lines) {
    const file = join(this.folder, "lines.jsonl");
    writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    this.run("import", "--portal", "changning", file);
  }

  stop() {
    this.child.removeAllListeners("exit");
    this.child.kill("SIGTERM");
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
