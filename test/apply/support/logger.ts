import type { Logger } from '../../../src/model/logger.ts';

export interface RecordingLogger extends Logger {
  readonly messages: string[];
}

export function recordingLogger(): RecordingLogger {
  const messages: string[] = [];
  const record = (_: object, message: string): void => void messages.push(message);
  return { messages, debug: record, info: record, warn: record, error: record };
}
