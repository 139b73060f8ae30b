import { unsupported, type Annotation } from './annotation.ts';
import type { Family } from './family.ts';
import { bool, matching } from './grammar.ts';

const NGINX = unsupported(
  'stock nginx has no OpenTelemetry; with the module of nginx.org, load it and set otel_exporter and otel_trace in your own templates (partials main, http, location)',
);
const HAPROXY = unsupported(
  'HAProxy traces by an agent beside it; add the filter that your build has in your own templates (partial backend)',
);

const SUPPORT = { nginx: NGINX, haproxy: HAPROXY } as const;

const ENABLE: Annotation<boolean> = {
  key: 'enable-opentelemetry',
  grammar: bool,
  syntax: 'true or false',
  fallback: 'false',
  scope: 'path',
  risk: 'Low',
  about: 'Reports a span for each request.',
  ...SUPPORT,
};

const TRUST: Annotation<boolean> = {
  ...ENABLE,
  key: 'opentelemetry-trust-incoming-span',
  fallback: 'true',
  about: 'Takes the span of the client as the parent of its own.',
};

const NAME: Annotation<string> = {
  key: 'opentelemetry-operation-name',
  grammar: matching(/^[A-Za-z0-9_-]*$/, 'of letters, digits, - and _ only'),
  syntax: 'letters, digits, - and _',
  fallback: 'the name of the location',
  scope: 'path',
  risk: 'Medium',
  about: 'Name of the span.',
  ...SUPPORT,
};

/** Without the module nothing is traced, and requests are served all the same: each key says so once. */
export const TRACING: Family = {
  name: 'tracing',
  about: 'Spans of requests by OpenTelemetry.',
  annotations: [ENABLE, TRUST, NAME],
  read: (annotations) => {
    if (annotations.peek(ENABLE) === false) return {};
    annotations.get(ENABLE);
    annotations.get(TRUST);
    annotations.get(NAME);
    return {};
  },
};
