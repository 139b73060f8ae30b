import type { Grammar } from './annotation.ts';
import { bad, matching } from './grammar.ts';

/** https://docs.openssl.org/master/man1/openssl-ciphers/ */
const ITEM = String.raw`(?:[!+-]?[A-Za-z0-9][A-Za-z0-9.=-]*(?:\+[A-Za-z0-9.=-]+)*)?(?:@STRENGTH|@SECLEVEL=[0-5])?`;
const LIST = new RegExp(`^(?=.{1,1000}$)${ITEM}(?:[:,]${ITEM})*$`);
const CIPHER =
  /^(?:(?:(?:ECDHE-(?:ECDSA|RSA)|DHE-RSA)-)?AES(?:128|256)-(?:GCM-)?SHA(?:256|384)?|(?:ECDHE-(?:ECDSA|RSA)|DHE-RSA)-CHACHA20-POLY1305|(?:HIGH|DEFAULT|ALL|EECDH|ECDHE|kEECDH|kECDHE|EDH|DHE|AES|AESGCM|AES128|AES256|CHACHA20)(?:\+(?:EECDH|ECDHE|ECDSA|RSA|aRSA|aECDSA|AES|AESGCM|AES128|AES256|CHACHA20|SHA256|SHA384|HIGH))*)(?:@.*)?$/;
const ALL_TAKEN_AWAY = /^[!-](?:ALL|DEFAULT|HIGH)$/;

const list = matching(LIST, 'a list of ciphers as OpenSSL takes it');

/** OpenSSL passes over what it does not know, but a list of which nothing is left would keep the proxy from starting. */
export const ciphers: Grammar<string> = (text) => {
  const parsed = list(text);
  if (!parsed.ok) return parsed;
  const items = parsed.value.split(/[:,]/);
  const isLeft = items.some((item) => CIPHER.test(item)) && !items.some((item) => ALL_TAKEN_AWAY.test(item));
  return isLeft ? parsed : bad('names no cipher that OpenSSL has, or leaves none');
};
