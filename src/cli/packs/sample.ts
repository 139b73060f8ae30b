import type { Source } from '../../model/refs.ts';
import { EMPTY_MODEL, type Route, type RoutingModel, type Target } from '../../model/routing.ts';
import type { PackFiles, PackProblem } from '../../render/pack.ts';
import { loadPack } from '../../render/render.ts';
import { TemplateFailure } from '../../render/template-failure.ts';
import type { UserPack } from '../../render/user-pack.ts';
import { parseFlags, RENDER_FLAGS } from '../flags.ts';
import { NO_MACHINE, toProxySettings } from '../settings.ts';
import { newestIdentity } from '../proxy/target.ts';

/** Renders a small model that has one of everything. @returns where templates failed, in the user's directory */
export function renderSample(files: PackFiles, proxy: string, user: UserPack): readonly PackProblem[] {
  const parsed = parseFlags(RENDER_FLAGS, { proxy });
  if (!parsed.ok) return [];
  try {
    const render = loadPack(files).rendererFor(newestIdentity(parsed.values));
    return unique(render(SAMPLE, toProxySettings(parsed.values, NO_MACHINE)).failures.map(place));
  } catch (error) {
    return [place(TemplateFailure.of(error))];
  }

  function place({ file, line, column, message }: PackProblem): PackProblem {
    const beside = file.replace(/^partials\//, '');
    const own = user.files.has(file) ? file : user.files.has(beside) ? beside : undefined;
    return { file: own === undefined ? file : `${user.directory}/${own}`, line, column, message };
  }
}

function unique(problems: readonly PackProblem[]): readonly PackProblem[] {
  return [
    ...new Map(problems.map((problem) => [`${problem.file}:${problem.line}:${problem.column}`, problem])).values(),
  ];
}

function source(kind: string, name: string, field: string): Source {
  return { object: { kind, namespace: 'shop', name }, field };
}

const PLAIN = { features: undefined, featured: undefined };

function route(path: string, match: Route['match'], target: Target): Route {
  const from = source('Ingress', 'web', 'spec.rules[0].http.paths[0]');
  return { path, match, exactTwin: false, target, redirectToHttps: path === '/', ...PLAIN, source: from };
}

const EXTERNAL = { name: 'backend.example.net', port: 8080 };

function to(upstream: string, fields: object = {}): Target {
  return { type: 'upstream', upstream, available: true, externalName: undefined, ...fields };
}

const ROUTES: readonly Route[] = [
  route('/exact', 'exact', to('shop_web_80')),
  route('/exact/', 'exact', to('shop_web_80')),
  route('/none', 'prefix', to('shop_none_80', { available: false })),
  route('/outside', 'prefix', to('shop_outside_80', { externalName: EXTERNAL })),
  route('/refused', 'prefix', { type: 'status', status: 503 }),
  route('/', 'prefix', { type: 'status', status: 404 }),
];

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const ID = '0123456789abcdef0123456789abcdef';

function upstream(
  service: string,
  fields: Partial<RoutingModel['upstreams'][number]>,
): RoutingModel['upstreams'][number] {
  const from = source('Service', service, '');
  const id = `shop_${service}_80`;
  return {
    id,
    namespace: 'shop',
    service,
    port: '80',
    endpoints: [],
    externalName: undefined,
    balance: undefined,
    direct: true,
    source: from,
    ...fields,
  };
}

/** One of everything that templates can meet. */
export const SAMPLE: RoutingModel = {
  ...EMPTY_MODEL,
  hosts: [
    {
      name: '',
      kind: 'default',
      certificate: undefined,
      features: undefined,
      routes: ROUTES.slice(-1),
      source: undefined,
    },
    {
      name: '*.example.com',
      kind: 'wildcard',
      certificate: undefined,
      features: undefined,
      routes: ROUTES,
      source: source('Ingress', 'web', 'spec.rules[0].host'),
    },
    {
      name: 'shop.example.com',
      kind: 'exact',
      certificate: ID,
      features: undefined,
      routes: ROUTES,
      source: source('Ingress', 'web', 'spec.rules[1].host'),
    },
  ],
  upstreams: [
    upstream('none', {}),
    upstream('outside', { externalName: EXTERNAL }),
    upstream('web', {
      endpoints: [
        { address: '10.0.0.1', port: 8080 },
        { address: '[fd00::1]', port: 8080 },
      ],
    }),
  ],
  certificates: [
    {
      id: ID,
      pem: PEM,
      names: ['shop.example.com'],
      notAfter: 4_102_444_800_000,
      source: source('Secret', 'shop', ''),
    },
  ],
  files: [
    { id: `${ID}.htpasswd`, kind: 'htpasswd', text: 'ann:{PLAIN}sample\n', source: source('Ingress', 'web', '') },
    { id: `${ID}.pem`, kind: 'pem', text: PEM, source: source('Ingress', 'web', '') },
  ],
};
