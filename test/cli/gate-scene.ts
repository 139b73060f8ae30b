import { createHash } from 'node:crypto';
import { Gate } from '../../src/cli/loop/gate.ts';
import type { Passed } from '../../src/cli/loop/gate-state.ts';
import type { Compiled } from '../../src/cli/loop/pipeline.ts';
import type { Scene } from '../../src/cli/loop/trial.ts';
import type { Applied, Checked } from '../../src/apply/apply.ts';
import { changesOf, type Changes } from '../../src/apply/changes.ts';
import type { BundleFile, ConfigBundle, OwnedLines } from '../../src/model/bundle.ts';
import type { KubernetesObject } from '../../src/model/objects.ts';
import { formatRef, type Source } from '../../src/model/refs.ts';
import type { Route } from '../../src/model/routing.ts';
import { createTranslator } from '../../src/translate/translate.ts';
import { OPTIONS, snapshotOf } from '../support/objects.ts';

/** What the proxy dislikes in the lines `Ingress shop/a /path`, or `Ingress shop/a /path closed`, `Service shop/web` and `Secret shop/tls`; `line` from 1. */
export type Checker = (lines: readonly string[]) => { readonly line?: number; readonly message: string } | undefined;

/** A gate in front of a proxy that is a function, and a world that a test changes. */
export class GateScene {
  readonly told: object[] = [];
  /** Forgets all but what the proxy runs. */
  readonly restart: () => void;
  /** Objects of the world, by `formatRef`. */
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #translate = createTranslator();
  #gate: Gate;
  checker: Checker;
  /** Whether a reload of these lines fails although the checker accepts them. */
  reloadFails: (lines: readonly string[], running: readonly string[]) => boolean = () => false;
  reloads = 0;
  /** Milliseconds. */
  now = 0;
  /** How often the checker has run. */
  checks = 0;
  /** What the proxy runs. */
  running: readonly string[] | undefined;
  /** Every configuration that the proxy was given. */
  readonly served: (readonly string[])[] = [];
  mayBlame = true;
  templates = {};

  constructor(checker: Checker, isFirstStart = true) {
    this.checker = checker;
    const logger = { debug: skip, info: skip, warn: (fields: object) => this.told.push(fields), error: skip };
    const applier = {
      apply: (bundle: ConfigBundle) => Promise.resolve(this.#apply(bundle)),
      renew: (bundle: ConfigBundle) => Promise.resolve(this.#renew(bundle)),
      check: (bundle: ConfigBundle) => Promise.resolve(this.#check(bundle)),
      compare: (bundle: ConfigBundle) => Promise.resolve(this.#compare(bundle)),
    };
    const gateOf = (isFirst: boolean) =>
      new Gate({ applier, logger, clock: { now: () => this.now }, isFirstStart: isFirst, onStep: skip });
    this.#gate = gateOf(isFirstStart);
    this.restart = () => (this.#gate = gateOf(false));
  }

  /** Whether the gate wants a pass although nothing has changed. */
  get isDue(): boolean {
    return this.#gate.isDue;
  }

  put(...objects: readonly KubernetesObject[]): void {
    for (const object of objects) this.#objects.set(formatRef({ ...object.metadata, kind: object.kind }), object);
  }

  remove(key: string): void {
    this.#objects.delete(key);
  }

  pass(): Promise<Passed> {
    const snapshot = snapshotOf(...this.#objects.values());
    const { templates } = this;
    const scene: Scene = {
      snapshot,
      templates,
      mayBlame: () => this.mayBlame,
      compile: (exclusions) => {
        const { model, diagnostics } = this.#translate(snapshot, OPTIONS, exclusions);
        const routes = model.hosts.flatMap((host) => host.routes.map(toLine));
        const others = [...model.upstreams, ...model.certificates].map(({ source }) => lineOf(source));
        const ingresses = [...snapshot.objects.Ingress.values()].map(({ metadata }) => metadata);
        const counts = { hosts: 0, routes: 0, upstreams: 0 };
        const rest = { ignored: [], counts, objects: {}, certificates: [], timings: { translate: 0, render: 0 } };
        const bundle = bundleOf([...routes, ...others].filter((line) => line !== undefined));
        return { bundle, diagnostics, ingresses, ...rest } satisfies Compiled;
      },
    };
    return this.#gate.pass(scene, skip, new AbortController().signal);
  }

  /** Passes until there is nothing more to find out; how many it took, and the most runs of the checker in one. */
  async settle(): Promise<{ readonly passed: Passed; readonly passes: number; readonly most: number }> {
    let most = 0;
    for (let passes = 1; ; passes += 1) {
      const before = this.checks;
      const passed = await this.pass();
      most = Math.max(most, this.checks - before);
      if (!passed.isUnfinished) return { passed, passes, most };
    }
  }

  #check(bundle: ConfigBundle): Checked {
    this.checks += 1;
    const complaint = this.checker(linesOf(bundle));
    if (complaint === undefined) return { type: 'accepted' };
    const { line, message } = complaint;
    return { type: 'refused', message, places: line === undefined ? [] : [{ path: 'lines', line }] };
  }

  #compare(bundle: ConfigBundle): Changes | undefined {
    const text = this.running?.map((line) => `${line}\n`).join('');
    return text === undefined ? undefined : changesOf(bundle, () => ({ text }));
  }

  #apply(bundle: ConfigBundle): Applied {
    const isRunning = this.running?.join('\n') === linesOf(bundle).join('\n');
    return isRunning ? { result: { type: 'unchanged', generation: 1 }, timings: {} } : this.#renew(bundle);
  }

  #renew(bundle: ConfigBundle): Applied {
    const lines = linesOf(bundle);
    const checked = this.#check(bundle);
    if (checked.type !== 'accepted') return { result: checked, timings: {} };
    this.reloads += 1;
    if (this.reloadFails(lines, this.running ?? []))
      return { result: { type: 'rolled-back', message: 'it did not answer', generation: 1 }, timings: {} };
    this.running = lines;
    this.served.push(lines);
    return { result: { type: 'applied', by: 'reload', generation: 1, changedFiles: [] }, timings: {} };
  }
}

interface Line {
  readonly text: string;
  readonly source: Source;
}

function toLine({ path, source, target }: Route): Line | undefined {
  return lineOf(source, target.type === 'status' && target.status === 503 ? `${path} closed` : path);
}

function lineOf(source: Source | undefined, path = ''): Line | undefined {
  return source === undefined ? undefined : { text: `${formatRef(source.object)} ${path}`.trim(), source };
}

function bundleOf(lines: readonly Line[]): ConfigBundle {
  const text = lines.map((line) => `${line.text}\n`).join('');
  const owners: OwnedLines[] = lines.map(({ source }, index) => ({ first: index + 1, last: index + 1, source }));
  const digest = createHash('sha256').update(text).digest('hex');
  const file: BundleFile = { path: 'lines', text, secret: false, sha256: digest, owners };
  return { files: new Map([['lines', file]]), digest, stamp: () => [] };
}

function linesOf(bundle: ConfigBundle): readonly string[] {
  return (
    bundle.files
      .get('lines')
      ?.text.split('\n')
      .filter((line) => line !== '') ?? []
  );
}

function skip(): void {
  // Nobody listens.
}
