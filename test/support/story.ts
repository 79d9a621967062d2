import { afterEach, beforeEach } from 'vitest';

/**
 * The tests of this file, or of the `describe` that this stands in, are one story in order: what comes after a failure is
 * skipped and names it, where it would only fail of the same.
 */
export function inOrder(): void {
  let failed: string | undefined;
  beforeEach(({ skip }) => skip(failed !== undefined, `after “${failed}” failed`));
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') failed ??= task.name;
  });
}
