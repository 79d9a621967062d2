import { fileURLToPath } from 'node:url';

const leftOut = fileURLToPath(new URL('./left-out.cjs', import.meta.url));

/** `resolve.alias` for every bundle that has dockerode in it: the CLI's and Electron's main. */
export const aliases = ['ssh2', '@grpc/grpc-js', '@grpc/proto-loader', 'protobufjs'].map((name) => ({
  find: new RegExp(`^${name}$`),
  replacement: leftOut,
}));
