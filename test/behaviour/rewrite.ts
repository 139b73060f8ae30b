import assert from 'node:assert/strict';
import { ingress } from '../support/manifests.ts';
import type { BehaviourCase, BehaviourTable } from './case.ts';

const REGEX = { 'use-regex': 'true', 'rewrite-target': '/new/backend' };

/** Another Ingress of the host, without annotations. */
function plain(path: string, service = 'beta', pathType = 'Prefix'): Pick<BehaviourCase, 'objects'> {
  return {
    objects: ({ host }) => [
      ingress({ name: `${host.split('.')[0] ?? ''}-plain`, rules: [{ host, paths: [{ path, service, pathType }] }] }),
    ],
  };
}

export const REWRITE: BehaviourTable = {
  family: 'rewrite',
  cases: [
    {
      name: 'rewrite-target replaces all of the path and keeps the query',
      keys: ['rewrite-target'],
      annotations: { 'rewrite-target': '/new/backend' },
      paths: [{ path: '/something', service: 'alpha' }],
      requests: [
        { path: '/something', want: { backend: 'alpha', url: '/new/backend' } },
        { path: '/something/else?a=1&b=%20', want: { url: '/new/backend?a=1&b=%20' } },
        { path: '/SomeThingElse', want: { url: '/new/backend' } },
        { path: '/other', want: { status: 404 } },
      ],
    },
    {
      name: 'rewrite-target may be the root, in any case of the path, with a log of it',
      keys: ['rewrite-target'],
      annotations: { 'rewrite-target': '/', 'enable-rewrite-log': 'true' },
      paths: [{ path: '/something', service: 'alpha' }],
      requests: [
        { path: '/something', want: { url: '/' } },
        { path: '/SomeThing', want: { url: '/' } },
      ],
    },
    {
      name: 'rewrite-target puts a group behind a path of its own',
      keys: ['rewrite-target', 'use-regex'],
      annotations: { 'use-regex': 'true', 'rewrite-target': '/new/backend/$1' },
      paths: [{ path: '/foo/bar/(.+)', service: 'alpha' }],
      requests: [{ path: '/foo/bar/bar', want: { url: '/new/backend/bar' } }],
    },
    {
      name: 'rewrite-target takes groups of the path',
      keys: ['rewrite-target', 'use-regex'],
      annotations: { 'use-regex': 'true', 'rewrite-target': '/$2/x$1' },
      paths: [{ path: '/foo(/|$)(.*)', service: 'alpha', pathType: 'ImplementationSpecific' }],
      requests: [
        { path: '/foo', want: { url: '//x' } },
        { path: '/foo/', want: { url: '//x/' } },
        { path: '/foo/bar/baz?q', want: { url: '/bar/baz/x/?q' } },
        { path: '/food', want: { status: 404 } },
      ],
    },
    {
      name: 'rewrite-target sees the decoded path and encodes its result',
      keys: ['rewrite-target'],
      annotations: { 'rewrite-target': '/v1/$1' },
      paths: [{ path: '/api/(.*)', service: 'alpha' }],
      requests: [
        { path: '/%61pi/secret', want: { url: '/v1/secret' } },
        { path: '/api/x/../../api//a%20b', want: { url: '/v1/a%20b' } },
        { path: '/api/100%25', want: { url: '/v1/100%25' } },
        { path: '/api/a%3Fb%23c', want: { url: '/v1/a%3Fb%23c' } },
        { path: '/api/a%0d%0aX:1', want: { url: '/v1/a%0D' } },
        { path: '/api/caf%c3%a9', want: { url: '/v1/caf%C3%A9' } },
        { path: '/api/a:b@c,d=e+f&g!h$i(j)*k;l', want: { url: '/v1/a:b@c,d=e+f&g!h$i(j)*k;l' } },
      ],
    },
    {
      name: 'rewrite-target that is the path changes nothing',
      keys: ['rewrite-target'],
      annotations: { 'rewrite-target': '/same' },
      paths: [{ path: '/same', service: 'alpha' }],
      requests: [
        { path: '/same/x', want: { url: '/same/x' } },
        { path: '/samex', want: { status: 404 } },
        { path: '/SAME', want: { status: 404 } },
      ],
    },
    {
      name: 'rewrite-target that is a URL redirects',
      keys: ['rewrite-target'],
      annotations: { 'rewrite-target': 'https://elsewhere.example.com/$1' },
      paths: [{ path: '/old/(.*)', service: 'alpha' }],
      requests: [
        { path: '/old/a/b', want: { status: 302, headers: { location: 'https://elsewhere.example.com/a/b' } } },
        { path: '/old/a?q=1', want: { status: 302, headers: { location: 'https://elsewhere.example.com/a?q=1' } } },
      ],
    },
    {
      name: 'a longer plain path goes before a rewritten one',
      keys: ['rewrite-target'],
      annotations: { 'rewrite-target': '/new/backend' },
      ...plain('/.well-known/acme/challenge'),
      requests: [
        { path: '/.well-known/acme/challenge', want: { backend: 'beta', url: '/.well-known/acme/challenge' } },
        { path: '/x', want: { backend: 'alpha', url: '/new/backend' } },
      ],
    },
    {
      name: 'use-regex makes expressions of the paths of other Ingresses',
      keys: ['use-regex', 'rewrite-target'],
      annotations: REGEX,
      paths: [{ path: '/foo.+', service: 'alpha' }],
      ...plain('/foo'),
      requests: [
        { path: '/foo', want: { backend: 'beta', url: '/foo' } },
        { path: '/foo/bar', want: { backend: 'alpha', url: '/new/backend' } },
        { path: '/FOO', want: { backend: 'beta' } },
      ],
    },
    {
      name: 'of expressions the longest text wins, not the longest match',
      keys: ['use-regex', 'rewrite-target'],
      annotations: REGEX,
      paths: [{ path: '/foo/bar/[a-z]{3}', service: 'alpha' }],
      ...plain('/foo/bar/bar', 'beta', 'Exact'),
      requests: [
        { path: '/foo/bar/bar', want: { backend: 'alpha', url: '/new/backend' } },
        { path: '/foo/bar/b1', want: { status: 404 } },
      ],
    },
    {
      name: 'a plain path that is no expression still means itself',
      keys: ['use-regex'],
      annotations: { 'use-regex': '1' },
      paths: [{ path: '/[ab] c', service: 'alpha', pathType: 'ImplementationSpecific' }],
      ...plain('/x(y'),
      requests: [
        { path: '/x(y', want: { backend: 'beta' } },
        { path: '/b%20cd', want: { backend: 'alpha', url: '/b%20cd' } },
        { path: '/c', want: { status: 404 } },
      ],
    },
    {
      name: 'use-regex without rewrite-target rewrites nothing',
      keys: ['use-regex'],
      annotations: { 'use-regex': 'true' },
      paths: [{ path: '/v\\d+/', service: 'alpha' }],
      requests: [
        { path: '/V12/x%2Dy?z', want: { backend: 'alpha', url: '/V12/x%2Dy?z' } },
        { path: '/v/', want: { status: 404 } },
      ],
    },
    {
      name: 'quotes, commas and other signs in a path mean themselves',
      keys: ['rewrite-target'],
      annotations: { 'rewrite-target': '/r/$1' },
      paths: [
        { path: '/q"u\'o,te\\)#;{}(.*)', service: 'alpha', pathType: 'ImplementationSpecific' },
        { path: '/50%/(.*)', service: 'beta', pathType: 'ImplementationSpecific' },
        { path: '/\\$HOME/%\\[env\\(PATH\\)](.*)', service: 'gamma', pathType: 'ImplementationSpecific' },
      ],
      requests: [
        { path: "/q%22u'o,te)%23;%7B%7Dx", want: { backend: 'alpha', url: '/r/x' } },
        { path: '/50%25/x', want: { backend: 'beta', url: '/r/x' } },
        { path: '/$HOME/%25[env(PATH)]x', want: { backend: 'gamma', url: '/r/x' } },
      ],
    },
    {
      name: 'an expression reaches no other host',
      keys: ['use-regex'],
      annotations: { 'use-regex': 'true' },
      paths: [
        { path: '/a|.*', service: 'alpha', pathType: 'ImplementationSpecific' },
        { path: '/a)|(?:.*', service: 'alpha', pathType: 'ImplementationSpecific' },
        { path: '/x\\Q(\\E)|.*\\Q[\\E(?:]', service: 'alpha', pathType: 'ImplementationSpecific' },
      ],
      objects: ({ host }) => [
        ingress({
          name: `${host.split('.')[0] ?? ''}-other`,
          annotations: { 'nginx.ingress.kubernetes.io/use-regex': 'true' },
          rules: [{ host: `other.${host}`, paths: [{ path: '/b+c', service: 'beta' }] }],
        }),
        ingress({
          name: `${host.split('.')[0] ?? ''}-wild`,
          annotations: { 'nginx.ingress.kubernetes.io/rewrite-target': '/w$1' },
          rules: [{ host: `*.wild.${host}`, paths: [{ path: '/c(.*)', service: 'gamma' }] }],
        }),
      ],
      run: async ({ send, echo, host }) => {
        const statuses = await Promise.all(
          [`other.${host}`, `x.wild.${host}`, `x.y.wild.${host}`, 'nowhere.test'].map(async (name) => {
            const { status } = await send({ host: name, path: '/a' });
            return status;
          }),
        );
        assert.deepEqual(statuses, [404, 404, 404, 404]);
        assert.equal((await echo({ host: `other.${host}`, path: '/bbc' })).backend, 'beta');
        assert.equal((await echo({ host: `x.wild.${host}`, path: '/cde' })).url, '/wde');
      },
    },
  ],
};
