import type { ConfigBundle } from '../model/bundle.ts';
import { formatDiagnostic, type Diagnostic } from '../model/diagnostics.ts';
import type { ProxyIdentity, ProxySettings } from '../model/options.ts';
import { renderFailed } from '../model/problems.ts';
import type { Source } from '../model/refs.ts';
import type { FeatureFile } from '../model/features.ts';
import type { Certificate, FeaturedRoute, Host, RoutingModel, Upstream } from '../model/routing.ts';
import { createBundle, type RenderedFile } from './bundle.ts';
import type { Template } from './handlebars.ts';
import { inspectPack, leanLanguage, packLanguage } from './inspect.ts';
import { partialName } from './lint.ts';
import { PackError, type PackFiles, type PackManifest, type PackOutput, type PackProblem } from './pack.ts';
import { TemplateFailure } from './template-failure.ts';
import { joinFragments, toFragment, type Fragment } from './source-map.ts';

export interface Rendered {
  readonly bundle: ConfigBundle;
  /** Items that the templates could not express; they are left out. */
  readonly diagnostics: readonly Diagnostic[];
  /** For each of them, where the templates failed. */
  readonly failures: readonly PackProblem[];
}

/** Renders a model. The same model and settings always give the same bytes. */
export type Renderer = (model: RoutingModel, settings: ProxySettings) => Rendered;

export interface TemplatePack {
  readonly manifest: PackManifest;
  /** A renderer for one proxy binary; it remembers fragments for as long as what they show is there, which changes speed only. */
  readonly rendererFor: (proxy: ProxyIdentity) => Renderer;
}

/** Compiles the files of a pack. @throws PackError listing everything that is wrong with it. */
export function loadPack(files: PackFiles): TemplatePack {
  const whole = packLanguage(files);
  const { manifest, problems } = inspectPack(files, whole);
  if (manifest === undefined || problems.length > 0) throw new PackError(problems);
  const language = leanLanguage(files, whole);
  for (const [path, text] of files) {
    const name = partialName(path);
    if (name !== undefined) language.addPartial(name, text);
  }
  const outputs = manifest.outputs.map((item) => ({
    item,
    template: language.compile(files.get(item.template) ?? '', item.template),
  }));
  return { manifest, rendererFor: (proxy) => createRenderer(outputs, proxy) };
}

interface CompiledOutput {
  readonly item: PackOutput;
  readonly template: Template;
}

/** What every template sees. */
interface Globals {
  readonly settings: ProxySettings;
  readonly proxy: ProxyIdentity;
}

function createRenderer(outputs: readonly CompiledOutput[], proxy: ProxyIdentity): Renderer {
  let globalsKey = '';
  let caches = newCaches(outputs);
  const stamped = outputs.filter(({ item }) => item.stamp);
  return (model, settings) => {
    const key = JSON.stringify(settings);
    if (key !== globalsKey) caches = newCaches(outputs);
    globalsKey = key;
    const globals = { settings, proxy };
    const { files, diagnostics, failures } = renderFiles(outputs, model, globals, caches);
    const stamp = (generation: number) =>
      stamped.map(({ item, template }) => ({ path: item.path, text: template({ ...globals, generation }, []) }));
    return { bundle: createBundle(joinFiles(files), stamp), diagnostics, failures };
  };
}

interface RenderedFiles extends Pick<Rendered, 'diagnostics' | 'failures'> {
  readonly files: readonly RenderedFile[];
}

function renderFiles(
  outputs: readonly CompiledOutput[],
  model: RoutingModel,
  globals: Globals,
  caches: FragmentCaches,
): RenderedFiles {
  const files: RenderedFile[] = [];
  const lost = new Set<object>();
  const told: RenderedItems[] = [];
  for (const output of outputs.filter(({ item }) => !item.stamp)) {
    const { each, path } = output.item;
    if (each === 'once') {
      files.push({ output: output.item, path, fragment: renderOnce(output, { ...globals, ...model }) });
      continue;
    }
    const items = renderItems(output, model, globals, caches.get(output));
    told.push(items);
    if (each === 'host') for (const value of items.lost) lost.add(value);
    files.push(...toFiles(output.item, items.fragments));
  }
  const diagnostics = told.flatMap((items) => items.diagnostics);
  const failures = told.flatMap((items) => items.failures);
  if (lost.size === 0) return { files, diagnostics, failures };
  // Without it everywhere: half of a host, say its prefixes without its exact paths, would serve what it should not.
  const hosts = model.hosts.filter((host) => !lost.has(host));
  const rest = renderFiles(outputs, { ...model, hosts }, globals, caches);
  return {
    ...rest,
    diagnostics: unique([...diagnostics, ...rest.diagnostics]),
    failures: [...failures, ...rest.failures],
  };
}

