import { pino } from 'pino';
import type { Logger } from '../model/logger.ts';

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly format: 'json' | 'pretty';
}

/** Writes to standard error: JSON lines, or for people. Standard output is left to the proxy's access log. */
export async function createLogger({ level, format }: LogOptions): Promise<Logger> {
  const base = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  let logger: Logger;
  if (format === 'json') {
    const formatters = { level: (label: string) => ({ level: label }) };
    logger = pino({ ...base, formatters }, pino.destination({ fd: 2, sync: true }));
  } else {
    const { default: pretty } = await import('pino-pretty');
    logger = pino(base, pretty({ destination: 2, sync: true, translateTime: 'SYS:HH:MM:ss.l', singleLine: true }));
  }
  return logger;
}
