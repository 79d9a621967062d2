/*
 * Logs and exec output of containers without a tty come in frames: one byte stream (1 stdout, 2 stderr), three zeros,
 * four bytes length, payload (engine API, "Attach to a container"). With a tty the bytes come as they are.
 */

export type OutputStream = 'stdout' | 'stderr';

/**
 * Returns a function that takes raw chunks, however they are cut, and hands on payloads as they arrive; `isLast` when a
 * frame is whole by that.
 *
 * @param onError told what the engine itself says in a frame of kind 3 (moby stdcopy's Systemerr): why the rest is missing
 */
export function createDemux(
  tty: boolean,
  onData: (stream: OutputStream, data: Buffer, isLast: boolean) => void,
  onError?: (data: Buffer) => void,
): (chunk: Buffer) => void {
  if (tty) return (chunk) => onData('stdout', chunk, false);
  let header = Buffer.alloc(0);
  let stream: OutputStream = 'stdout';
  let isError = false;
  let left = 0;

  return (chunk) => {
    let rest = chunk;
    while (rest.length > 0) {
      if (left === 0) {
        const missing = 8 - header.length;
        header = Buffer.concat([header, rest.subarray(0, missing)]);
        rest = rest.subarray(missing);
        if (header.length < 8) return;
        stream = header[0] === 2 ? 'stderr' : 'stdout';
        isError = header[0] === 3;
        left = header.readUInt32BE(4);
        header = Buffer.alloc(0);
        continue;
      }
      const payload = rest.subarray(0, left);
      left -= payload.length;
      if (isError && onError !== undefined) onError(payload);
      else onData(stream, payload, left === 0);
      rest = rest.subarray(payload.length);
    }
  };
}

/**
 * Whether an answer comes in frames, by its first chunk: of a Swarm's services and tasks, no header says whether they have a
 * terminal. A frame begins with 0 to 3, text with something else.
 */
export const isFramed = (chunk: Buffer): boolean => (chunk[0] ?? 0) <= 3;
