import type { Diagnostic } from '../model/diagnostics.ts';
import { annotationUnsupported, invalidAnnotation, routeClosed } from '../model/problems.ts';
import type { ObjectRef, Source } from '../model/refs.ts';
import type { TargetProxy } from '../model/options.ts';
import type { Annotation } from './annotation.ts';
import { judge } from './support.ts';

/** One annotation as an object has it. */
interface Given {
  /** With its prefix. */
  readonly name: string;
  readonly text: string;
}

/** Annotations of one Ingress by key without prefix; `undefined` when none has one of the prefixes. */
export type GivenAnnotations = ReadonlyMap<string, Given>;

const NO_ANNOTATIONS: GivenAnnotations = new Map();

/** @param prefixes later ones go before earlier ones */
export function selectAnnotations(
  annotations: Readonly<Record<string, string>>,
  prefixes: readonly string[],
): GivenAnnotations {
  let found: Map<string, Given> | undefined;
  const names = Object.keys(annotations);
  for (const prefix of prefixes) {
    for (const name of names) {
      if (!name.startsWith(prefix) || name[prefix.length] !== '/') continue;
      found ??= new Map();
      found.set(name.slice(prefix.length + 1), { name, text: annotations[name] ?? '' });
    }
  }
  return found ?? NO_ANNOTATIONS;
}

/**
 * Hands the annotations of one Ingress to the families, parsed. What is wrong becomes a diagnostic and counts as not given;
 * for an annotation that guards a route, the route is closed.
 */
export class AnnotationReader {
  readonly diagnostics: Diagnostic[] = [];
  readonly object: ObjectRef;
  #closed: string | undefined;
  readonly #given: GivenAnnotations;
  readonly #proxy: TargetProxy;
  readonly #family: string;

  constructor(given: GivenAnnotations, object: ObjectRef, proxy: TargetProxy, family: string) {
    this.#given = given;
    this.object = object;
    this.#proxy = proxy;
    this.#family = family;
  }

  /** Why the route is closed, if it is. */
  get closed(): string | undefined {
    return this.#closed;
  }

  /** Whether the annotation is there with a text, whatever it says. */
  has(annotation: Annotation<unknown>): boolean {
    return (this.#find(annotation)?.text ?? '') !== '';
  }

  /** Whether its text is nothing but spaces. */
  isBlank(annotation: Annotation<unknown>): boolean {
    return this.has(annotation) && isBlank(this.#find(annotation)?.text ?? '');
  }

  /** The parsed value; `undefined` when it is not given, empty, wrong, or cannot be honoured by the proxy. */
  get<T>(annotation: Annotation<T>): T | undefined {
    const given = this.#find(annotation);
    if (given === undefined || given.text === '') return undefined;
    if (!this.#canHonour(annotation, given)) return undefined;
    // Grammars cut spaces off, and nothing would be left for templates to write.
    const parsed = isBlank(given.text) ? BLANK : annotation.grammar(given.text);
    if (parsed.ok) return parsed.value;
    this.#refuse(annotation, given, parsed.problem);
    return undefined;
  }

  /** The parsed value, whether the proxy honours it or not; nothing is told. */
  peek<T>(annotation: Annotation<T>): T | undefined {
    const parsed = annotation.grammar(this.#find(annotation)?.text ?? '');
    return parsed.ok ? parsed.value : undefined;
  }

  /** Where the annotation is, for diagnostics. */
  sourceOf(annotation: Annotation<unknown>): Source {
    const name = this.#find(annotation)?.name ?? annotation.key;
    return { object: this.object, field: `metadata.annotations[${name}]` };
  }

  /** A value that its grammar takes, and that is of no use all the same. `problem` completes a sentence about it. */
  refuse(annotation: Annotation<unknown>, problem: string): void {
    const given = this.#find(annotation);
    if (given !== undefined) this.#refuse(annotation, given, problem);
  }

  /** Says something else about the Ingress. */
  tell(diagnostic: Diagnostic): void {
    this.diagnostics.push(diagnostic);
  }

  /** Every request of the routes is answered 503. @param reason completes "answers 503, because …" */
  close(annotation: Annotation<unknown>, reason: string): void {
    this.#closed ??= reason;
    this.diagnostics.push(routeClosed(this.sourceOf(annotation), reason));
  }

  #find({ key, aliases = [] }: Annotation<unknown>): Given | undefined {
    for (const name of [key, ...aliases]) {
      const given = this.#given.get(name);
      if (given !== undefined) return given;
    }
    return undefined;
  }

  #canHonour(annotation: Annotation<unknown>, given: Given): boolean {
    const { isHonoured, note } = judge(annotation, this.#family, this.#proxy);
    const source = { object: this.object, field: `metadata.annotations[${given.name}]` };
    // What differs is for `sluice audit` and docs/annotations.md: told at every start, nobody would read it any more.
    if (isHonoured) return true;
    const reason = note ?? 'it is not known';
    this.#addOnce(annotationUnsupported(source, this.#proxy.name, reason));
    if (annotation.guards === true) this.close(annotation, `${annotation.key} cannot be honoured: ${reason}`);
    return false;
  }

  #refuse(annotation: Annotation<unknown>, { name, text }: Given, problem: string): void {
    const source = { object: this.object, field: `metadata.annotations[${name}]` };
    const effect = annotation.guards === true ? 'answers 503' : `taken as ${annotation.fallback}`;
    this.#addOnce(invalidAnnotation(source, text, problem, effect));
    if (annotation.guards === true) this.#closed ??= `${annotation.key} ${problem}`;
  }

  /** A family may ask for the same annotation twice. */
  #addOnce(diagnostic: Diagnostic): void {
    const { field, code } = diagnostic;
    if (!this.diagnostics.some((other) => other.field === field && other.code === code)) {
      this.diagnostics.push(diagnostic);
    }
  }
}

const BLANK = { ok: false, problem: 'is blank' } as const;

function isBlank(text: string): boolean {
  return text.trim() === '';
}
