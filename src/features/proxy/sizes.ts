import type { AnswerBuffers } from '../../model/route-features/proxy.ts';
import type { Grammar } from '../annotation.ts';
import { bad, good } from '../grammar.ts';

const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** A size such as `8k`, in bytes, from `least` to `most`. nginx itself takes no `b`, and `g` in some places only. */
export function size(least: number, most: number): Grammar<number> {
  return (text) => {
    const [, digits, unit = ''] = /^(\d{1,15})([bkmg]?)$/.exec(text.trim().toLowerCase()) ?? [];
    if (digits === undefined) return bad('is not a size, such as 512, 8k, 1m or 2g');
    const bytes = Number(digits) * (UNITS[unit] ?? 1);
    return bytes < least || bytes > most ? bad(`is not a size from ${least} to ${most} bytes`) : good(bytes);
  };
}

/** As large as nginx counts. */
export const LARGEST = 2 ** 50;
/** Of what is kept in memory for each connection. */
export const LARGEST_BUFFER = 64 * 1024 ** 2;

interface AskedBuffers {
  readonly size: number | undefined;
  readonly count: number | undefined;
  readonly busy: number | undefined;
}

/**
 * nginx refuses fewer than two buffers, and a busy size that is not from one buffer to all but one
 * (ngx_http_proxy_merge_loc_conf). Without a busy size it takes two buffers, which are too many when there are two.
 */
export function answerBuffers({ size: bytes = 4096, count = 4, busy }: AskedBuffers): AnswerBuffers {
  const most = (count - 1) * bytes;
  return { size: bytes, count, busy: Math.max(bytes, Math.min(busy ?? 2 * bytes, most)) };
}
