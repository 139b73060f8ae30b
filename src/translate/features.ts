import { createHash } from 'node:crypto';
import type { FeatureContext, Lookup } from '../features/family.ts';
import { DEFAULT_GLOBALS, type Globals } from '../features/globals.ts';
import { readFeatures, type IngressFeatures } from '../features/read-features.ts';
import { selectAnnotations } from '../features/reader.ts';
import type { Diagnostic } from '../model/diagnostics.ts';
import type { FeatureFile } from '../model/features.ts';
import type { Ingress } from '../model/objects.ts';
import type { TranslateOptions } from '../model/options.ts';
import { objectKey } from '../model/refs.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { BackendResolver } from './backends.ts';
import { upstreamOfHost } from './cluster-names.ts';
import type { IngressRules } from './rules.ts';

/** What an Ingress asked for, and what it looked at to do so. */
interface Remembered {
  /** The round in which it was last found to hold. */
  seenIn: symbol;
  readonly globals: Globals;
  readonly looks: readonly Look[];
  readonly files: readonly FeatureFile[];
  readonly features: IngressFeatures;
}

/** One look at the world, which can be taken again. */
interface Look {
  readonly value: unknown;
  readonly again: (world: World) => unknown;
}

/** By Ingress; valid while the options stay the same. */
export type FeatureMemory = WeakMap<Ingress, Remembered>;

interface World {
  readonly snapshot: Snapshot;
  readonly options: TranslateOptions;
  readonly resolver: BackendResolver;
}

/** Reads the annotations of the Ingresses of one snapshot. */
export class FeatureResolver {
  readonly #round = Symbol('one translation');
  readonly #world: World;
  readonly #memory: FeatureMemory;
  readonly #globals: Globals;
  readonly #files = new Map<string, FeatureFile>();
  readonly #diagnostics: Diagnostic[] = [];

  constructor(world: World, memory: FeatureMemory, globals: Globals = DEFAULT_GLOBALS) {
    this.#world = world;
    this.#memory = memory;
    this.#globals = globals;
  }

  get diagnostics(): readonly Diagnostic[] {
    return this.#diagnostics;
  }

  /** By id. */
  get files(): ReadonlyMap<string, FeatureFile> {
    return this.#files;
  }

  /** Of global settings. */
  addFiles(files: readonly FeatureFile[]): void {
    for (const file of files) this.#files.set(file.id, file);
  }

  of({ ingress }: IngressRules): IngressFeatures {
    const known = this.#memory.get(ingress);
    if (known?.seenIn === this.#round) return known.features;
    const isSame =
      known?.globals === this.#globals && known.looks.every(({ value, again }) => again(this.#world) === value);
    const entry = isSame ? known : this.#read(ingress);
    if (!isSame) this.#memory.set(ingress, entry);
    entry.seenIn = this.#round;
    for (const file of entry.files) this.#files.set(file.id, file);
    return entry.features;
  }

  /** Says what is wrong with the annotations of an Ingress, once. */
  tell(features: IngressFeatures): void {
    this.#diagnostics.push(...features.diagnostics);
  }

  #read(ingress: Ingress): Remembered {
    const { options } = this.#world;
    const given = selectAnnotations(ingress.metadata.annotations, options.annotationPrefixes);
    const looks: Look[] = [];
    const files: FeatureFile[] = [];
    const context: FeatureContext = {
      ingress,
      globals: this.#globals,
      proxy: options.target,
      hasResolver: options.hasResolver,
      snippets: options.snippets,
      lookup: this.#lookup(looks, files),
    };
    const features = readFeatures(given, context);
    return { seenIn: this.#round, globals: this.#globals, looks, files, features };
  }

  #lookup(looks: Look[], files: FeatureFile[]): Lookup {
    const look = <T>(again: (world: World) => T): T => {
      const value = again(this.#world);
      looks.push({ value, again });
      return value;
    };
    return {
      secret: (namespace, name) => look(({ snapshot }) => snapshot.objects.Secret.get(objectKey(namespace, name))),
      configMap: (namespace, name) =>
        look(({ snapshot }) => snapshot.objects.ConfigMap.get(objectKey(namespace, name))),
      service: (namespace, name) => look(({ snapshot }) => snapshot.objects.Service.get(objectKey(namespace, name))),
      target: (backend, namespace, source) => look(({ resolver }) => resolver.resolve(backend, namespace, source)),
      upstreamOfHost: (host, port) => look(({ resolver }) => upstreamOfHost(host, port, resolver)),
      addFile: (file, extension) => {
        const hash = createHash('sha256').update(file.text).digest('hex').slice(0, 32);
        const id = `${hash}.${extension}`;
        files.push({ id, ...file });
        return id;
      },
    };
  }
}