/** What the second rendering says again. */
function unique(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...new Map(diagnostics.map((item) => [formatDiagnostic(item), item])).values()];
}

/** Outputs of the same path follow one another in one file. */
function joinFiles(files: readonly RenderedFile[]): readonly RenderedFile[] {
  const byPath = new Map<string, RenderedFile>();
  for (const file of files) {
    const first = byPath.get(file.path);
    const fragment = first === undefined ? file.fragment : joinFragments([first.fragment, file.fragment]);
    byPath.set(file.path, { ...(first ?? file), fragment });
  }
  return [...byPath.values()];
}

function renderOnce({ template }: CompiledOutput, view: object): Fragment {
  const sources: Source[] = [];
  return toFragment(template(view, sources), sources);
}

/** Of each output, fragments by the value that they show: an equal world gives the same values (see translate). */
type FragmentCaches = ReadonlyMap<CompiledOutput, WeakMap<object, Fragment>>;

function newCaches(outputs: readonly CompiledOutput[]): FragmentCaches {
  return new Map(outputs.map((output) => [output, new WeakMap()]));
}

interface RenderedItems {
  readonly fragments: readonly { readonly id: string; readonly fragment: Fragment }[];
  readonly diagnostics: readonly Diagnostic[];
  readonly failures: readonly PackProblem[];
  /** Values of the items that failed. */
  readonly lost: readonly object[];
}

interface Item {
  readonly id: string;
  readonly value: object;
  readonly view: object;
  readonly source: Source | undefined;
}

function renderItems(
  output: CompiledOutput,
  model: RoutingModel,
  globals: Globals,
  known: WeakMap<object, Fragment> | undefined,
): RenderedItems {
  const fragments: { id: string; fragment: Fragment }[] = [];
  const diagnostics: Diagnostic[] = [];
  const failures: PackProblem[] = [];
  const lost: object[] = [];
  for (const item of itemsOf(output.item, model)) {
    try {
      const last = known?.get(item.value);
      const fragment = last ?? renderOnce(output, { ...globals, ...item.view });
      if (last === undefined) known?.set(item.value, fragment);
      fragments.push({ id: item.id, fragment });
    } catch (error) {
      if (item.source === undefined) throw error;
      const { file, line, column, message } = TemplateFailure.of(error).within(output.item.template);
      diagnostics.push(renderFailed(item.source, output.item.template, message));
      failures.push({ file, line, column, message });
      lost.push(item.value);
    }
  }
  return { fragments, diagnostics, failures, lost };
}

function hostsFor({ hosts }: RoutingModel, featured: boolean): readonly Host[] {
  return featured ? hosts.filter(({ features }) => features !== undefined) : hosts;
}

function itemsOf({ each, featured }: PackOutput, model: RoutingModel): readonly Item[] {
  switch (each) {
    case 'host':
      return hostsFor(model, featured).map((host: Host) => ({
        id: host.name,
        value: host,
        view: { host },
        source: host.source,
      }));
    case 'upstream':
      return model.upstreams.map((upstream: Upstream) => ({
        id: upstream.id,
        value: upstream,
        view: { upstream },
        source: upstream.source,
      }));
    case 'certificate':
      return model.certificates.map((certificate: Certificate) => ({
        id: certificate.id,
        value: certificate,
        view: { certificate },
        source: certificate.source,
      }));
    case 'featured-route':
      return model.featuredRoutes.map((featured: FeaturedRoute) => ({
        id: featured.id,
        value: featured,
        view: { featured },
        source: featured.source,
      }));
    case 'file':
      return model.files.map((file: FeatureFile) => ({
        id: file.id,
        value: file,
        view: { file },
        source: file.source,
      }));
    case 'once':
      return [];
  }
}

function toFiles(output: PackOutput, items: RenderedItems['fragments']): readonly RenderedFile[] {
  if (!output.path.includes('{id}')) {
    return [{ output, path: output.path, fragment: joinFragments(items.map((item) => item.fragment)) }];
  }
  // What a template writes nothing for is not of the kind that the output is for.
  const written = items.filter(({ fragment }) => fragment.text !== '');
  return written.map(({ id, fragment }) => ({ output, path: output.path.replace('{id}', id), fragment }));
}
