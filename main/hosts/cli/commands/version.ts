import { createIo } from '../io.ts';
import { programVersion } from '../version.ts';

/** Needs nothing but this file. */
export async function version(options: { readonly json: boolean }): Promise<number> {
  const io = createIo(options);
  const found = {
    version: programVersion(),
    node: process.versions.node,
    platform: process.platform,
    arch: process.arch,
  };
  io.data(found);
  io.say(`claude-env ${found.version} (Node ${found.node}, ${found.platform}/${found.arch})`);
  await io.flushed();
  return 0;
}
