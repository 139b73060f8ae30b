import type { ConfigBundle } from '../../model/bundle.ts';
import type { Diagnostic } from '../../model/diagnostics.ts';
import type { ProxySettings, TranslateOptions } from '../../model/options.ts';
import type { RoutingModel } from '../../model/routing.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Renderer } from '../../render/render.ts';
import type { IgnoredIngress } from '../../translate/claim.ts';
import { createTranslator } from '../../translate/translate.ts';

/** What the pure half of sluice makes of a snapshot. */
export interface Compiled {
  readonly bundle: ConfigBundle;
  readonly diagnostics: readonly Diagnostic[];
  readonly ignored: readonly IgnoredIngress[];
  readonly counts: Counts;
  /** Milliseconds. */
  readonly timings: { readonly translate: number; readonly render: number };
}

export interface Counts {
  readonly hosts: number;
  readonly routes: number;
  readonly upstreams: number;
}

export type Compiler = (snapshot: Snapshot, options: TranslateOptions) => Compiled;

/** Translation and rendering in one step; remembers what it can use again. */
export function createCompiler(renderer: Renderer, settings: ProxySettings, now: () => number): Compiler {
  const translate = createTranslator();
  return (snapshot, options) => {
    const started = now();
    const { model, diagnostics, ignored } = translate(snapshot, options);
    const translated = now();
    const rendered = renderer(model, settings);
    const timings = { translate: translated - started, render: now() - translated };
    const all = [...diagnostics, ...rendered.diagnostics];
    return { bundle: rendered.bundle, diagnostics: all, ignored, counts: countOf(model), timings };
  };
}

function countOf({ hosts, upstreams }: RoutingModel): Counts {
  const routes = hosts.reduce((sum, host) => sum + host.routes.filter((route) => route.source !== undefined).length, 0);
  return { hosts: hosts.filter((host) => host.name !== '').length, routes, upstreams: upstreams.length };
}
