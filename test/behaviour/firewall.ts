import type { BehaviourTable } from './case.ts';

export const FIREWALL: BehaviourTable = {
  family: 'firewall',
  cases: [
    {
      name: 'requests are served without a firewall, about which there is a warning',
      keys: [],
      annotations: {
        'enable-modsecurity': 'true',
        'enable-owasp-core-rules': 'true',
        'modsecurity-transaction-id': '$request_id',
        'modsecurity-snippet': 'SecRuleEngine On\nInclude /etc/x;}',
      },
      requests: [{ path: '/?q=<script>', want: { backend: 'alpha' } }],
    },
    {
      name: 'a firewall that is off is no matter',
      keys: [],
      annotations: { 'enable-modsecurity': 'false', 'modsecurity-transaction-id': 'modsecurity-$request_id' },
      requests: [{ want: { backend: 'alpha' } }],
    },
  ],
};
