import assert from 'node:assert/strict';
import { address, cidr, defaultBackend, owner, secretName } from '../../src/cli/addresses.ts';
import { duration, integer, list, oneOf, optional, port, seconds, wait, type Parser } from '../../src/cli/values.ts';

interface Row {
  readonly name: string;
  readonly parse: Parser<unknown>;
  readonly text: string;
  readonly want?: unknown;
  readonly problem?: RegExp;
}

const ROWS: readonly Row[] = [
  { name: 'a port is a number', parse: port, text: '8080', want: 8080 },
  { name: 'a port is not 0', parse: port, text: '0', problem: /whole number from 1 to 65535, got "0"/ },
  { name: 'a port is not over 65535', parse: port, text: '65536', problem: /65536/ },
  { name: 'a port has no sign', parse: port, text: '+80', problem: /got "\+80"/ },
  { name: 'a number is not empty', parse: integer(0, 9), text: '', problem: /got ""/ },
  { name: 'milliseconds', parse: duration, text: '250ms', want: 250 },
  { name: 'minutes', parse: duration, text: '2m', want: 120_000 },
  { name: 'a duration needs a unit', parse: duration, text: '5', problem: /such as 250ms, 5s or 1m, got "5"/ },
  { name: 'whole seconds', parse: seconds, text: '1m', want: 60 },
  { name: 'seconds are whole', parse: seconds, text: '1500ms', problem: /whole seconds/ },
  { name: 'a wait with its cap', parse: wait, text: '10ms:1s', want: { quiet: 10, cap: 1000 } },
  {
    name: 'a wait without a cap has four times the quiet period',
    parse: wait,
    text: '50ms',
    want: { quiet: 50, cap: 200 },
  },
  { name: 'a cap is not under the quiet period', parse: wait, text: '1s:10ms', problem: /a cap not under/ },
  { name: 'a wait has two parts at most', parse: wait, text: '1s:2s:3s', problem: /QUIET:CAP/ },
  { name: 'a choice', parse: oneOf('a', 'b'), text: 'b', want: 'b' },
  { name: 'no other choice', parse: oneOf('a', 'b'), text: 'c', problem: /one of a, b, got "c"/ },
  { name: 'a list', parse: list(port), text: '1, 2,', want: [1, 2] },
  { name: 'an empty list', parse: list(port), text: '', want: [] },
  { name: 'a list with a bad item', parse: list(port), text: '1,x', problem: /got "x"/ },
  { name: 'an optional value', parse: optional(port), text: '', want: undefined },
  { name: 'an IPv4 address', parse: address, text: '127.0.0.1', want: '127.0.0.1' },
  { name: 'an IPv6 address gets brackets and its shortest form', parse: address, text: '0:0::1', want: '[::1]' },
  { name: 'an IPv6 address may have brackets', parse: address, text: '[fd00::1]', want: '[fd00::1]' },
  { name: 'a name is no address', parse: address, text: 'localhost', problem: /an IP address/ },
  { name: 'an abbreviated IPv4 address is none', parse: address, text: '127.1', problem: /an IP address/ },
  { name: 'a zone is not part of an address', parse: address, text: 'fe80::1%eth0', problem: /an IP address/ },
  { name: 'a CIDR', parse: cidr, text: '10.0.0.0/8', want: '10.0.0.0/8' },
  { name: 'a CIDR has a length that fits', parse: cidr, text: '10.0.0.0/33', problem: /a CIDR/ },
  { name: 'a CIDR may be of IPv6', parse: cidr, text: 'fd00::/8', want: 'fd00::/8' },
  { name: 'a CIDR may be one address', parse: cidr, text: '10.1.2.3', want: '10.1.2.3' },
  { name: 'a CIDR is of four numbers', parse: cidr, text: '0', problem: /a CIDR/ },
  { name: 'a CIDR has no octal numbers', parse: cidr, text: '010.0.0.0/8', problem: /a CIDR/ },
  { name: 'a CIDR has one length', parse: cidr, text: '10.0.0.0/8/8', problem: /a CIDR/ },
  { name: 'a CIDR has no zone', parse: cidr, text: 'fe80::1%eth0/64', problem: /a CIDR/ },
  { name: 'a CIDR holds nothing else', parse: cidr, text: '10.0.0.0/8; }', problem: /a CIDR/ },
  { name: 'a Secret', parse: secretName, text: 'a/b', want: { namespace: 'a', name: 'b' } },
  { name: 'a Secret has a namespace', parse: secretName, text: 'b', problem: /NAMESPACE\/NAME/ },
  {
    name: 'a backend with a port number',
    parse: defaultBackend,
    text: 'a/b:80',
    want: { namespace: 'a', name: 'b', port: { number: 80 } },
  },
  {
    name: 'a backend with a port name',
    parse: defaultBackend,
    text: 'a/b:http',
    want: { namespace: 'a', name: 'b', port: { name: 'http' } },
  },
  {
    name: 'a backend without a port is the first of the Service',
    parse: defaultBackend,
    text: 'a/b',
    want: { namespace: 'a', name: 'b', port: undefined },
  },
  { name: 'a backend has a namespace', parse: defaultBackend, text: 'b:80', problem: /NAMESPACE\/SERVICE/ },
  { name: 'an owner', parse: owner, text: '101:0', want: { uid: 101, gid: 0 } },
  { name: 'an owner is in numbers', parse: owner, text: 'nginx:nginx', problem: /UID:GID in numbers/ },
];

describe('values of flags', () => {
  for (const { name, parse, text, want, problem } of ROWS) {
    it(name, () => {
      const parsed = parse(text);
      if (problem === undefined) assert.deepEqual(parsed, { ok: true, value: want });
      else assert.match(parsed.ok ? 'accepted' : parsed.problem, problem);
    });
  }
});
