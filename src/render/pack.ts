import { isRecord } from '../model/record.ts';
import type { PackCommands, QuotingRule } from '../model/pack-commands.ts';
import { parseCommands } from './pack-commands.ts';
import { parseQuoting } from './pack-quoting.ts';

/** The files of a pack directory as text, by path relative to it: `pack.json`, `nginx.conf.hbs`, `partials/location.hbs`. */
export type PackFiles = ReadonlyMap<string, string>;

/** One file of the configuration, or one for each item. */
export interface PackOutput {
  /** With `{id}` in it, each item gets a file of its own; otherwise the items follow one another in one file. */
  readonly path: string;
  /** Name of the template file. */
  readonly template: string;
  readonly each: 'once' | 'host' | 'upstream' | 'certificate' | 'featured-route' | 'file';
  /** Holds key material. */
  readonly secret: boolean;
  /** A secret that the workers of the proxy read, as their user, and not its master as root: their group may read it. */
  readonly workers: boolean;
  /** Of hosts, only those with features: nothing else of them would be written. */
  readonly featured: boolean;
  /** Is rendered anew for every generation, with its number; not part of what decides whether something changed. */
  readonly stamp: boolean;
  /** Changes of it may be given to a proxy that runs, without a reload: by a driver that knows how. */
  readonly runtime: boolean;
}

/** `pack.json`. */
export interface PackManifest {
  readonly format: 1;
  readonly proxy: string;
  readonly outputs: readonly PackOutput[];
  /** For a proxy without a driver of its own. */
  readonly commands?: PackCommands;
  /** Families of annotations that the templates express; `*`: all. None when left out: then annotations are not honoured. */
  readonly features: readonly string[];
  /** Output helpers of the pack's own, by name. */
  readonly quoting?: ReadonlyMap<string, QuotingRule>;
}

export interface PackProblem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** A pack that cannot be used. Its message lists every problem as `file:line:column: text`. */
export class PackError extends Error {
  override readonly name = 'PackError';
  readonly problems: readonly PackProblem[];

  constructor(problems: readonly PackProblem[]) {
    super(problems.map((p) => `${p.file}:${p.line}:${p.column}: ${p.message}`).join('\n'));
    this.problems = problems;
  }
}

/** Reads `pack.json`. @throws PackError */
export function parseManifest(files: PackFiles): PackManifest {
  const text = files.get('pack.json');
  if (text === undefined) throw manifestError('is missing: every pack needs one');
  const value = parseJson(text);
  if (!isRecord(value)) throw manifestError('is not a JSON object');
  if (value['format'] !== 1) throw manifestError('"format" must be 1');
  if (typeof value['proxy'] !== 'string') throw manifestError('"proxy" must name the proxy');
  const outputs: unknown = value['outputs'];
  if (!Array.isArray(outputs) || outputs.length === 0) throw manifestError('"outputs" must list the files to render');
  return {
    format: 1,
    proxy: value['proxy'],
    outputs: outputs.map((item, index) => parseOutput(item, index, files)),
    features: parseFeatures(value['features'] ?? []),
    ...(value['commands'] === undefined ? {} : { commands: orProblem(() => parseCommands(value['commands'])) }),
    ...(value['quoting'] === undefined ? {} : { quoting: orProblem(() => parseQuoting(value['quoting'])) }),
  };
}

function parseFeatures(value: unknown): readonly string[] {
  const isList = Array.isArray(value) && value.every((item) => typeof item === 'string');
  if (!isList) throw manifestError('"features" must list names of families of annotations');
  return value;
}

function orProblem<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof RangeError) throw manifestError(error.message);
    throw error;
  }
}

const EACH = ['once', 'host', 'upstream', 'certificate', 'featured-route', 'file'] as const;
const OUTPUT_PATH = /^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._{}-]+)*$/;

function parseOutput(value: unknown, index: number, files: PackFiles): PackOutput {
  const where = `"outputs[${index}]"`;
  if (!isRecord(value)) throw manifestError(`${where} is not an object`);
  const each = EACH.find((item) => item === (value['each'] ?? 'once'));
  if (each === undefined) throw manifestError(`${where}.each must be one of ${EACH.join(', ')}`);
  const { template } = value;
  if (typeof template !== 'string' || !files.has(template)) {
    throw manifestError(`${where}.template must name a file of the pack, not ${JSON.stringify(template)}`);
  }
  const flags = {
    secret: flag(value, 'secret', where),
    workers: flag(value, 'workers', where),
    featured: flag(value, 'featured', where),
    stamp: flag(value, 'stamp', where),
    runtime: flag(value, 'runtime', where),
  };
  return { path: parseOutputPath(value['path'], each, where), template, each, ...flags };
}

function parseOutputPath(path: unknown, each: PackOutput['each'], where: string): string {
  if (typeof path !== 'string' || !OUTPUT_PATH.test(path)) throw manifestError(`${where}.path must be a relative path`);
  if (path.includes('{id}') && each !== 'upstream' && each !== 'certificate' && each !== 'file') {
    throw manifestError(`${where}.path may hold {id} only with "each": "upstream", "certificate" or "file"`);
  }
  return path;
}

function flag(value: Record<string, unknown>, name: string, where: string): boolean {
  const found = value[name] ?? false;
  if (typeof found !== 'boolean') throw manifestError(`${where}.${name} must be true or false`);
  return found;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw jsonError(error);
  }
}

/** The message of V8 ends in the place, where it knows one. */
function jsonError(error: unknown): PackError {
  const full = error instanceof Error ? error.message : String(error);
  const [place, line = '1', column = '1'] = / \(line (\d+) column (\d+)\)$/.exec(full) ?? [''];
  const message = `not JSON: ${full.slice(0, full.length - place.length)}`;
  return new PackError([{ file: 'pack.json', line: Number(line), column: Number(column), message }]);
}

function manifestError(message: string): PackError {
  return new PackError([{ file: 'pack.json', line: 1, column: 1, message }]);
}
