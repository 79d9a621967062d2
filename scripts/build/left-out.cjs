/*
 * Stands in the bundles for packages that dockerode loads at start and claude-env never uses: ssh2 (we spawn the
 * system's ssh, which checks host keys), and gRPC and protobufjs (BuildKit sessions; our builds use the classic builder).
 * Left in, they double the start-up time, and ssh2 brings native code.
 */
function leftOut(name) {
  return function refuse() {
    throw new Error(`${name} is left out of claude-env's bundle (scripts/build/left-out.cjs)`);
  };
}

// ssh2
exports.Client = leftOut('ssh2');
// @grpc/grpc-js
exports.Server = leftOut('@grpc/grpc-js');
exports.loadPackageDefinition = leftOut('@grpc/grpc-js');
// @grpc/proto-loader and protobufjs
exports.loadSync = leftOut('protobufjs');
