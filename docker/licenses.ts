import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The license of every package that the given files come from: who passes the bundle on has to pass these on. */
export async function licensesOf(root: string, files: readonly string[]): Promise<string> {
  const names = new Set(files.flatMap((file) => /.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []));
  const texts = await Promise.all([...names].sort().map((name) => licenseOf(join(root, name))));
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

async function licenseOf(directory: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as Package;
  const files = (await readdir(directory)).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(directory, file), 'utf8')));
  return [`${name} ${version} (${license ?? 'see below'})`, ...texts.map((text) => text.trim())].join('\n\n') + '\n';
}

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}
