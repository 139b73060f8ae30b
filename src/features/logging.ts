import { differs, HONOURED, unsupported, type Annotation } from './annotation.ts';
import type { Family } from './family.ts';
import { bool } from './grammar.ts';

const ACCESS: Annotation<boolean> = {
  key: 'enable-access-log',
  grammar: bool,
  syntax: 'true or false',
  fallback: 'true',
  scope: 'path',
  risk: 'Low',
  about: 'Writes requests to the access log.',
  nginx: HONOURED,
  haproxy: differs(
    'A request that is refused before its route is known, for its size or its form, is in the log all the same.',
  ),
};

const REWRITE: Annotation<boolean> = {
  ...ACCESS,
  key: 'enable-rewrite-log',
  fallback: 'false',
  about: 'Writes what rewrite-target does to the error log, where notices of these routes are shown then.',
  nginx: HONOURED,
  haproxy: unsupported('HAProxy logs no steps of a rewrite; the access log has the URI that the client asked for'),
};

export const LOGGING: Family = {
  name: 'logging',
  about: 'What is logged.',
  annotations: [ACCESS, REWRITE],
  read: (annotations) => {
    const logging = { access: annotations.get(ACCESS) ?? true, rewrite: annotations.get(REWRITE) ?? false };
    return logging.access && !logging.rewrite ? {} : { route: { logging } };
  },
};
