// Renders formulas by KaTeX: `node katex.mjs FOLDER`, where npm has installed it. Reads a list of
// [tex, display] from standard input, and writes how each went with the seconds of processors.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const folder = process.argv[2];
const address = pathToFileURL(`${folder}/node_modules/katex/dist/katex.mjs`);
const { default: katex } = await import(address);
const formulas = JSON.parse(readFileSync(0, "utf8"));
const before = process.cpuUsage();
const rendered = formulas.map(([tex, displayMode]) => {
  try {
    return katex.renderToString(tex, { displayMode, throwOnError: true, strict: false, trust: true });
  } catch {
    return null;
  }
});
const used = process.cpuUsage(before);
const seconds = (used.user + used.system) / 1e6;
process.stdout.write(JSON.stringify({ version: katex.version, seconds, rendered }));
