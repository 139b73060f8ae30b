import { HONOURED, type Annotation } from './annotation.ts';
import type { Family } from './family.ts';
import { url } from './grammar.ts';

const PERMANENT_REDIRECT: Annotation<string> = {
  key: 'permanent-redirect',
  grammar: url,
  syntax: 'URL',
  fallback: 'no redirect',
  scope: 'path',
  risk: 'Medium',
  about: 'Redirects every request to this URL with status 301; the path of the request is not appended.',
  nginx: HONOURED,
  haproxy: HONOURED,
};

export const REDIRECTS: Family = {
  name: 'redirects',
  about: 'Redirects: to https, to another URL, from and to www.',
  annotations: [PERMANENT_REDIRECT],
  read: (annotations) => {
    const location = annotations.get(PERMANENT_REDIRECT);
    return location === undefined ? {} : { route: { redirect: { status: 301, location } } };
  },
};
